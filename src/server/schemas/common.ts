import { Type } from 'typebox'
import type { Static, TObject, TSchema, TUnsafe } from 'typebox'
import { problemCodes } from '../../domain/errors.ts'

/** An object whose unknown fields are refused. */
export const strict = <P extends Record<string, TSchema>>(properties: P, options: { $id?: string; description?: string } = {}): TObject<P> =>
  Type.Object(properties, { additionalProperties: false, ...options })

/** A schema of `sharedSchemas` by its name, so that the documentation states it once. For answers only: nothing resolves it at run time. */
export const ref = <T extends TSchema>(schema: T): TUnsafe<Static<T>> => Type.Unsafe<Static<T>>({ $ref: `${(schema as { $id?: string }).$id}#` })

export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

export const IdParams = strict({ id: Type.String() })

export const PageQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: 'items on a page; 50 unless said' })),
  cursor: Type.Optional(Type.String({ maxLength: 200, description: '`next` of the page before' })),
}

export const PageOf = <T extends TSchema>(item: T) => strict({ items: Type.Array(item), next: Nullable(Type.String({ description: 'cursor of the next page; null on the last' })) })

export const IdempotencyHeaders = Type.Object({
  'idempotency-key': Type.Optional(Type.String({ minLength: 1, maxLength: 255, description: 'the same key and body get the first answer again' })),
})

export const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.String({ enum: Object.keys(problemCodes) }),
    errors: Type.Array(Type.Object({ pointer: Type.String(), expected: Type.String(), found: Type.String() })),
  },
  { $id: 'Problem', description: 'RFC 9457 problem details; `code` is one of the table below.' },
)

/** An answer that says what is wrong. */
export const problemAnswer = (description: string): Record<string, unknown> => ({ description, content: { 'application/problem+json': { schema: ref(Problem) } } })

/** The answers every route may give beside its own. */
export const withProblems = <R extends Record<string, unknown>>(responses: R): R & Record<'4xx' | '5xx', unknown> => {
  return { ...responses, '4xx': problemAnswer('the request cannot be served as it is'), '5xx': problemAnswer('the service cannot serve it now') }
}

/** A body that its handler reads itself, as a stream or in parts: the schema is documentation. */
export const streamed = (schema: Record<string, unknown>) => Type.Unsafe<unknown>({ ...schema, 'x-streamed': true })

/** A response that is a file. */
export const fileResponse = (description: string, mediaType: string) => ({ description, content: { [mediaType]: { schema: Type.Unsafe<unknown>({ type: 'string', format: 'binary' }) } } })

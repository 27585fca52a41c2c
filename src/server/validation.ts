import type { FastifySchemaCompiler } from 'fastify'
import { Compile } from 'typebox/compile'
import type { TLocalizedValidationError } from 'typebox/error'
import type { TSchema } from 'typebox'
import { VentralError } from '../domain/errors.ts'
import type { ProblemDetail } from '../domain/errors.ts'

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}

const at = (value: unknown, pointer: string): unknown =>
  pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((inner, key) => (inner as Record<string, unknown> | null | undefined)?.[key], value)

const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1')

const unknownFields = (errors: TLocalizedValidationError[]): ProblemDetail[] =>
  errors.flatMap((error) =>
    error.keyword === 'additionalProperties'
      ? error.params.additionalProperties.map((key) => ({ pointer: `${error.instancePath}/${escaped(key)}`, expected: 'no such field', found: key }))
      : [],
  )

const missingFields = (errors: TLocalizedValidationError[]): ProblemDetail[] =>
  errors.flatMap((error) =>
    error.keyword === 'required' ? error.params.requiredProperties.map((key) => ({ pointer: `${error.instancePath}/${escaped(key)}`, expected: 'a value', found: 'nothing' })) : [],
  )

const expectation = (error: TLocalizedValidationError): string => {
  if (error.keyword === 'const') return JSON.stringify(error.params.allowedValue)
  if (error.keyword === 'enum') return error.params.allowedValues.map((value) => JSON.stringify(value)).join(', ')
  if (error.keyword === 'type') return `a value of type ${[error.params.type].flat().join(' or ')}`
  return error.message.replace(/^must /, 'to ')
}

/** Of the errors of all branches of a union, those that lie deepest are about the branch that was meant. */
const wrongValues = (errors: TLocalizedValidationError[], value: unknown): ProblemDetail[] => {
  const plain = errors.filter((error) => error.keyword !== 'anyOf' && error.keyword !== 'boolean')
  const deepest = plain.filter((error) => !plain.some((other) => other.instancePath.startsWith(`${error.instancePath}/`)))
  const byPointer = Map.groupBy(deepest, (error) => error.instancePath)
  return [...byPointer].map(([pointer, found]) => ({ pointer, expected: [...new Set(found.map(expectation))].join(' or '), found: shown(at(value, pointer)) }))
}

const names = (details: ProblemDetail[]): string => details.map(({ pointer }) => `"${pointer.slice(1)}"`).join(', ')

/** The VentralError for a value that does not match its schema. Unknown fields come first: a misspelt one is missing, too. */
export const validationError = (errors: TLocalizedValidationError[], value: unknown, httpPart = 'body'): VentralError => {
  const where = httpPart === 'body' ? 'The body' : httpPart === 'querystring' ? 'The query' : 'The request'
  const unknown = unknownFields(errors)
  if (unknown.length > 0) return new VentralError('unknown-field', `${where} has fields that are not known here: ${names(unknown)}. Leave them out or correct their names.`, unknown)
  const missing = missingFields(errors)
  if (missing.length > 0) return new VentralError('missing-field', `${where} lacks ${names(missing)}.`, missing)
  const wrong = wrongValues(errors, value)
  const text = wrong.map(({ pointer, expected, found }) => `${pointer === '' ? where : `"${pointer.slice(1)}"`}: expected ${expected}, found ${found}`).join('; ')
  return new VentralError('invalid-value', `${text}.`, wrong)
}

// Only what is text on the wire is read as something else: a body says its types itself.
const readText = (schema: TSchema | undefined, text: unknown): unknown => {
  const { type } = (schema ?? {}) as { type?: unknown }
  if (typeof text !== 'string') return text
  if ((type === 'integer' || type === 'number') && /^-?\d{1,15}(\.\d{1,15})?$/.test(text)) return Number(text)
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  return text
}

const readTexts = (schema: TSchema, value: unknown): unknown => {
  const { properties = {} } = schema as { properties?: Record<string, TSchema> }
  return Object.fromEntries(Object.entries(value ?? {}).map(([key, text]) => [key, readText(properties[key], text)]))
}

/**
 * Fastify's validator compiler on TypeBox. Unlike the default one it removes no unknown key and coerces nothing in a
 * body; its errors are VentralErrors that name every field. A body that is `streamed` is its handler's to check.
 */
export const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  if ('x-streamed' in schema) return () => true
  const validator = Compile(schema)
  return (value: unknown) => {
    const input = httpPart === 'body' ? value : readTexts(schema, value)
    return validator.Check(input) ? { value: input } : { error: validationError(validator.Errors(input), input, httpPart) }
  }
}

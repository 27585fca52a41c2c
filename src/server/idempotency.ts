import type { FastifyReply, FastifyRequest } from 'fastify'
import { canonicalSha256 } from '../storage/repositories/idempotency.ts'
import type { IdempotencyKey, StoredAnswer } from '../storage/repositories/idempotency.ts'

/** Everybody with the one key, or on this machine where there is none. */
export const OWNER = 'local'

/** Whose the new resource is, and the request's Idempotency-Key with what stands for its body. */
export const creationOf = (request: FastifyRequest, body: unknown): { owner: string; idempotency: IdempotencyKey | null } => {
  const key = request.headers['idempotency-key']
  const route = `${request.method} ${request.routeOptions.url}`
  return { owner: OWNER, idempotency: typeof key === 'string' ? { owner: OWNER, route, key, bodySha256: canonicalSha256(body) } : null }
}

export const sendAnswer = (reply: FastifyReply, { status, headers, body }: StoredAnswer): FastifyReply => reply.code(status).headers(headers).send(body)

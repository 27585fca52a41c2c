import type { FastifyReply, FastifyRequest } from 'fastify'

import { canonicalSha256 } from '../storage/repositories/idempotency.ts'
import type { IdempotencyKey, StoredAnswer } from '../storage/repositories/idempotency.ts'
import { ownerOf } from './request-owner.ts'

/** Whose the new resource is, and the request's Idempotency-Key with what stands for its body. */
export const creationOf = (request: FastifyRequest, body: unknown): { owner: string; idempotency: IdempotencyKey | null } => {
  const key = request.headers['idempotency-key']
  const route = `${request.method} ${request.routeOptions.url}`
  const owner = ownerOf(request)
  return { owner, idempotency: typeof key === 'string' ? { owner, route, key, bodySha256: canonicalSha256(body) } : null }
}

export const sendAnswer = (reply: FastifyReply, { status, headers, body }: StoredAnswer): FastifyReply => reply.code(status).headers(headers).send(body)

import type { FastifyRequest } from 'fastify'
import { isAdmin, rowsOf } from '../domain/access.ts'
import type { Principal } from '../domain/access.ts'
import { VentralError } from '../domain/errors.ts'
import { onBehalfOf } from '../pipeline/context.ts'
import type { PipelineContext } from '../pipeline/context.ts'

/** Who asks. The gate has let nobody in without saying who it is, but to public routes, which need not know. */
export const principalOf = ({ principal }: FastifyRequest): Principal => {
  if (principal === null) throw new Error('a public route asked whose request it is')
  return principal
}

/** Whose the resources are that a request makes. */
export const ownerOf = (request: FastifyRequest): string => principalOf(request).owner

/** Whose resources a request sees; null: everybody's. */
export const seenBy = (request: FastifyRequest): string | null => rowsOf(principalOf(request))

/** The context for a request, in which only what it may see is there. */
export const contextFor = (context: PipelineContext, request: FastifyRequest): PipelineContext => onBehalfOf(context, seenBy(request))

/** Throws `forbidden` for all but administrators, where a route does more to some resources than its scope says. */
export const requireAdmin = (request: FastifyRequest, why: string): void => {
  if (!isAdmin(principalOf(request))) throw new VentralError('forbidden', why, [{ pointer: 'Authorization', expected: 'a key with the scope "admin"', found: principalOf(request).scopes.join(', ') }])
}

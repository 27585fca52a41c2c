import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { Principal, Scope } from '../domain/access.ts'
import type { FastifyBaseLogger, FastifyInstance, RawReplyDefaultExpression, RawRequestDefaultExpression, RawServerDefault } from 'fastify'

/** The app with request types derived from the schemas of the routes. */
export type App = FastifyInstance<RawServerDefault, RawRequestDefaultExpression, RawReplyDefaultExpression, FastifyBaseLogger, TypeBoxTypeProvider>

declare module 'fastify' {
  interface FastifyContextConfig {
    /** answered without the key where one is set: nothing of the user's data */
    public?: boolean
    /** a page of ours, which runs scripts and has styles */
    page?: boolean
    /** what a key must be allowed to do */
    scope?: Scope
  }
  interface FastifyRequest {
    /** who asks; null on public routes */
    principal: Principal | null
  }
}

import type { FastifyInstance, RouteOptions } from 'fastify'
import type { Scope } from '../../domain/access.ts'
import { problemAnswer } from '../schemas/common.ts'

/** How the gate refuses, and what is not there or somebody else's. */
const refusals = (scope: Scope, hasParams: boolean): Record<number, unknown> => ({
  401: problemAnswer('`key-required`: no key, or one that is unknown, expired or revoked'),
  403: problemAnswer(`\`forbidden\`: a key without the scope \`${scope}\`; \`cross-site\`: sent by a page of another site`),
  ...(hasParams ? { 404: problemAnswer('`not-found`: there is none, or it is somebody else’s') } : {}),
  429: problemAnswer('`rate-limited`: more requests than the key may make; `Retry-After` tells when to come back'),
})

/**
 * Sees to it that every route says who may ask: `config.scope`, or `config.public`. A server with a route that does not say so does not
 * start. The documentation of each route gets its scope, and how it is refused. Call it before the routes.
 */
export const requireScopes = (app: FastifyInstance): void => {
  const routes: RouteOptions[] = []
  app.addHook('onRoute', (route) => {
    routes.push(route)
    const { scope } = route.config ?? {}
    if (route.schema === undefined) return
    const { response } = route.schema as { response?: object }
    // A key is not needed on loopback without VENTRAL_API_KEY.
    if (scope === undefined) route.schema = { ...route.schema, security: [] }
    else route.schema = { ...route.schema, security: [{}, { key: [scope] }], ...(response === undefined ? {} : { response: { ...response, ...refusals(scope, route.url.includes(':')) } }) }
  })
  // At the end: a plugin of static files marks its routes after they were seen here.
  app.addHook('onReady', (done) => {
    const undeclared = routes.filter(({ config }) => config?.scope === undefined && config?.public !== true).map(({ method, url }) => `${String(method)} ${url}`)
    done(undeclared.length === 0 ? undefined : new Error(`These routes do not say who may ask (config: { scope } or { public: true }): ${undeclared.join(', ')}`))
  })
}

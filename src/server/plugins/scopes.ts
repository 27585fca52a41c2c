import type { FastifyInstance, RouteOptions } from 'fastify'

/**
 * Sees to it that every route says who may ask: `config.scope`, or `config.public`. A server with a route that does not say so does not
 * start. The documentation of each route gets its scope. Call it before the routes.
 */
export const requireScopes = (app: FastifyInstance): void => {
  const routes: RouteOptions[] = []
  app.addHook('onRoute', (route) => {
    routes.push(route)
    const { scope } = route.config ?? {}
    // A key is not needed on loopback without VENTRAL_API_KEY.
    if (route.schema !== undefined) route.schema = { ...route.schema, security: scope === undefined ? [] : [{}, { key: [scope] }] }
  })
  // At the end: a plugin of static files marks its routes after they were seen here.
  app.addHook('onReady', (done) => {
    const undeclared = routes.filter(({ config }) => config?.scope === undefined && config?.public !== true).map(({ method, url }) => `${String(method)} ${url}`)
    done(undeclared.length === 0 ? undefined : new Error(`These routes do not say who may ask (config: { scope } or { public: true }): ${undeclared.join(', ')}`))
  })
}

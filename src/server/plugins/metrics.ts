import type { FastifyInstance } from 'fastify'
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client'

/** GET /metrics for Prometheus: the process's own figures and the duration of requests by route and status. */
export const addMetrics = (app: FastifyInstance): void => {
  const register = new Registry()
  collectDefaultMetrics({ register })
  const duration = new Histogram({
    name: 'ventral_http_request_duration_seconds',
    help: 'Duration of HTTP requests',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60],
    registers: [register],
  })
  app.addHook('onResponse', (request, reply, done) => {
    // The route's pattern, never the URL: ids would make a series each.
    duration.observe({ method: request.method, route: request.routeOptions.url ?? 'none', status: reply.statusCode }, reply.elapsedTime / 1000)
    done()
  })
  app.get('/metrics', { config: { scope: 'read' }, schema: { summary: 'Figures for Prometheus', tags: ['service'] } }, async (_request, reply) =>
    reply.type(register.contentType).send(await register.metrics()),
  )
}

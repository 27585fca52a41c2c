import type { FastifyInstance } from 'fastify'

/**
 * Lets requests that are under way finish when the app closes, for `graceMs` at most, and keeps no connection longer than
 * that: browsers open some that carry no request, which Node does not count as idle and would wait for.
 */
export const closeGracefully = (app: FastifyInstance, graceMs: number): void => {
  let active = 0
  app.addHook('onRequest', (_request, reply, done) => {
    active++
    reply.raw.once('close', () => active--)
    done()
  })
  app.addHook('preClose', (done) => {
    const end = Date.now() + graceMs
    const timer = setInterval(() => {
      if (active === 0 || Date.now() >= end) app.server.closeAllConnections()
    }, 50)
    app.server.once('close', () => clearInterval(timer))
    // A server that never listened emits no close.
    if (!app.server.listening) clearInterval(timer)
    done()
  })
}

import fs from 'node:fs'
import path from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { VentralError } from '../../domain/errors.ts'
import { builtDashboard } from '../installation.ts'

/** The built page at `/`. Public: it holds no data, and asks for the key where one is needed. */
export const serveDashboard = (app: FastifyInstance, folder = builtDashboard): void => {
  if (!fs.existsSync(path.join(folder, 'index.html'))) {
    app.get('/', { config: { public: true }, schema: { hide: true } }, () => {
      throw new VentralError('not-found', 'The page is not built. Run `npm run build:page` in the checkout; the API works without it.')
    })
    return
  }
  void app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, public: true, page: true }
      route.schema = { ...route.schema, hide: true }
    })
    // Named files only, no wildcard: an unknown path stays a problem+json.
    await scope.register(fastifyStatic, { root: folder, wildcard: false, cacheControl: false })
  })
}

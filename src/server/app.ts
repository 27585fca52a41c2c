import multipart from '@fastify/multipart'
import Fastify from 'fastify'
import type { FastifyBaseLogger } from 'fastify'
import { auditRequests } from './plugins/audit.ts'
import { serveDashboard } from './plugins/dashboard.ts'
import { handleErrors } from './plugins/errors.ts'
import { guard } from './plugins/gate.ts'
import { closeGracefully } from './plugins/graceful-close.ts'
import { addMetrics } from './plugins/metrics.ts'
import { documentRoutes, serveDocumentation } from './plugins/openapi.ts'
import { requireScopes } from './plugins/scopes.ts'
import { addSecurityHeaders } from './plugins/security-headers.ts'
import { activationsRoutes } from './routes/activations.ts'
import { auditRoutes } from './routes/audit.ts'
import { backboneRoutes } from './routes/backbones.ts'
import { citationRoutes } from './routes/citation.ts'
import { classificationRoutes } from './routes/classification.ts'
import { comparisonRoutes } from './routes/comparisons.ts'
import { datasetRoutes } from './routes/datasets.ts'
import { encoderRoutes } from './routes/encoders.ts'
import { fitEventRoutes } from './routes/fit-events.ts'
import { fitRoutes } from './routes/fits.ts'
import { healthRoutes } from './routes/health.ts'
import { keyRoutes } from './routes/keys.ts'
import { lookRoutes } from './routes/looks.ts'
import { openInferenceRoutes } from './routes/open-inference.ts'
import { predictRoutes } from './routes/predict.ts'
import { rdmRoutes } from './routes/rdms.ts'
import { sharedSchemas } from './schemas/shared.ts'
import { contextFor } from './request-owner.ts'
import type { RouteServices, Services } from './services.ts'
import type { App } from './types.ts'
import { compileValidator } from './validation.ts'

export const MAX_JSON_BYTES = 2 ** 20

export interface AppOptions {
  host: string
  port: number
  apiKey: string | null
  /** requests per second and key; 0 or left out: any number */
  rateLimit?: number
  logger?: FastifyBaseLogger
  /** folder of the built page */
  dashboardFolder?: string
  /** time between comments on a quiet event stream */
  keepAliveMs?: number
  /** how long a closing app waits for requests that are under way */
  graceMs?: number
}

/** The HTTP service over its services. It neither opens nor closes them. */
export const buildApp = (services: Services, options: AppOptions): App => {
  const app: App = Fastify({
    ...(options.logger ? { loggerInstance: options.logger } : {}),
    bodyLimit: MAX_JSON_BYTES,
    routerOptions: { maxParamLength: 1000 },
    forceCloseConnections: 'idle',
    // A large upload takes as long as it takes; headers have Node's own limit.
    requestTimeout: 0,
  })
  app.setValidatorCompiler(compileValidator)
  // Answers are plain JSON. A serializer compiled from a schema would turn a null score into 0 where the schema forgot the null.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data))
  for (const schema of sharedSchemas) app.addSchema(schema)
  app.removeContentTypeParser('text/plain') // it is on by default
  handleErrors(app)
  closeGracefully(app, options.graceMs ?? 10_000)
  addSecurityHeaders(app)
  guard(app, options, (token) => services.pipeline.authenticate(services.context, token))
  auditRequests(app, (entry) => services.pipeline.audit(services.context, entry))
  requireScopes(app)
  documentRoutes(app)

  const { context, ...rest } = services
  const routes: RouteServices = { ...rest, contextOf: (request) => contextFor(context, request) }
  void app.register((scope: App, _options, done) => {
    addMetrics(scope)
    healthRoutes(scope, services)
    backboneRoutes(scope, routes)
    activationsRoutes(scope, routes)
    fitRoutes(scope, routes)
    fitEventRoutes(scope, routes, options)
    citationRoutes(scope, routes)
    comparisonRoutes(scope, routes)
    encoderRoutes(scope, routes)
    openInferenceRoutes(scope, routes)
    keyRoutes(scope, routes)
    auditRoutes(scope, routes)
    serveDocumentation(scope)
    serveDashboard(scope, options.dashboardFolder)
    // Forms are taken where they are due, and are an unsupported content type elsewhere.
    void scope.register(async (forms: App) => {
      await forms.register(multipart)
      datasetRoutes(forms, routes)
      predictRoutes(forms, routes)
      lookRoutes(forms, routes)
      rdmRoutes(forms, routes)
      classificationRoutes(forms, routes)
    })
    done()
  })
  return app
}

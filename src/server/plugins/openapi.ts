import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { stringify } from 'yaml'
import { problemCodes } from '../../domain/errors.ts'
import { docsPage } from '../docs-page.ts'
import type { OpenApiDocument } from '../docs-page.ts'
import { packageVersion } from '../installation.ts'

const problems = Object.entries(problemCodes)
  .map(([code, { status, title }]) => `| ${status} | \`${code}\` | ${title} |`)
  .join('\n')

const description = `Images and firing rates in, layer scores and a rate-predicting encoder out.

Failures are \`application/problem+json\` (RFC 9457) with a \`code\`:

| status | code | title |
|---|---|---|
${problems}
`

/** Collects the routes that follow; `/openapi.yaml` and `/docs` show them. Call it before the routes. */
export const documentRoutes = (app: FastifyInstance): void => {
  void app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Ventral', version: packageVersion, description, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
      servers: [{ url: '/' }],
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'VENTRAL_API_KEY, or a key of POST /keys with the scope that a route names: `read`, `predict`, `write` or `admin`, which allows everything. What is somebody else’s is not found. On loopback without VENTRAL_API_KEY none is needed.' } } },
      security: [{}, { key: [] }],
    },
    refResolver: { buildLocalReference: (json, _base, _fragment, i) => (typeof json.$id === 'string' ? json.$id : `schema-${i}`) },
  })
}

/** The document of all routes as YAML, the same text for the same routes. */
export const openApiYaml = (app: FastifyInstance): string => stringify(app.swagger(), { aliasDuplicateObjects: false, lineWidth: 120 })

export const serveDocumentation = (app: FastifyInstance): void => {
  const options = { config: { public: true, page: true }, schema: { hide: true } }
  app.get('/openapi.yaml', options, async (_request, reply) => reply.type('application/yaml; charset=utf-8').send(openApiYaml(app)))
  app.get('/docs', options, async (_request, reply) => reply.type('text/html; charset=utf-8').send(docsPage(app.swagger() as OpenApiDocument)))
}

import { Type } from 'typebox'
import type { MethodsFormat } from '../../pipeline/methods/methods.ts'
import { preferred } from '../negotiate.ts'
import { fileResponse, IdParams, strict, withProblems } from '../schemas/common.ts'
import { RegistrationView } from '../schemas/fit.ts'
import { sendDownload } from '../send-file.ts'
import type { RouteServices } from '../services.ts'
import type { App } from '../types.ts'

const mediaTypes: Record<MethodsFormat, string> = { markdown: 'text/markdown', latex: 'application/x-latex', bibtex: 'application/x-bibtex' }

/** Media types that ask for each format, the usual one first. */
const accepted: Record<string, MethodsFormat> = { 'text/markdown': 'markdown', 'application/x-latex': 'latex', 'text/x-latex': 'latex', 'application/x-bibtex': 'bibtex', 'text/x-bibtex': 'bibtex' }

/** What a score is cited by: its registration, and all that it can be checked with. */
export const citationRoutes = (app: App, { contextOf, pipeline }: RouteServices): void => {
  const tags = ['citation']

  app.get(
    '/registrations/:id',
    { config: { scope: 'read' }, schema: { summary: 'What was frozen before a fit was run, and the fits under it', tags, params: IdParams, response: withProblems({ 200: RegistrationView }) } },
    (request) => pipeline.describeRegistration(contextOf(request), request.params.id),
  )

  app.get(
    '/fits/:id/methods',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'A methods section of the fit with its references: Markdown, LaTeX or BibTeX, by `format` or else by `Accept`',
        tags,
        params: IdParams,
        querystring: strict({ format: Type.Optional(Type.Enum(['markdown', 'latex', 'bibtex'])) }),
        response: withProblems({ 200: { description: 'methods section', content: Object.fromEntries(Object.values(mediaTypes).map((type) => [type, { schema: Type.String() }])) } }),
      },
    },
    async (request, reply) => {
      const format = request.query.format ?? accepted[preferred(request.headers.accept, Object.keys(accepted))]
      const texts = await pipeline.fitMethods(contextOf(request), request.params.id)
      return reply.header('vary', 'accept').type(`${mediaTypes[format]}; charset=utf-8`).send(texts[format])
    },
  )

  app.get(
    '/fits/:id/bundle.zip',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'Predictions, responses, splits, request, scores, provenance, and a NumPy script that recomputes the scores',
        tags,
        params: IdParams,
        response: withProblems({ 200: fileResponse('zip', 'application/zip') }),
      },
    },
    async (request, reply) => sendDownload(reply, await pipeline.fitBundle(contextOf(request), request.params.id)),
  )
}

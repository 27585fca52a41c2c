import { fileResponse, IdParams, withProblems } from '../schemas/common.ts'
import { RegistrationView } from '../schemas/fit.ts'
import { sendDownload } from '../send-file.ts'
import type { Services } from '../services.ts'
import type { App } from '../types.ts'

/** What a score is cited by: its registration, and all that it can be checked with. */
export const citationRoutes = (app: App, { context, pipeline }: Services): void => {
  const tags = ['citation']

  app.get(
    '/registrations/:id',
    { schema: { summary: 'What was frozen before a fit was run, and the fits under it', tags, params: IdParams, response: withProblems({ 200: RegistrationView }) } },
    (request) => pipeline.describeRegistration(context, request.params.id),
  )

  app.get(
    '/fits/:id/bundle.zip',
    {
      schema: {
        summary: 'Predictions, responses, splits, request, scores, provenance, and a NumPy script that recomputes the scores',
        tags,
        params: IdParams,
        response: withProblems({ 200: fileResponse('zip', 'application/zip') }),
      },
    },
    async (request, reply) => sendDownload(reply, await pipeline.fitBundle(context, request.params.id)),
  )
}

import { Type } from 'typebox'
import type { FitRequest as FitRequestBody } from '../../domain/fit.ts'
import { checkRegistering } from '../../pipeline/registrations.ts'
import { creationOf, sendAnswer } from '../idempotency.ts'
import { fileResponse, IdempotencyHeaders, IdParams, PageOf, PageQuery, ref, strict, withProblems } from '../schemas/common.ts'
import { FitEstimate, FitRequest, fitStatuses, FitView } from '../schemas/fit.ts'
import { FitScores } from '../schemas/scores.ts'
import { scoresCsv } from '../scores-csv.ts'
import { sendFile } from '../send-file.ts'
import type { RouteServices } from '../services.ts'
import type { App } from '../types.ts'

export const fitRoutes = (app: App, { contextOf, pipeline }: RouteServices): void => {
  const tags = ['fits']

  app.post(
    '/fit',
    {
      config: { scope: 'write' },
      schema: {
        summary: 'Start a fit, or estimate it',
        tags,
        headers: IdempotencyHeaders,
        querystring: strict({
          dryRun: Type.Optional(Type.Boolean({ description: 'answer an estimate of memory, disk and time; start nothing' })),
          register: Type.Optional(Type.Boolean({ description: 'freeze the resolved request, its sha256 and the time before anything is fitted' })),
          registration: Type.Optional(Type.String({ description: 'a registration that the fit follows: its scores list what differs' })),
        }),
        body: FitRequest,
        response: withProblems({ 200: FitEstimate, 202: ref(FitView) }),
      },
    },
    async (request, reply) => {
      const body: FitRequestBody = request.body
      const { dryRun, ...registering } = request.query
      if (dryRun === true) {
        checkRegistering(request.query)
        return reply.send(await pipeline.estimateFit(contextOf(request), body))
      }
      // The same body with another query is another request to the Idempotency-Key.
      const said = Object.keys(registering).length === 0 ? body : { ...registering, body }
      return sendAnswer(reply, await pipeline.createFit(contextOf(request), body, { ...creationOf(request, said), ...registering }))
    },
  )

  app.get(
    '/fits',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'List fits, newest first',
        tags,
        querystring: strict({ ...PageQuery, dataset: Type.Optional(Type.String()), status: Type.Optional(Type.Enum([...fitStatuses])) }),
        response: withProblems({ 200: PageOf(ref(FitView)) }),
      },
    },
    (request) => pipeline.listFits(contextOf(request), request.query),
  )

  app.get('/fits/:id', { config: { scope: 'read' }, schema: { summary: 'A fit: status, progress, resolved request', tags, params: IdParams, response: withProblems({ 200: ref(FitView) }) } }, (request) =>
    pipeline.getFit(contextOf(request), request.params.id),
  )

  app.post('/fits/:id/cancel', { config: { scope: 'write' }, schema: { summary: 'Cancel a fit', tags, params: IdParams, response: withProblems({ 202: ref(FitView) }) } }, async (request, reply) =>
    reply.code(202).send(await pipeline.cancelFit(contextOf(request), request.params.id)),
  )

  app.get(
    '/fits/:id/scores',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'Scores per layer and site; `Accept: text/csv` for a table',
        tags,
        params: IdParams,
        response: withProblems({ 200: { description: 'scores', content: { 'application/json': { schema: ref(FitScores) }, 'text/csv': { schema: Type.String() } } } }),
      },
    },
    async (request, reply) => {
      const scores = await pipeline.fitScores(contextOf(request), request.params.id)
      void reply.header('vary', 'accept')
      return /\btext\/csv\b/.test(request.headers.accept ?? '') ? reply.type('text/csv; charset=utf-8').send(scoresCsv(scores)) : reply.send(scores)
    },
  )

  app.get(
    '/fits/:id/predictions',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'Held-out predictions of a layer, by stimulus id and split, with the responses',
        tags,
        params: IdParams,
        querystring: strict({ layer: Type.String() }),
        response: withProblems({ 200: fileResponse('npz', 'application/zip') }),
      },
    },
    async (request, reply) => sendFile(reply, await pipeline.fitPredictions(contextOf(request), request.params.id, request.query.layer)),
  )
}

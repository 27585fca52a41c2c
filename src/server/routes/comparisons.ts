import { Type } from 'typebox'
import type { BackboneComparisonRequest } from '../../domain/comparison.ts'
import { comparisonCsv, comparisonTables } from '../comparison-csv.ts'
import { goneSignal } from '../gone-signal.ts'
import { creationOf, sendAnswer } from '../idempotency.ts'
import { IdempotencyHeaders, IdParams, PageOf, PageQuery, ref, strict, withProblems } from '../schemas/common.ts'
import { BackboneComparison, ComparisonEstimate, ComparisonScores, ComparisonView } from '../schemas/comparison.ts'
import type { RouteServices } from '../services.ts'
import type { App } from '../types.ts'

export const comparisonRoutes = (app: App, { contextOf, pipeline }: RouteServices): void => {
  const tags = ['comparisons']

  app.post(
    '/comparisons',
    {
      config: { scope: 'write' },
      schema: {
        summary: 'Compare backbones: a fit of each in each region, or an estimate of all',
        tags,
        headers: IdempotencyHeaders,
        querystring: strict({ dryRun: Type.Optional(Type.Boolean({ description: 'answer an estimate of memory, disk and time; start nothing' })) }),
        body: BackboneComparison,
        response: withProblems({ 200: ComparisonEstimate, 202: ref(ComparisonView) }),
      },
    },
    async (request, reply) => {
      const body: BackboneComparisonRequest = request.body
      if (request.query.dryRun === true) return reply.send(await pipeline.estimateComparison(contextOf(request), body))
      return sendAnswer(reply, await pipeline.createComparison(contextOf(request), body, creationOf(request, body)))
    },
  )

  app.get(
    '/comparisons',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'List comparisons, newest first',
        tags,
        querystring: strict({ ...PageQuery, dataset: Type.Optional(Type.String()) }),
        response: withProblems({ 200: PageOf(ref(ComparisonView)) }),
      },
    },
    (request) => pipeline.listComparisons(contextOf(request), request.query),
  )

  app.get('/comparisons/:id', { config: { scope: 'read' }, schema: { summary: 'A comparison: status, progress, its fits', tags, params: IdParams, response: withProblems({ 200: ref(ComparisonView) }) } }, (request) =>
    pipeline.getComparison(contextOf(request), request.params.id),
  )

  app.get(
    '/comparisons/:id/scores',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'The table of backbones and regions, layers by depth, differences; `Accept: text/csv` for one of its tables',
        tags,
        params: IdParams,
        querystring: strict({ table: Type.Optional(Type.Enum([...comparisonTables], { description: 'of CSV; "backbones" unless said' })) }),
        response: withProblems({ 200: { description: 'scores', content: { 'application/json': { schema: ref(ComparisonScores) }, 'text/csv': { schema: Type.String() } } } }),
      },
    },
    async (request, reply) => {
      const scores = await pipeline.comparisonScores(contextOf(request), request.params.id, goneSignal(reply))
      void reply.header('vary', 'accept')
      if (request.query.table === undefined && !/\btext\/csv\b/.test(request.headers.accept ?? '')) return reply.send(scores)
      return reply.type('text/csv; charset=utf-8').send(comparisonCsv(scores, request.query.table ?? 'backbones'))
    },
  )

  app.post(
    '/comparisons/:id/cancel',
    { config: { scope: 'write' }, schema: { summary: 'Cancel a comparison, with those of its fits that nobody else asked for', tags, params: IdParams, response: withProblems({ 202: ref(ComparisonView) }) } },
    async (request, reply) => reply.code(202).send(await pipeline.cancelComparison(contextOf(request), request.params.id)),
  )

  app.delete(
    '/comparisons/:id',
    { config: { scope: 'write' }, schema: { summary: 'Delete a comparison; its finished fits stay', tags, params: IdParams, response: withProblems({ 204: Type.Null({ description: 'gone' }) }) } },
    async (request, reply) => {
      await pipeline.deleteComparison(contextOf(request), request.params.id)
      return reply.code(204).send(null)
    },
  )
}

import { Readable } from 'node:stream'
import { Type } from 'typebox'
import type { DatasetFiles } from '../../datasets/read-dataset.ts'
import { pageOfArray } from '../array-page.ts'
import { creationOf, sendAnswer } from '../idempotency.ts'
import { fileResponse, IdempotencyHeaders, IdParams, PageOf, PageQuery, ref, strict, withProblems } from '../schemas/common.ts'
import { DatasetSite, DatasetSummary, DatasetUpload } from '../schemas/dataset.ts'
import { responseFormats, responsesCsv, responsesNpz } from '../responses-file.ts'
import type { RouteServices } from '../services.ts'
import type { App } from '../types.ts'
import { receiveForm, withUploadFolder } from '../uploads.ts'
import type { ReceivedFile } from '../uploads.ts'

const fileFields = ['file', 'stimuli', 'responses', 'metadata', 'sites'] as const satisfies (keyof DatasetFiles)[]

/** What stands for a form's body: the same fields and file contents are the same request, however it was cut into parts. */
const identityOf = (fields: Record<string, string>, files: Record<string, ReceivedFile>): object => ({
  fields,
  files: Object.fromEntries(Object.entries(files).map(([field, { sha256 }]) => [field, sha256])),
})

export const datasetRoutes = (app: App, { contextOf, pipeline }: RouteServices): void => {
  const tags = ['datasets']

  app.post(
    '/datasets',
    {
      config: { scope: 'write' },
      schema: {
        summary: 'Import a dataset',
        tags,
        headers: IdempotencyHeaders,
        consumes: ['multipart/form-data'],
        body: { content: { 'multipart/form-data': { schema: DatasetUpload } } },
        response: withProblems({ 201: ref(DatasetSummary) }),
      },
    },
    async (request, reply) => {
      const gone = new AbortController()
      reply.raw.once('close', () => gone.abort(new Error('the client has gone')))
      const answer = await withUploadFolder(contextOf(request).home.folders.tmp, async (folder) => {
        const { fields, files } = await receiveForm(request, folder, fileFields)
        const paths: DatasetFiles = Object.fromEntries(Object.entries(files).map(([field, { path }]) => [field, path]))
        return pipeline.importDataset(contextOf(request), { files: paths, fields, signal: gone.signal, ...creationOf(request, identityOf(fields, files)) })
      })
      return sendAnswer(reply, answer)
    },
  )

  app.get('/datasets', { config: { scope: 'read' }, schema: { summary: 'List datasets, newest first', tags, querystring: strict(PageQuery), response: withProblems({ 200: PageOf(ref(DatasetSummary)) }) } }, (request) =>
    pipeline.listDatasets(contextOf(request), request.query),
  )

  app.get('/datasets/:id', { config: { scope: 'read' }, schema: { summary: 'A dataset', tags, params: IdParams, response: withProblems({ 200: ref(DatasetSummary) }) } }, (request) =>
    pipeline.datasetSummary(contextOf(request), request.params.id),
  )

  app.delete('/datasets/:id', { config: { scope: 'write' }, schema: { summary: 'Delete a dataset that no fit uses', tags, params: IdParams, response: withProblems({ 204: Type.Null() }) } }, async (request, reply) => {
    await pipeline.deleteDataset(contextOf(request), request.params.id)
    return reply.code(204).send(null)
  })

  app.get(
    '/datasets/:id/stimuli/:stimulusId',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'The image file of a stimulus, as imported',
        tags,
        params: strict({ id: Type.String(), stimulusId: Type.String() }),
        response: withProblems({ 200: fileResponse('the image', 'image/*') }),
      },
    },
    async (request, reply) => {
      const { bytes, mediaType } = await pipeline.stimulusBytes(contextOf(request), request.params.id, request.params.stimulusId)
      return reply.type(mediaType).header('cache-control', 'private, max-age=86400, immutable').send(bytes)
    },
  )

  app.get(
    '/datasets/:id/sites',
    { config: { scope: 'read' }, schema: { summary: 'Sites with region and ceiling', tags, params: IdParams, querystring: strict(PageQuery), response: withProblems({ 200: PageOf(ref(DatasetSite)) }) } },
    async (request) => pageOfArray(await pipeline.datasetSites(contextOf(request), request.params.id), request.query),
  )

  app.get(
    '/datasets/:id/responses',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'The responses as they were imported, NaN or empty where missing',
        description:
          'npz: `responses` (stimulus x site x time bin x repetition), `stimulus_id`, `site_id`, `region`, and where known `filename`, `time_bin_start`, `time_bin_end`. csv: a row per stimulus and repetition, a column per site; of one time bin only. Both can be imported again.',
        tags,
        params: IdParams,
        querystring: strict({ format: Type.Optional(Type.Enum([...responseFormats], { default: 'npz' })) }),
        response: withProblems({
          200: { description: 'responses', content: { 'application/zip': { schema: Type.Unsafe<unknown>({ type: 'string', format: 'binary' }) }, 'text/csv': { schema: Type.String() } } },
        }),
      },
    },
    async (request, reply) => {
      const { format = 'npz' } = request.query
      const responses = await pipeline.datasetResponses(contextOf(request), request.params.id)
      const stream = format === 'csv' ? Readable.from(responsesCsv(responses)) : Readable.from(responsesNpz(responses))
      return reply
        .type(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/zip')
        .header('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(responses.name)}.${format}`)
        .send(stream)
    },
  )
}

import { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { rdmKinds } from '../../domain/rdm.ts'
import type { RdmRequest as RdmRequestBody } from '../../domain/rdm.ts'
import { goneSignal } from '../gone-signal.ts'
import { rdmCsv, rdmJson } from '../rdm-text.ts'
import { IdParams, PageOf, PageQuery, ref, strict, withProblems } from '../schemas/common.ts'
import { CkaReport, CkaRequest, ComparisonRequest, RdmComparisonReport, rdmFormats, RdmRequest, RdmSummary, RdmUpload, RdmValues, RdmView } from '../schemas/rdm.ts'
import { sendFile } from '../send-file.ts'
import { ownerOf } from '../request-owner.ts'
import type { RouteServices } from '../services.ts'
import type { App } from '../types.ts'
import { receiveForm, withUploadFolder } from '../uploads.ts'

const formatOf = (request: FastifyRequest, asked: (typeof rdmFormats)[number] | undefined): (typeof rdmFormats)[number] => {
  if (asked !== undefined) return asked
  const accept = request.headers.accept ?? ''
  if (/\btext\/csv\b/.test(accept)) return 'csv'
  return /\bapplication\/(zip|x-npz|octet-stream)\b/.test(accept) ? 'npz' : 'json'
}

export const rdmRoutes = (app: App, { contextOf, pipeline }: RouteServices): void => {
  const tags = ['representations']

  app.post(
    '/rdms',
    {
      config: { scope: 'write' },
      schema: {
        summary: 'Compute an RDM of responses, activations or held-out predictions (JSON), or add a given one (form)',
        tags,
        body: { content: { 'application/json': { schema: RdmRequest }, 'multipart/form-data': { schema: RdmUpload } } },
        response: withProblems({ 201: Type.Union([ref(RdmView), PageOf(ref(RdmView))], { description: 'the RDM; of `layers` a list of them' }) }),
      },
    },
    async (request, reply) => {
      const creation = { owner: ownerOf(request), signal: goneSignal(reply) }
      const rdm = request.isMultipart()
        ? await withUploadFolder(contextOf(request).home.folders.tmp, async (folder) => {
            const { fields, files } = await receiveForm(request, folder, ['file', 'labels'])
            return pipeline.addRdm(contextOf(request), { files: { file: files.file?.path, labels: files.labels?.path }, fields }, creation)
          })
        : await pipeline.createRdm(contextOf(request), request.body as RdmRequestBody, creation)
      if (Array.isArray(rdm)) return reply.code(201).send({ items: rdm, next: null })
      return reply.code(201).header('location', `/rdms/${rdm.id}`).send(rdm)
    },
  )

  app.get(
    '/rdms',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'List RDMs, newest first',
        tags,
        querystring: strict({ ...PageQuery, dataset: Type.Optional(Type.String()), kind: Type.Optional(Type.Enum([...rdmKinds])) }),
        response: withProblems({ 200: PageOf(ref(RdmSummary)) }),
      },
    },
    (request) => pipeline.listRdms(contextOf(request), request.query),
  )

  app.get('/rdms/:id', { config: { scope: 'read' }, schema: { summary: 'An RDM: what it is of, and its labels', tags, params: IdParams, response: withProblems({ 200: ref(RdmView) }) } }, (request) =>
    pipeline.getRdm(contextOf(request), request.params.id),
  )

  app.get(
    '/rdms/:id/values',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'Its values as JSON, CSV or npz',
        description: 'The format is `format`, else what `Accept` names (`text/csv`, `application/zip`), else JSON. The npz holds both the distances and their percentiles.',
        tags,
        params: IdParams,
        querystring: strict({
          format: Type.Optional(Type.Enum([...rdmFormats])),
          percentiles: Type.Optional(Type.Boolean({ description: '(rank - 1) / (N - 1) among the pairs, ties at their mean rank' })),
        }),
        response: withProblems({
          200: {
            description: 'row x row',
            content: { 'application/json': { schema: ref(RdmValues) }, 'text/csv': { schema: Type.String() }, 'application/zip': { schema: Type.Unsafe<unknown>({ type: 'string', format: 'binary' }) } },
          },
        }),
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const { format, percentiles = false } = request.query
      void reply.header('vary', 'accept')
      const chosen = formatOf(request, format)
      if (chosen === 'npz') return sendFile(reply, await pipeline.rdmFile(contextOf(request), id))
      const { labels, by, ...values } = await pipeline.rdmValues(contextOf(request), id)
      const shown = { id, by, labels, percentiles, rdm: percentiles ? values.percentiles : values.rdm }
      if (chosen === 'csv') return reply.type('text/csv; charset=utf-8').send(Readable.from(rdmCsv(shown)))
      return reply.type('application/json; charset=utf-8').send(Readable.from(rdmJson(shown)))
    },
  )

  app.delete('/rdms/:id', { config: { scope: 'write' }, schema: { summary: 'Delete an RDM', tags, params: IdParams, response: withProblems({ 204: Type.Null() }) } }, async (request, reply) => {
    await pipeline.deleteRdm(contextOf(request), request.params.id)
    return reply.code(204).send(null)
  })

  app.post(
    '/rdms/compare',
    { config: { scope: 'read' }, schema: { summary: 'Agreement of stored RDMs, with intervals and ceiling', tags, body: ComparisonRequest, response: withProblems({ 200: ref(RdmComparisonReport) }) } },
    (request, reply) => pipeline.compareRdms(contextOf(request), request.body, goneSignal(reply)),
  )

  app.post('/cka', { config: { scope: 'read' }, schema: { summary: 'Linear CKA, biased and unbiased, between responses, activations or held-out predictions', tags, body: CkaRequest, response: withProblems({ 200: ref(CkaReport) }) } }, (request, reply) =>
    pipeline.cka(contextOf(request), request.body, goneSignal(reply)),
  )
}

import path from 'node:path'
import { Type } from 'typebox'
import { VentralError } from '../../domain/errors.ts'
import { pageOfArray } from '../array-page.ts'
import { BackboneDescription, BackboneSummary, WeightsInfo } from '../schemas/backbone.ts'
import { IdParams, PageOf, PageQuery, ref, streamed, strict, withProblems } from '../schemas/common.ts'
import type { Services } from '../services.ts'
import type { App } from '../types.ts'
import { receiveBody, withUploadFolder } from '../uploads.ts'

const WeightsBody = streamed({ type: 'string', format: 'binary', description: 'a checkpoint: .pth, .safetensors or .onnx' })

export const backboneRoutes = (app: App, { context, pipeline }: Services): void => {
  const tags = ['backbones']

  app.get('/backbones', { schema: { summary: 'List backbones', tags, querystring: strict(PageQuery), response: withProblems({ 200: PageOf(ref(BackboneSummary)) }) } }, async (request) =>
    pageOfArray(await pipeline.describeBackbones(context), request.query),
  )

  app.get(
    '/backbones/:id',
    { schema: { summary: 'A backbone: its layers, and the weights that are here', tags, params: IdParams, response: withProblems({ 200: ref(BackboneDescription) }) } },
    (request) => pipeline.describeBackbone(context, request.params.id),
  )

  void app.register((scope: App, _options, done) => {
    // Whatever content type a client states, the body is the file.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, payload, parsed) => parsed(null, payload))
    scope.put(
      '/backbones/:id/weights',
      {
        schema: {
          summary: 'Add weights; the latest are what "pretrained" means',
          tags,
          params: IdParams,
          querystring: strict({ source: Type.Optional(Type.String({ maxLength: 2000, description: 'where the file came from; "upload" unless said' })) }),
          body: { content: { 'application/octet-stream': { schema: WeightsBody } } },
          response: withProblems({ 201: ref(WeightsInfo) }),
        },
      },
      async (request, reply) => {
        if (request.body === undefined) throw new VentralError('missing-field', 'The body is empty: send the bytes of a .pth, .safetensors or .onnx file.')
        const { id } = request.params
        const weights = await withUploadFolder(context.home.folders.tmp, async (folder) => {
          const file = await receiveBody(request, path.join(folder, 'weights'))
          return pipeline.addWeights(context, id, file.path, { source: request.query.source ?? 'upload' })
        })
        return reply.code(201).header('location', `/backbones/${encodeURIComponent(id)}`).send(weights)
      },
    )
    done()
  })
}

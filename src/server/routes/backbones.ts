import path from 'node:path'
import { Type } from 'typebox'
import { VentralError } from '../../domain/errors.ts'
import { modelName, numberTriple } from '../../domain/given-model.ts'
import type { ModelSettings } from '../../domain/given-model.ts'
import { pageOfArray } from '../array-page.ts'
import { BackboneDescription, BackboneSummary, WeightsInfo } from '../schemas/backbone.ts'
import { IdParams, PageOf, PageQuery, ref, streamed, strict, withProblems } from '../schemas/common.ts'
import { ownerOf, requireAdmin } from '../request-owner.ts'
import type { RouteServices } from '../services.ts'
import type { App } from '../types.ts'
import { receiveBody, withUploadFolder } from '../uploads.ts'

const WeightsBody = streamed({ type: 'string', format: 'binary', description: 'a checkpoint: .pth, .safetensors or .onnx; of `onnx:NAME` the model itself, .onnx' })

const PutQuery = strict({
  source: Type.Optional(Type.String({ maxLength: 2000, description: 'where the file came from; "upload" unless said' })),
  inputSize: Type.Optional(Type.Integer({ description: 'S of `onnx:NAME`; what the file states, else 224, unless said' })),
  mean: Type.Optional(Type.String({ maxLength: 200, description: 'R,G,B of pixels in [0, 1]; with `std`, of `onnx:NAME`: what the file’s metadata state, else ImageNet’s, unless said' })),
  std: Type.Optional(Type.String({ maxLength: 200, description: 'R,G,B' })),
})

type Stated = { inputSize?: number; mean?: string; std?: string }

const tripleOf = (name: string, text: string): [number, number, number] => {
  const triple = numberTriple(text)
  if (triple !== null) return triple
  throw new VentralError('invalid-value', `"${name}" takes three numbers, R,G,B.`, [{ pointer: `/${name}`, expected: 'three numbers, as in 0.485,0.456,0.406', found: text.slice(0, 80) }])
}

const settingsOf = ({ inputSize, mean, std }: Stated): ModelSettings => ({
  ...(inputSize === undefined ? {} : { inputSize }),
  ...(mean === undefined ? {} : { mean: tripleOf('mean', mean) }),
  ...(std === undefined ? {} : { std: tripleOf('std', std) }),
})

/** Input size and normalisation of what is built in are known. */
const refuseSettings = (id: string, stated: Stated): void => {
  const said = (['inputSize', 'mean', 'std'] as const).find((name) => stated[name] !== undefined)
  if (said === undefined) return
  throw new VentralError('invalid-value', `"${said}" is said of a model of your own, onnx:NAME; that of ${id} is known.`, [{ pointer: `/${said}`, expected: 'left out', found: String(stated[said]) }])
}

export const backboneRoutes = (app: App, { contextOf, pipeline }: RouteServices): void => {
  const tags = ['backbones']

  app.get('/backbones', { config: { scope: 'read' }, schema: { summary: 'List backbones', tags, querystring: strict(PageQuery), response: withProblems({ 200: PageOf(ref(BackboneSummary)) }) } }, async (request) =>
    pageOfArray(await pipeline.describeBackbones(contextOf(request)), request.query),
  )

  app.get(
    '/backbones/:id',
    { config: { scope: 'read' }, schema: { summary: 'A backbone: its layers, and the weights that are here', tags, params: IdParams, response: withProblems({ 200: ref(BackboneDescription) }) } },
    (request) => pipeline.describeBackbone(contextOf(request), request.params.id),
  )

  app.delete(
    '/backbones/:id',
    { config: { scope: 'write' }, schema: { summary: 'Delete a model of your own, `onnx:NAME`, that no fit rests on', tags, params: IdParams, response: withProblems({ 204: Type.Null() }) } },
    async (request, reply) => {
      await pipeline.deleteBackbone(contextOf(request), request.params.id)
      return reply.code(204).send(null)
    },
  )

  void app.register((scope: App, _options, done) => {
    // Whatever content type a client states, the body is the file.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, payload, parsed) => parsed(null, payload))
    scope.put(
      '/backbones/:id/weights',
      {
        config: { scope: 'write' },
        schema: {
          summary: 'Add weights; the latest are what "pretrained" means. Under an id `onnx:NAME`, add an ONNX model of your own as a backbone',
          tags,
          params: IdParams,
          querystring: PutQuery,
          body: { content: { 'application/octet-stream': { schema: WeightsBody } } },
          response: withProblems({ 201: ref(WeightsInfo) }),
        },
      },
      async (request, reply) => {
        if (request.body === undefined) throw new VentralError('missing-field', 'The body is empty: send the bytes of a .pth, .safetensors or .onnx file.')
        const { id } = request.params
        const { source = 'upload', ...stated } = request.query
        const name = modelName(id)
        if (name === null) {
          refuseSettings(id, stated)
          requireAdmin(request, 'Weights of backbones that are built in are everybody’s: the latest are what "pretrained" means. It takes a key with the scope "admin" to add some.')
        }
        const settings = settingsOf(stated)
        const weights = await withUploadFolder(contextOf(request).home.folders.tmp, async (folder) => {
          const file = await receiveBody(request, path.join(folder, 'weights'))
          return name === null ? pipeline.addWeights(contextOf(request), id, file.path, { source }) : pipeline.addModel(contextOf(request), name, file.path, { source, where: path.basename(source), settings, owner: ownerOf(request) })
        })
        return reply.code(201).header('location', `/backbones/${encodeURIComponent(id)}`).send(weights)
      },
    )
    done()
  })
}

import path from 'node:path'
import { Type } from 'typebox'
import { VentralError } from '../../domain/errors.ts'
import { pageOfArray } from '../array-page.ts'
import { ActivationsVersion } from '../schemas/activations.ts'
import { PageOf, PageQuery, ref, streamed, strict, withProblems } from '../schemas/common.ts'
import type { RouteServices } from '../services.ts'
import type { App } from '../types.ts'
import { receiveBody, withUploadFolder } from '../uploads.ts'

const NameParams = strict({ name: Type.String() })
const ActivationsBody = streamed({
  type: 'string',
  format: 'binary',
  description: '.npz with `stimulus_id` and either `activations` (stimulus x unit, or stimulus x C x H x W) or one array per layer; a zip of one .npz per image, named by its stimulus_id, with an array per layer (Net2Brain); or a bare .npy',
})
const PutQuery = strict({
  dataset: Type.String({ description: 'whose stimuli the rows are' }),
  rows: Type.Optional(Type.String({ description: '`dataset-order`: the rows of a bare .npy lie in the order of the stimuli of the dataset' })),
  source: Type.Optional(Type.String({ minLength: 1, maxLength: 2000, description: 'where the file came from; "upload" unless said' })),
})

export const activationsRoutes = (app: App, { contextOf, pipeline }: RouteServices): void => {
  const tags = ['activations']

  app.get(
    '/activations',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'List activations from elsewhere, version by version, the latest first',
        tags,
        querystring: strict({ ...PageQuery, dataset: Type.Optional(Type.String()) }),
        response: withProblems({ 200: PageOf(ref(ActivationsVersion)) }),
      },
    },
    (request) => pipeline.listActivations(contextOf(request), request.query),
  )

  app.get(
    '/activations/:name',
    { config: { scope: 'read' }, schema: { summary: 'Versions of activations from elsewhere, the latest first', tags, params: NameParams, querystring: strict(PageQuery), response: withProblems({ 200: PageOf(ref(ActivationsVersion)) }) } },
    async (request) => pageOfArray(await pipeline.activationsVersions(contextOf(request), request.params.name), request.query),
  )

  app.delete(
    '/activations/:name',
    {
      config: { scope: 'write' },
      schema: {
        summary: 'Delete activations that no fit rests on, all versions or those of one dataset',
        tags,
        params: NameParams,
        querystring: strict({ dataset: Type.Optional(Type.String()) }),
        response: withProblems({ 204: Type.Null() }),
      },
    },
    async (request, reply) => {
      await pipeline.deleteActivations(contextOf(request), request.params.name, request.query.dataset)
      return reply.code(204).send(null)
    },
  )

  void app.register((scope: App, _options, done) => {
    // Whatever content type a client states, the body is the file.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, payload, parsed) => parsed(null, payload))
    scope.put(
      '/activations/:name',
      {
        config: { scope: 'write' },
        schema: {
          summary: 'Store activations that were computed elsewhere; other ones make a new version',
          tags,
          params: NameParams,
          querystring: PutQuery,
          body: { content: { 'application/octet-stream': { schema: ActivationsBody } } },
          response: withProblems({ 201: ref(ActivationsVersion) }),
        },
      },
      async (request, reply) => {
        if (request.body === undefined) throw new VentralError('missing-field', 'The body is empty: send the bytes of an .npz or .npy file.')
        const { name } = request.params
        const { dataset, rows = null, source = 'upload' } = request.query
        const gone = new AbortController()
        reply.raw.once('close', () => gone.abort(new Error('the client has gone')))
        const version = await withUploadFolder(contextOf(request).home.folders.tmp, async (folder) => {
          const file = await receiveBody(request, path.join(folder, 'activations'))
          return pipeline.putActivations(contextOf(request), { name, dataset, rows, file, source, signal: gone.signal })
        })
        return reply.code(201).header('location', `/activations/${encodeURIComponent(version.name)}`).send(version)
      },
    )
    done()
  })
}

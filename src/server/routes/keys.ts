import { Type } from 'typebox'
import { IdParams, PageOf, PageQuery, ref, strict, withProblems } from '../schemas/common.ts'
import { ApiKey, ApiKeyRequest, NewApiKey, RotateRequest } from '../schemas/key.ts'
import type { RouteServices } from '../services.ts'
import type { App } from '../types.ts'

export const keyRoutes = (app: App, { contextOf, pipeline }: RouteServices): void => {
  const tags = ['keys']
  const config = { scope: 'admin' } as const

  app.post(
    '/keys',
    { config, schema: { summary: 'Make a key; the answer is the only one that holds it', tags, body: ApiKeyRequest, response: withProblems({ 201: ref(NewApiKey) }) } },
    async (request, reply) => reply.code(201).send(await pipeline.createKey(contextOf(request), request.body)),
  )

  app.get('/keys', { config, schema: { summary: 'List keys, newest first, ended ones as well', tags, querystring: strict(PageQuery), response: withProblems({ 200: PageOf(ref(ApiKey)) }) } }, (request) =>
    pipeline.listKeys(contextOf(request), request.query),
  )

  app.post(
    '/keys/:id/rotate',
    {
      config,
      schema: {
        summary: 'A new key in the place of another: same name, owner, scopes and lifetime; the old one ends',
        tags,
        params: IdParams,
        body: RotateRequest,
        response: withProblems({ 201: ref(NewApiKey) }),
      },
    },
    async (request, reply) => reply.code(201).send(await pipeline.rotateKey(contextOf(request), request.params.id, request.body)),
  )

  app.delete('/keys/:id', { config, schema: { summary: 'Revoke a key at once', tags, params: IdParams, response: withProblems({ 204: Type.Null() }) } }, async (request, reply) => {
    await pipeline.revokeKey(contextOf(request), request.params.id)
    return reply.code(204).send(null)
  })
}

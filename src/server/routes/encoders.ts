import { Type } from 'typebox'
import { fileResponse, IdParams, PageOf, PageQuery, ref, strict, withProblems } from '../schemas/common.ts'
import { EncoderRequest, EncoderView } from '../schemas/encoder.ts'
import { sendFile } from '../send-file.ts'
import { ownerOf } from '../request-owner.ts'
import type { RouteServices } from '../services.ts'
import type { App } from '../types.ts'

export const encoderRoutes = (app: App, { contextOf, pipeline }: RouteServices): void => {
  const tags = ['encoders']

  app.post('/encoders', { config: { scope: 'write' }, schema: { summary: 'Make the encoder of a further layer of a fit', tags, body: EncoderRequest, response: withProblems({ 201: ref(EncoderView) }) } }, async (request, reply) => {
    const encoder = await pipeline.createEncoder(contextOf(request), request.body, { owner: ownerOf(request) })
    return reply.code(201).header('location', `/encoders/${encoder.id}`).send(encoder)
  })

  app.get(
    '/encoders',
    { config: { scope: 'read' }, schema: { summary: 'List encoders, newest first', tags, querystring: strict({ ...PageQuery, fit: Type.Optional(Type.String()) }), response: withProblems({ 200: PageOf(ref(EncoderView)) }) } },
    (request) => pipeline.listEncoders(contextOf(request), request.query),
  )

  app.get('/encoders/:id', { config: { scope: 'read' }, schema: { summary: 'An encoder', tags, params: IdParams, response: withProblems({ 200: ref(EncoderView) }) } }, (request) =>
    pipeline.getEncoder(contextOf(request), request.params.id),
  )

  app.get(
    '/encoders/:id/model.onnx',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'The encoder as one ONNX graph: pixels (n,3,S,S) -> rates (n,sites)',
        tags,
        params: IdParams,
        response: withProblems({ 200: fileResponse('ONNX; a zip with external data where the readout is over 256 MB', 'application/octet-stream') }),
      },
    },
    async (request, reply) => sendFile(reply, await pipeline.encoderModelFile(contextOf(request), request.params.id)),
  )

  app.get(
    '/encoders/:id/readout.npz',
    { config: { scope: 'read' }, schema: { summary: 'Readout: `weights` (unit x site), `bias`, `site_id`; of an encoder of several layers `weights:LAYER` for each, their products summed', tags, params: IdParams, response: withProblems({ 200: fileResponse('npz', 'application/zip') }) } },
    async (request, reply) => sendFile(reply, await pipeline.encoderReadout(contextOf(request), request.params.id)),
  )
}

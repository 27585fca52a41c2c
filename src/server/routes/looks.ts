import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { TSchema } from 'typebox'
import { lookFormats } from '../../domain/looks.ts'
import type { LookFormat } from '../../domain/looks.ts'
import { camRequest, mapsRequest } from '../look-request.ts'
import { preferred } from '../negotiate.ts'
import { MAX_IMAGE_BYTES, readNamedImages } from '../read-images.ts'
import { ref, streamed, withProblems } from '../schemas/common.ts'
import { CamQuery, CamReport, MapsQuery, MapsReport } from '../schemas/look.ts'
import { PredictJson } from '../schemas/predict.ts'
import { seenBy } from '../request-owner.ts'
import type { RouteServices } from '../services.ts'
import type { App } from '../types.ts'

const mediaTypes: Record<LookFormat, string> = { json: 'application/json; charset=utf-8', npz: 'application/zip', png: 'image/png' }
const offered = lookFormats.map((format) => mediaTypes[format].split(';')[0])

const formatOf = ({ headers, query }: FastifyRequest): LookFormat => (query as { format?: LookFormat }).format ?? lookFormats[offered.indexOf(preferred(headers.accept, offered))]

const send = (reply: FastifyReply, format: LookFormat, file: Uint8Array): FastifyReply =>
  reply.header('vary', 'accept').type(mediaTypes[format]).send(Buffer.from(file.buffer, file.byteOffset, file.byteLength))

const ImageBytes = streamed({ type: 'string', format: 'binary' })
const ImageForm = streamed({ type: 'object', additionalProperties: { type: 'string', format: 'binary' } })

/** Images in as POST /predict takes them, the options in the query; a report, arrays or a picture out. */
const lookSchema = <Q extends TSchema>(summary: string, description: string, querystring: Q, report: TSchema) => ({
  summary,
  description,
  tags: ['looks inside'],
  querystring,
  body: { content: { 'application/json': { schema: PredictJson }, 'image/*': { schema: ImageBytes }, 'multipart/form-data': { schema: ImageForm } } },
  response: withProblems({
    200: {
      description: 'as asked for',
      content: {
        'application/json': { schema: ref(report) },
        'application/zip': { schema: Type.Unsafe<unknown>({ type: 'string', format: 'binary' }) },
        'image/png': { schema: Type.Unsafe<unknown>({ type: 'string', format: 'binary' }) },
      },
    },
  }),
})

export const lookRoutes = (app: App, { looks }: RouteServices): void => {
  void app.register((scope: App, _options, done) => {
    const asBuffer = { parseAs: 'buffer', bodyLimit: MAX_IMAGE_BYTES } as const
    for (const type of [/^image\//, 'application/octet-stream']) scope.addContentTypeParser(type, asBuffer, (_request, body, parsed) => parsed(null, body))

    scope.post(
      '/activations',
      {
        config: { scope: 'predict' },
        bodyLimit: MAX_IMAGE_BYTES,
        schema: lookSchema(
          'Activation maps of images: per layer, per channel and their mean, with the time steps of recurrent areas',
          'An npz of all channels has `stimulus_id` and one array (image x channel x row x column) per layer, as PUT /activations/{name} takes it; of chosen ones `LAYER:mean`, `LAYER:maps` and `LAYER:channels`. ' +
            'A picture has a row per layer: the image as the network sees it, the mean, then the channels, from blue (least) to red (greatest); the channels of a layer share one scale.',
          MapsQuery,
          MapsReport,
        ),
      },
      async (request, reply) => {
        const format = formatOf(request)
        return send(reply, format, await looks.look('maps', mapsRequest(request.query, format), format, await readNamedImages(request), seenBy(request)))
      },
    )

    scope.post(
      '/cam',
      {
        config: { scope: 'predict' },
        bodyLimit: MAX_IMAGE_BYTES,
        schema: lookSchema(
          'Class maps over images: CAM of the last maps, or Grad-CAM of any layer, with the likeliest classes',
          'An npz has `class`, `logit`, `probability` (image x class), `map` (image x class x row x column), `top_class`, `top_logit`, `top_probability` and `stimulus_id`. ' +
            'A picture is the image as the network sees it under the map, interpolated, from blue (least) to red (greatest); of several classes the image comes first.',
          CamQuery,
          CamReport,
        ),
      },
      async (request, reply) => {
        const format = formatOf(request)
        return send(reply, format, await looks.look('cam', camRequest(request.query), format, await readNamedImages(request), seenBy(request)))
      },
    )
    done()
  })
}

import { ref, streamed, withProblems } from '../schemas/common.ts'
import { PredictJson, Prediction, PredictQuery } from '../schemas/predict.ts'
import { MAX_IMAGE_BYTES, readImages } from '../read-images.ts'
import { seenBy } from '../request-owner.ts'
import type { RouteServices } from '../services.ts'
import type { App } from '../types.ts'

const ImageBytes = streamed({ type: 'string', format: 'binary' })
const ImageForm = streamed({ type: 'object', additionalProperties: { type: 'string', format: 'binary' } })

export const predictRoutes = (app: App, { contextOf, pipeline, predictor }: RouteServices): void => {
  void app.register((scope: App, _options, done) => {
    const asBuffer = { parseAs: 'buffer', bodyLimit: MAX_IMAGE_BYTES } as const
    for (const type of [/^image\//, 'application/octet-stream']) scope.addContentTypeParser(type, asBuffer, (_request, body, parsed) => parsed(null, body))
    scope.post(
      '/predict',
      {
        config: { scope: 'predict' },
        bodyLimit: MAX_IMAGE_BYTES,
        schema: {
          summary: 'Rates that an encoder predicts for images (image x site)',
          tags: ['predict'],
          querystring: PredictQuery,
          body: { content: { 'application/json': { schema: PredictJson }, 'image/*': { schema: ImageBytes }, 'multipart/form-data': { schema: ImageForm } } },
          response: withProblems({ 200: ref(Prediction) }),
        },
      },
      async (request) => {
        const { encoder } = request.query
        // The predictor knows everybody's encoders.
        if (seenBy(request) !== null) await pipeline.getEncoder(contextOf(request), encoder)
        return predictor.predict(encoder, await readImages(request))
      },
    )
    done()
  })
}

import { Type } from 'typebox'
import type { Static } from 'typebox'
import { SiteLabel } from './encoder.ts'
import { strict } from './common.ts'

export const MAX_IMAGES = 256

export const Prediction = strict({
  encoder: Type.String(),
  layer: Type.String(),
  unit: Type.String(),
  sites: Type.Array(SiteLabel),
  rates: Type.Array(Type.Array(Type.Number()), { description: 'image x site' }),
  ratesRectified: Type.Optional(Type.Array(Type.Array(Type.Number()), { description: 'rates below 0 set to 0, where the unit knows none' })),
}, { $id: 'Prediction' })

export const PredictQuery = strict({ encoder: Type.String() })
export const PredictJson = strict({ images: Type.Array(Type.String({ description: 'an image file in base64' }), { minItems: 1, maxItems: MAX_IMAGES }) })
export type PredictJson = Static<typeof PredictJson>

const Tensor = <T extends string>(name: T) =>
  Type.Object({ name: Type.Literal(name), datatype: Type.Literal('FP32'), shape: Type.Array(Type.Integer({ minimum: 1 })), data: Type.Array(Type.Unknown()) })

/** Open Inference Protocol, REST: what comes with `POST /v2/models/{encoder}/infer`. */
export const InferRequest = strict({
  id: Type.Optional(Type.String()),
  parameters: Type.Optional(Type.Object({})),
  inputs: Type.Array(
    strict({
      name: Type.Literal('pixels'),
      datatype: Type.Literal('FP32'),
      shape: Type.Array(Type.Integer({ minimum: 1 }), { minItems: 4, maxItems: 4, description: 'n,3,S,S' }),
      parameters: Type.Optional(Type.Object({})),
      data: Type.Array(Type.Unknown(), { description: 'numbers in row-major order, flat or nested; RGB in [0,1] after the resize' }),
    }),
    { minItems: 1, maxItems: 1 },
  ),
  outputs: Type.Optional(Type.Array(Type.Object({ name: Type.Literal('rates') }), { maxItems: 1 })),
})
export type InferRequest = Static<typeof InferRequest>

export const InferResponse = strict({ model_name: Type.String(), id: Type.Optional(Type.String()), outputs: Type.Array(Tensor('rates')) })

const TensorMetadata = strict({ name: Type.String(), datatype: Type.String(), shape: Type.Array(Type.Integer()) })
export const ModelMetadata = strict({
  name: Type.String(),
  versions: Type.Array(Type.String()),
  platform: Type.String(),
  inputs: Type.Array(TensorMetadata),
  outputs: Type.Array(TensorMetadata),
})

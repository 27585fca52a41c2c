import { VentralError } from '../../domain/errors.ts'
import { strict, withProblems } from '../schemas/common.ts'
import { InferRequest, InferResponse, ModelMetadata } from '../schemas/predict.ts'
import { MAX_IMAGE_BYTES } from '../read-images.ts'
import type { RouteServices } from '../services.ts'
import type { App } from '../types.ts'
import { Type } from 'typebox'

const EncoderParams = strict({ encoder: Type.String() })

/** The numbers of a tensor, flat or nested, as (n, 3, S, S) floats. */
const readTensor = ({ shape, data }: { shape: number[]; data: unknown[] }): Float32Array => {
  const flat = data.flat(shape.length)
  const expected = shape.reduce((product, side) => product * side, 1)
  if (flat.length !== expected)
    throw new VentralError('count-mismatch', `The tensor has ${flat.length} numbers; its shape ${shape.join(' x ')} has ${expected}.`, [
      { pointer: '/inputs/0/data', expected: `${expected} numbers`, found: String(flat.length) },
    ])
  if (!flat.every((value) => typeof value === 'number')) throw new VentralError('invalid-value', 'The tensor may hold numbers only.', [{ pointer: '/inputs/0/data', expected: 'numbers', found: 'other values' }])
  return Float32Array.from(flat)
}

/** The Open Inference Protocol (REST): an encoder is a model with the input `pixels` and the output `rates`. */
export const openInferenceRoutes = (app: App, { contextOf, pipeline, predictor }: RouteServices): void => {
  const tags = ['open inference']

  app.get(
    '/v2/models/:encoder',
    { config: { scope: 'predict' }, schema: { summary: 'Inputs and outputs of an encoder', tags, params: EncoderParams, response: withProblems({ 200: ModelMetadata }) } },
    async (request) => {
      const { id, inputSize, sites } = await pipeline.getEncoder(contextOf(request), request.params.encoder)
      return {
        name: id,
        versions: ['1'],
        platform: 'onnxruntime_onnx',
        inputs: [{ name: 'pixels', datatype: 'FP32', shape: [-1, 3, inputSize, inputSize] }],
        outputs: [{ name: 'rates', datatype: 'FP32', shape: [-1, sites.length] }],
      }
    },
  )

  app.post(
    '/v2/models/:encoder/infer',
    { config: { scope: 'predict' }, bodyLimit: MAX_IMAGE_BYTES, schema: { summary: 'Pixels to rates', tags, params: EncoderParams, body: InferRequest, response: withProblems({ 200: InferResponse }) } },
    async (request) => {
      const { inputSize } = await pipeline.getEncoder(contextOf(request), request.params.encoder)
      const [input] = request.body.inputs
      const [images, ...image] = input.shape
      if (image.join() !== [3, inputSize, inputSize].join())
        throw new VentralError('invalid-value', `The encoder takes pixels of shape n x 3 x ${inputSize} x ${inputSize}, not ${input.shape.join(' x ')}.`, [
          { pointer: '/inputs/0/shape', expected: `[n,3,${inputSize},${inputSize}]`, found: JSON.stringify(input.shape) },
        ])
      const { rates, sites } = await predictor.infer(request.params.encoder, readTensor(input), images)
      const output = { name: 'rates' as const, datatype: 'FP32' as const, shape: [images, sites.length], data: rates.flat() }
      return { model_name: request.params.encoder, ...(request.body.id === undefined ? {} : { id: request.body.id }), outputs: [output] }
    },
  )
}

import fs from 'node:fs/promises'
import path from 'node:path'
import { VentralError } from '../domain/errors.ts'
import { createDecoderPool } from '../models/preprocess/decoder-pool.ts'
import { createWorkerPool, workerUrl } from '../numerics/worker-pool.ts'
import { getEncoder } from '../storage/repositories/encoders.ts'
import type { EncoderRow } from '../storage/repositories/encoders.ts'
import { createBatchQueue } from './batch-queue.ts'
import type { PipelineContext } from './context.ts'
import type { EncoderCard } from './encoder.ts'
import type { PredictMessage } from './predict-worker.ts'

const MAX_BATCH = 16
const MAX_WAITING = 256

export interface Prediction {
  encoder: string
  layer: string
  unit: string
  sites: { id: string; region: string }[]
  /** (image x site) */
  rates: number[][]
  /** rates below 0 set to 0, where the unit knows none */
  ratesRectified?: number[][]
}

export interface Predictor {
  /** Encoded image files -> rates. */
  predict(encoder: string, images: Uint8Array[]): Promise<Prediction>
  /** Pixels (n, 3, S, S), RGB in [0,1] after the resize -> rates. */
  infer(encoder: string, pixels: Float32Array, images: number): Promise<Prediction>
  close(): Promise<void>
}

interface Waiting {
  encoder: EncoderRow<EncoderCard>
  pixels: Float32Array
  images: number
}

/** Rates for new images: decoded in one thread, run in another with dynamic batching and a bounded queue (`busy` when full). */
export const createPredictor = (context: PipelineContext): Predictor => {
  const thread = createWorkerPool<PredictMessage, Float32Array>(workerUrl('predict-worker', import.meta.url), 1)
  const decoders = new Map<string, ReturnType<typeof createDecoderPool>>() // by input size and placement
  const models = new Map<string, Promise<string>>()

  const decoderOf = ({ inputSize: size, placement }: EncoderCard): ReturnType<typeof createDecoderPool> => {
    const key = JSON.stringify([size, placement])
    const decoder = decoders.get(key) ?? createDecoderPool({ threads: 1, size, placement: placement ?? null })
    decoders.set(key, decoder)
    return decoder
  }

  const modelOf = (encoder: EncoderRow<EncoderCard>): Promise<string> => {
    const model = models.get(encoder.id) ?? modelPath(context, encoder)
    models.set(encoder.id, model)
    model.catch(() => models.delete(encoder.id))
    return model
  }

  const runBatch = async (items: Waiting[]): Promise<Float32Array[]> => {
    const { encoder } = items[0]
    const images = items.reduce((sum, item) => sum + item.images, 0)
    const size = encoder.card.inputSize
    const pixels = items.length === 1 ? items[0].pixels : concatenate(items.map((item) => item.pixels)) // (image, 3, S, S)
    // The engine that computed the fit's activations computes these: its encoder was fitted to them.
    const from = encoder.card.engine === 'tfjs' ? { config: context.config } : { model: await modelOf(encoder), threads: context.config.threads }
    const message: PredictMessage = { encoder: encoder.id, from, pixels, shape: [images, 3, size, size] }
    const rates = await thread.ask(message, [pixels.buffer as ArrayBuffer]) // (image x site)
    const m = encoder.card.sites.length
    let first = 0
    return items.map((item) => rates.subarray(first * m, (first += item.images) * m))
  }

  const queue = createBatchQueue<Waiting, Float32Array>({ maxBatch: MAX_BATCH, maxWaiting: MAX_WAITING, run: (_, items) => runBatch(items) })

  const infer = async (encoder: EncoderRow<EncoderCard>, pixels: Float32Array, images: number): Promise<Prediction> =>
    toPrediction(encoder, await queue.add(encoder.id, { encoder, pixels, images }, images), images)

  return {
    predict: async (id, images) => {
      const encoder = await getEncoder<EncoderCard>(context.db, id)
      queue.refuseWhenFull(images.length)
      return infer(encoder, await decoderOf(encoder.card).decodeBatch(images), images.length)
    },
    infer: async (id, pixels, images) => {
      const encoder = await getEncoder<EncoderCard>(context.db, id)
      const expected = images * 3 * encoder.card.inputSize ** 2
      if (pixels.length !== expected)
        throw new VentralError('count-mismatch', `The encoder takes pixels of shape (n, 3, ${encoder.card.inputSize}, ${encoder.card.inputSize}).`, [
          { pointer: '/inputs/0/data', expected: `${expected} numbers`, found: String(pixels.length) },
        ])
      return infer(encoder, pixels, images)
    },
    close: async () => {
      await Promise.all([thread.close(), ...[...decoders.values()].map((decoder) => decoder.close())])
    },
  }
}

/** Path of an encoder's model. One with a weights file is linked into a folder of its own, since a model finds that file beside it. */
const modelPath = async ({ blobs, home }: PipelineContext, { id, files }: EncoderRow): Promise<string> => {
  const names = Object.keys(files).filter((name) => name !== 'readout.npz')
  if (names.length === 1) return blobs.path(files['model.onnx'])
  const folder = path.join(home.folders.tmp, `encoder-${id}`)
  await fs.mkdir(folder, { recursive: true })
  for (const name of names) {
    const target = path.join(folder, name)
    await fs.rm(target, { force: true })
    await fs.link(blobs.path(files[name]), target).catch(() => fs.copyFile(blobs.path(files[name]), target)) // another file system
  }
  return path.join(folder, 'model.onnx')
}

const concatenate = (parts: Float32Array[]): Float32Array => {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

const toPrediction = ({ id, layer, card }: EncoderRow<EncoderCard>, values: Float32Array, images: number): Prediction => {
  const m = card.sites.length
  const rates = Array.from({ length: images }, (_, i) => Array.from(values.subarray(i * m, (i + 1) * m)))
  const counted = card.unit === 'count' || card.unit === 'spikes/s'
  return { encoder: id, layer, unit: card.unit, sites: card.sites, rates, ...(counted ? { ratesRectified: rates.map((row) => row.map((rate) => Math.max(rate, 0))) } : {}) }
}

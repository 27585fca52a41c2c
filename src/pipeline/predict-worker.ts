import type { Config } from '../config.ts'
import * as ort from '../numerics/onnx/runtime.ts'
import { createSession } from '../numerics/onnx/session.ts'
import { answerMessages } from '../numerics/worker-pool.ts'
import { openStoredTfjsEncoder } from './open-tfjs-encoder.ts'

/** One batch for one encoder. */
export interface PredictMessage {
  /** what the encoder is kept open under */
  encoder: string
  /** the path of its model, or, where the second engine computes it, the settings under which it is stored */
  from: { model: string; threads: number } | { config: Config }
  /** (n, 3, S, S), RGB in [0, 1] */
  pixels: Float32Array
  shape: number[]
}

interface OpenEncoder {
  /** (image x site) */
  run: (pixels: Float32Array, shape: number[]) => Promise<Float32Array>
  close: () => Promise<void>
}

/** Encoders kept open. */
const MAX_OPEN = 4
const encoders = new Map<string, Promise<OpenEncoder>>() // least recently used first

const openModel = async (model: string, threads: number): Promise<OpenEncoder> => {
  const session = await createSession(model, { threads })
  return {
    run: async (pixels, shape) => (await session.run({ pixels: new ort.Tensor('float32', pixels, shape) })).rates.data as Float32Array,
    close: () => session.release(),
  }
}

const openTfjs = async (config: Config, id: string): Promise<OpenEncoder> => {
  const { run, close } = await openStoredTfjsEncoder(config, id)
  return { run: (pixels, [count]) => run(pixels, count), close }
}

const encoderOf = async ({ encoder, from }: PredictMessage): Promise<OpenEncoder> => {
  const open = encoders.get(encoder) ?? ('model' in from ? openModel(from.model, from.threads) : openTfjs(from.config, encoder))
  encoders.delete(encoder)
  encoders.set(encoder, open)
  open.catch(() => encoders.delete(encoder))
  if (encoders.size > MAX_OPEN) {
    const [oldest, least] = encoders.entries().next().value!
    encoders.delete(oldest)
    void least.then((old) => old.close(), () => undefined) // one that could not be opened has nothing to close
  }
  return open
}

// session.run blocks its thread, so encoders run here and the server's own thread stays free.
answerMessages(async (message: PredictMessage) => (await encoderOf(message)).run(message.pixels, message.shape))

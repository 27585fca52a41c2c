import { parentPort, workerData } from 'node:worker_threads'
import type { Config } from '../config.ts'
import { errorToPlain } from '../domain/errors.ts'
import { openContext } from './context.ts'
import { makeEncoder } from './make-encoder.ts'

export interface EncoderWorkerData {
  config: Config
  fit: string
  layer: string
}

const { config, fit, layer } = workerData as EncoderWorkerData
const port = parentPort!

try {
  const context = await openContext(config, { attach: true })
  try {
    port.postMessage({ id: await makeEncoder(context, fit, layer) })
  } finally {
    await context.close()
  }
} catch (error) {
  port.postMessage({ error: errorToPlain(error) })
}

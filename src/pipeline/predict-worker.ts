import * as ort from '../numerics/onnx/runtime.ts'
import { createSession } from '../numerics/onnx/session.ts'
import type { Session } from '../numerics/onnx/session.ts'
import { answerMessages } from '../numerics/worker-pool.ts'

/** One batch for one encoder. */
export interface PredictMessage {
  /** what the session is kept under */
  encoder: string
  /** path of the model */
  model: string
  threads: number
  /** (n, 3, S, S), RGB in [0, 1] */
  pixels: Float32Array
  shape: number[]
}

/** Encoders kept open. */
const MAX_SESSIONS = 4
const sessions = new Map<string, Promise<Session>>() // least recently used first

const sessionOf = async ({ encoder, model, threads }: PredictMessage): Promise<Session> => {
  const session = sessions.get(encoder) ?? createSession(model, { threads })
  sessions.delete(encoder)
  sessions.set(encoder, session)
  session.catch(() => sessions.delete(encoder))
  if (sessions.size > MAX_SESSIONS) {
    const [oldest, least] = sessions.entries().next().value!
    sessions.delete(oldest)
    void least.then((old) => old.release(), () => undefined) // one that could not be opened has nothing to release
  }
  return session
}

// session.run blocks its thread, so encoders run here and the server's own thread stays free.
answerMessages(async (message: PredictMessage) => {
  const session = await sessionOf(message)
  const { rates } = await session.run({ pixels: new ort.Tensor('float32', message.pixels, message.shape) })
  return rates.data as Float32Array // (image x site)
})

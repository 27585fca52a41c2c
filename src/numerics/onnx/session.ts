import { nativeCall } from './native-calls.ts'
import * as ort from './runtime.ts'

/** An open model: `run` takes and gives onnxruntime tensors by name, `release` frees it. */
export type Session = ort.InferenceSession

export interface SessionOptions {
  /** threads of one run */
  threads: number
  /** contents of the weights files that a model given as bytes refers to, by the names it uses; a model opened by path finds its own */
  externalData?: { path: string; data: Uint8Array }[]
  /** keep freed memory for the next run (default). Turn it off where runs differ much in size: the arena never shrinks. */
  arena?: boolean
}

/**
 * Opens an ONNX model from its bytes or its path, on the CPU. Opening and running block the calling thread until done.
 * Large weights are cheapest in a sibling file of a model opened by path.
 */
export const createSession = async (model: Uint8Array | string, { threads, externalData, arena = true }: SessionOptions): Promise<Session> => {
  const options: ort.InferenceSession.SessionOptions = {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    enableCpuMemArena: arena,
    // A pattern plans one block for a whole run beside what the first run took: a fifth more memory for no time.
    enableMemPattern: false,
    logSeverityLevel: 3,
    // Idle pool threads sleep instead of spinning: the machine is shared with other work.
    extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
    ...(externalData && { externalData }),
  }
  const session = await nativeCall(() => (typeof model === 'string' ? ort.InferenceSession.create(model, options) : ort.InferenceSession.create(model, options)))
  const run = session.run.bind(session) as (...args: Parameters<Session['run']>) => ReturnType<Session['run']>
  session.run = ((...args: Parameters<Session['run']>) => nativeCall(() => run(...args))) as Session['run']
  return session
}

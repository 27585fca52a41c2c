import { setTimeout as wait } from 'node:timers/promises'

/** Shared between a thread that calls the runtime and the one that may end it: [calls under way, told to stop]. */
export type CallFlags = Int32Array<SharedArrayBuffer>

/** A call that does not return within this is not waited for. */
const LONGEST_MS = 30_000

let own: CallFlags | null = null

export const createCallFlags = (): CallFlags => new Int32Array(new SharedArrayBuffer(8))

/** Makes this thread tell of its calls, and refuse further ones once it is told to stop. */
export const obeyCallFlags = (flags: CallFlags): void => {
  own = flags
}

/** A call of the runtime's native code. Ending a thread inside one aborts the whole process, so that whoever ends threads has to know. */
export const nativeCall = async <T>(call: () => Promise<T>): Promise<T> => {
  if (own === null) return call()
  Atomics.add(own, 0, 1)
  try {
    if (Atomics.load(own, 1) === 1) throw new Error('the thread was told to stop')
    return await call()
  } finally {
    Atomics.sub(own, 0, 1)
  }
}

/** Tells a thread to make no further calls, and waits for the one that is under way. */
export const stopCalls = async (flags: CallFlags): Promise<void> => {
  Atomics.store(flags, 1, 1)
  for (const started = performance.now(); Atomics.load(flags, 0) > 0 && performance.now() - started < LONGEST_MS; ) await wait(1)
}

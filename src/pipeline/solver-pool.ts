import { createWorkerPool, workerUrl } from '../numerics/worker-pool.ts'
import type { SolverTask, TaskInput, TaskOutput } from './solver-tasks.ts'

/** Threads that run the heavy steps of a fit, one step per thread at a time, in the order asked for. */
export interface SolverPool {
  run<T extends SolverTask>(task: T, input: TaskInput<T>): Promise<TaskOutput<T>>
  close(): Promise<void>
}

export type SolverMessage = { [T in SolverTask]: { task: T; input: TaskInput<T> } }[SolverTask]

/** Starts up to `threads` threads, each when it is first needed. An abort ends them at once, and every step fails with the signal's reason. */
export const createSolverPool = (threads: number, signal?: AbortSignal): SolverPool => {
  const pool = createWorkerPool<SolverMessage, never>(workerUrl('solver-worker', import.meta.url), threads)
  const onAbort = (): void => void pool.close()
  signal?.addEventListener('abort', onAbort, { once: true })
  return {
    run: async (task, input) => {
      signal?.throwIfAborted()
      try {
        return await pool.ask({ task, input } as SolverMessage)
      } catch (error) {
        throw signal?.aborted ? signal.reason : error
      }
    },
    close: () => {
      signal?.removeEventListener('abort', onAbort)
      return pool.close()
    },
  }
}

import { Worker } from 'node:worker_threads'
import type { Config } from '../config.ts'
import { errorFromPlain, VentralError } from '../domain/errors.ts'
import type { errorToPlain } from '../domain/errors.ts'
import { createCallFlags, stopCalls } from '../numerics/onnx/native-calls.ts'
import type { CallFlags } from '../numerics/onnx/native-calls.ts'
import { workerUrl } from '../numerics/worker-pool.ts'
import { ownerOf } from '../storage/database.ts'
import { newWorkFolder, removeWorkFolders } from '../storage/home.ts'
import { newId } from '../storage/ids.ts'
import type { PipelineContext } from './context.ts'
import type { tasks } from './request-tasks.ts'

type Tasks = typeof tasks
export type TaskName = keyof Tasks
type Input<N extends TaskName> = Parameters<Tasks[N]>[1]
type Output<N extends TaskName> = Awaited<ReturnType<Tasks[N]>>

export interface RequestThreadData {
  config: Config
  folder: string
  task: TaskName
  input: unknown
  calls: CallFlags
  /** whose rows it sees; null: everybody's */
  owner: string | null
}

/** One at a time, since each may hold arrays of a gigabyte; as many may wait. */
const MAX_WAITING = 16
let waiting = 0
let last: Promise<unknown> = Promise.resolve()

const inTurn = async <T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> => {
  if (waiting > MAX_WAITING) throw new VentralError('busy', 'Many requests are being computed. Ask again in a moment.')
  waiting++
  const before = last
  const mine = before.then(() => {
    signal?.throwIfAborted()
    return work()
  })
  last = mine.catch(() => undefined)
  return mine.finally(() => waiting--)
}

const inThread = async ({ home, config, db }: PipelineContext, task: TaskName, input: unknown, signal?: AbortSignal): Promise<unknown> => {
  const purpose = `request-${newId()}`
  const folder = await newWorkFolder(home.folders, purpose)
  const calls = createCallFlags()
  const workerData: RequestThreadData = { config, folder, task, input, calls, owner: ownerOf(db) }
  const worker = new Worker(workerUrl('request-worker', import.meta.url), { workerData, execArgv: [] })
  try {
    return await new Promise<unknown>((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
      worker.once('message', (answer: { value: unknown } | { error: ReturnType<typeof errorToPlain> }) => ('error' in answer ? reject(errorFromPlain(answer.error)) : resolve(answer.value)))
      worker.once('error', reject)
      worker.once('exit', () => reject(new Error('the thread that computes the answer ended early')))
    })
  } finally {
    await stopCalls(calls)
    await worker.terminate()
    await removeWorkFolders(home.folders, purpose)
  }
}

/**
 * Runs a request's task in a thread of its own, so that the server's stays free. An abort ends the thread after the call of the runtime
 * that is under way: it stores nothing, and its temporary files are removed here.
 */
export const inRequestThread = <N extends TaskName>(context: PipelineContext, task: N, input: Input<N>, signal?: AbortSignal): Promise<Output<N>> =>
  inTurn(() => inThread(context, task, input, signal) as Promise<Output<N>>, signal)

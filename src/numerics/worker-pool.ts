import path from 'node:path'
import type { TransferListItem } from 'node:worker_threads'
import { parentPort, Worker, workerData } from 'node:worker_threads'
import { errorFromPlain, errorToPlain } from '../domain/errors.ts'
import { createCallFlags, obeyCallFlags, stopCalls } from './onnx/native-calls.ts'
import type { CallFlags } from './onnx/native-calls.ts'
import './onnx/no-telemetry.ts'

/** What a worker answers to each message, in the order of the messages. */
export type WorkerAnswer<T> = { value: T } | { error: ReturnType<typeof errorToPlain> }

interface PoolWorkerData {
  calls: CallFlags
}

interface Task<Q, A> {
  message: Q
  transfer: readonly TransferListItem[]
  resolve: (value: A) => void
  reject: (error: Error) => void
}

export interface WorkerPool<Q, A> {
  /** Hands a message to the least busy worker and resolves with its answer. */
  ask: (message: Q, transfer?: readonly TransferListItem[]) => Promise<A>
  /** Stops the workers; what was asked and not answered is rejected. */
  close: () => Promise<void>
}

/**
 * Messages a worker holds at once: the caller's thread may be blocked by a running session when a worker finishes, and the worker then
 * goes on with the next message by itself.
 */
const DEPTH = 2

/** A failure that the worker knows by its code is the user's to read; any other is a defect and keeps its stack for the log. */
const rebuild = (plain: ReturnType<typeof errorToPlain>): Error => {
  if (plain.code !== 'internal') return errorFromPlain(plain)
  const error = new Error(plain.message)
  error.stack = plain.stack ?? error.stack
  return error
}

/**
 * Workers that answer messages one after the other. They start when they are first needed, do not keep the process alive while idle,
 * and one that dies takes only the messages it held with it: the next ones get a fresh worker.
 */
export const createWorkerPool = <Q, A>(url: URL, threads: number): WorkerPool<Q, A> => {
  const waiting: Task<Q, A>[] = []
  const held = new Map<Worker, Task<Q, A>[]>()
  const flags = new WeakMap<Worker, CallFlags>()
  let closed = false

  const start = (): Worker => {
    // The process's own flags (--eval, --input-type, a test runner's hooks) are not meant for a file of ours.
    const calls = createCallFlags()
    const worker = new Worker(url, { execArgv: [], workerData: { calls } satisfies PoolWorkerData })
    held.set(worker, [])
    flags.set(worker, calls)
    worker.on('message', (answer: WorkerAnswer<A>) => {
      const tasks = held.get(worker) ?? []
      const task = tasks.shift()
      if (tasks.length === 0) worker.unref()
      if ('error' in answer) task?.reject(rebuild(answer.error))
      else task?.resolve(answer.value)
      handOut()
    })
    const lost = (error: Error) => {
      const tasks = held.get(worker) ?? []
      held.delete(worker)
      for (const task of tasks) task.reject(error)
      if (!closed) handOut()
    }
    worker.on('error', (error) => lost(error instanceof Error ? error : new Error(String(error))))
    worker.on('exit', (code) => lost(new Error(`a worker ended with code ${code} before it answered`)))
    return worker
  }

  /** The worker that the next message goes to; null when all hold as many as they may. */
  const pick = (): Worker | null => {
    const [least] = [...held].sort(([, a], [, b]) => a.length - b.length)
    if (least && (least[1].length === 0 || (held.size >= threads && least[1].length < DEPTH))) return least[0]
    return held.size < threads ? start() : null
  }

  const handOut = (): void => {
    while (waiting.length > 0) {
      const worker = pick()
      if (!worker) return
      const task = waiting.shift()!
      held.get(worker)!.push(task)
      worker.ref()
      worker.postMessage(task.message, task.transfer)
    }
  }

  return {
    ask: (message, transfer = []) => new Promise((resolve, reject) => {
      if (closed) {
        reject(new Error('the worker pool is closed'))
        return
      }
      waiting.push({ message, transfer, resolve, reject })
      handOut()
    }),
    close: async () => {
      closed = true
      const workers = [...held.keys()]
      const unanswered = [...[...held.values()].flat(), ...waiting.splice(0)]
      held.clear()
      for (const task of unanswered) task.reject(new Error('the worker pool was closed'))
      await Promise.all(
        workers.map(async (worker) => {
          await stopCalls(flags.get(worker)!)
          await worker.terminate()
        }),
      )
    },
  }
}

/** A worker's side: answers message after message, in turn. A result that is one whole array is moved, not copied. */
export const answerMessages = <Q, A>(answer: (message: Q) => Promise<A>): void => {
  const port = parentPort!
  obeyCallFlags((workerData as PoolWorkerData).calls)
  const reply = async (message: Q): Promise<void> => {
    try {
      const value = await answer(message)
      const whole = ArrayBuffer.isView(value) && value.buffer instanceof ArrayBuffer && value.byteLength === value.buffer.byteLength
      port.postMessage({ value } satisfies WorkerAnswer<A>, whole ? [value.buffer] : [])
    } catch (error) {
      port.postMessage({ error: errorToPlain(error) } satisfies WorkerAnswer<A>)
    }
  }
  let last = Promise.resolve()
  port.on('message', (message: Q) => {
    last = last.then(() => reply(message))
  })
}

/** URL of a worker's file beside the caller's: `.ts` in a checkout, `.js` where it was built. */
export const workerUrl = (name: string, callerUrl: string): URL => new URL(`./${name}${path.extname(callerUrl)}`, callerUrl)

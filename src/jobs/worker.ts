import { setTimeout as delay } from 'node:timers/promises'
import type { Config } from '../config.ts'
import { VentralError } from '../domain/errors.ts'
import { openContext, type PipelineContext } from '../pipeline/context.ts'
import { takeFitLock } from '../storage/fit-lock.ts'
import { removeWorkFolders } from '../storage/home.ts'
import { beginDelivery, cancelFit, deliveryState, failFit, interruptFit, recordProgress, succeedFit } from '../storage/repositories/fit-deliveries.ts'
import type { Begun, Delivery, Interruption } from '../storage/repositories/fit-deliveries.ts'
import { besides, startFitProcess, type Ending } from './delivery.ts'
import { giveUpReason } from './give-up.ts'
import { workFolderOf } from './work-folder.ts'

export interface WorkerOptions {
  signal: AbortSignal
  onNotice?: (text: string) => void
  /** URL of the module that exports runFit; the pipeline's unless given */
  fitModule?: string
}

type Started = Extract<Begun, { kind: 'begun' }>

const CHECK_MS = 1_000

/** Works on fits, one at a time, until the signal; the fit at hand then goes back to the queue. Throws `busy` when no database is there. */
export const runWorker = async (config: Config, { signal, onNotice = () => {}, fitModule = besides('../pipeline/fit') }: WorkerOptions): Promise<void> => {
  const context = await openContext(config, { attach: true, onNotice })
  const underWay = new Map<string, Promise<void>>()
  try {
    await context.queue.work((job) => {
      // pg-boss gives a job out anew after a day even though we are at it: the second handler waits for the first.
      const fit = job.data.fit
      const work = underWay.get(fit) ?? handle(context, fit, job.id, { signal, onNotice, fitModule }).finally(() => underWay.delete(fit))
      underWay.set(fit, work)
      return work
    })
    await new Promise<void>((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })))
  } finally {
    await Promise.allSettled(underWay.values())
    await context.close()
  }
}

const handle = async (context: PipelineContext, fit: string, job: string, options: Required<WorkerOptions>): Promise<void> => {
  const { db } = context
  if (options.signal.aborted) throw new Error('the worker stops')
  const lock = await takeFitLock(db, fit)
  if (lock === null) throw new Error(`fit ${fit} is with another worker still`)
  const clearUp = (): Promise<void> =>
    removeWorkFolders(context.home.folders, workFolderOf(fit)).catch((error: Error) => options.onNotice(`fit ${fit}: its temporary files stay: ${error.message}`))
  try {
    await clearUp() // what a delivery left whose worker was killed, too
    const begun = await whenReachable(() => db.transaction((tx) => beginDelivery(tx, fit, { job })))
    if (begun.kind === 'over') return
    const giveUp = giveUpReason(begun, 'worker lost', null)
    if (giveUp !== null) await whenReachable(() => db.transaction((tx) => failFit(tx, begun.delivery, giveUp)))
    else {
      const ending = await attend(context, begun.delivery, options)
      await clearUp()
      await settle(context, begun, ending, options)
    }
  } finally {
    await lock.release()
  }
}

/** Runs the fit's process beside a check, every second, of whether it may go on. */
const attend = async (context: PipelineContext, delivery: Delivery, { signal, fitModule }: Required<WorkerOptions>): Promise<Ending> => {
  const { config, db } = context
  let writing: Promise<unknown> = Promise.resolve() // progress in order, and none after the end
  const child = startFitProcess({
    config,
    fit: delivery.fit,
    fitModule,
    onProgress: (progress) => {
      writing = writing.then(() => db.transaction((tx) => recordProgress(tx, delivery, progress))).catch(() => {}) // the next one tells as much
    },
  })
  signal.addEventListener('abort', child.kill, { once: true })
  if (signal.aborted) child.kill()
  const checks = setInterval(() => {
    deliveryState(db, delivery).then(
      (state) => {
        if (state === 'cancel') child.cancel()
        if (state === 'superseded') child.kill()
      },
      () => {}, // the database restarts; the next check asks again
    )
  }, CHECK_MS)
  try {
    return await child.ending
  } finally {
    clearInterval(checks)
    signal.removeEventListener('abort', child.kill)
    await writing
  }
}

/** Writes down how a delivery ended: the fit is over, or waits again. */
const settle = async (context: PipelineContext, begun: Started, ending: Ending, { signal, onNotice }: Required<WorkerOptions>): Promise<void> => {
  const { db } = context
  const { delivery, crashes, losses } = begun
  const again = (why: Interruption, how: string, stderr: string | null): Promise<unknown> =>
    whenReachable(() =>
      db.transaction(async (tx) => {
        if ((await deliveryState(tx, delivery)) === 'cancel') return cancelFit(tx, delivery)
        const giveUp = why === 'crash' ? giveUpReason({ crashes: crashes + 1, losses }, how, stderr) : null
        if (giveUp !== null) return failFit(tx, delivery, giveUp, stderr)
        const waiting = await interruptFit(tx, delivery, why, stderr)
        if (waiting !== null) await context.queue.enqueueFit(tx, waiting, why === 'stop' ? 0 : 2)
        return waiting
      }),
    )

  if (ending.kind === 'outcome') {
    const written = await whenReachable(() => db.transaction((tx) => succeedFit(tx, delivery, ending.outcome)))
    if (!written) onNotice(`fit ${delivery.fit}: results of delivery ${delivery.fence} came too late and were dropped`)
  } else if (ending.kind === 'error' && !ending.retry) {
    const { code, message, errors, stack } = ending.error
    if (stack !== undefined) onNotice(`fit ${delivery.fit} failed: ${stack}`)
    // The text of a defect is for the log, not for the user.
    const detail = code === 'internal' ? 'The fit failed by a defect of Ventral; the log tells more.' : message
    await whenReachable(() => db.transaction((tx) => failFit(tx, delivery, { code, detail, errors }, stack ?? null)))
  } else if (ending.kind === 'crash') {
    onNotice(`fit ${delivery.fit}: its process died (${ending.how}) ${ending.stderr.split('\n').at(-1) ?? ''}`)
    await again('crash', ending.how, ending.stderr)
  } else {
    await again(signal.aborted ? 'stop' : 'loss', 'ended', null)
  }
}

/** Repeats work on the database for up to a minute while that is out of reach: each piece may run twice without harm. */
const whenReachable = async <T>(work: () => Promise<T>): Promise<T> => {
  for (const end = Date.now() + 60_000; ; await delay(500)) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof VentralError && error.code === 'busy') || Date.now() > end) throw error
    }
  }
}

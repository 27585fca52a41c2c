import type { PipelineContext } from '../pipeline/context.ts'
import { nobodyWorksOn } from '../storage/fit-lock.ts'
import { cancelFit, failFit, interruptFit, renewJob, unfinishedFits, type UnfinishedFit } from '../storage/repositories/fit-deliveries.ts'
import { giveUpReason } from './give-up.ts'

export interface Recovery {
  /** one look at all unfinished fits; answers the ids of those that were given out again or ended */
  look(): Promise<string[]>
  stop(): Promise<void>
}

/**
 * Looks every two seconds for fits that nobody works on though they should be: their worker was killed, or their job was
 * lost. One that is found so at two looks in a row (a restarted database takes every worker's lock for a moment) waits again
 * under a new job. Its earlier delivery has lost its right to write, should it be alive after all.
 */
export const lookAfterFits = (
  context: PipelineContext,
  { intervalMs = 2_000, onNotice = () => {} }: { intervalMs?: number; onNotice?: (text: string) => void } = {},
): Recovery => {
  let suspects = new Map<string, string>()
  let looking: Promise<unknown> = Promise.resolve()

  const look = async (): Promise<string[]> => {
    const seen = new Map<string, string>()
    const recovered: string[] = []
    for (const fit of await unfinishedFits(context.db)) {
      const state = `${fit.status} ${fit.fence} ${fit.job}`
      if (!(await isAbandoned(context, fit))) continue
      if (suspects.get(fit.id) !== state) seen.set(fit.id, state)
      else if (await recover(context, fit)) recovered.push(fit.id)
    }
    suspects = seen
    if (recovered.length > 0) onNotice(`Fits given out again, since their worker was lost: ${recovered.join(', ')}`)
    return recovered
  }

  const next = (): Promise<string[]> => {
    const result = looking.then(look)
    looking = result.catch((error: unknown) => onNotice(`looking after fits: ${error instanceof Error ? error.message : String(error)}`))
    return result
  }
  const timer = setInterval(() => void next().catch(() => {}), intervalMs)
  void next().catch(() => {})
  return {
    look: next,
    stop: async () => {
      clearInterval(timer)
      await looking
    },
  }
}

const isAbandoned = async ({ db, queue }: PipelineContext, fit: UnfinishedFit): Promise<boolean> => {
  if (!(await db.transaction((tx) => nobodyWorksOn(tx, fit.id)))) return false
  return fit.status === 'running' || (await queue.jobState(fit.job)) !== 'waiting'
}

const recover = ({ db, queue }: PipelineContext, fit: UnfinishedFit): Promise<boolean> =>
  db.transaction(async (tx) => {
    if (!(await nobodyWorksOn(tx, fit.id))) return false
    if (fit.status === 'queued') {
      const renewed = await renewJob(tx, fit)
      if (renewed !== null) await queue.enqueueFit(tx, renewed)
      return renewed !== null
    }
    const delivery = { fit: fit.id, fence: fit.fence }
    if (fit.cancelRequested) return cancelFit(tx, delivery)
    const giveUp = giveUpReason({ crashes: 0, losses: fit.losses + 1 }, 'worker lost', fit.stderr)
    if (giveUp !== null) return failFit(tx, delivery, giveUp)
    const waiting = await interruptFit(tx, delivery, 'loss')
    if (waiting !== null) await queue.enqueueFit(tx, waiting)
    return waiting !== null
  })

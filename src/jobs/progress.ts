import type { FitProgress } from '../domain/fit.ts'
import type { ReportProgress } from '../domain/progress.ts'

/** Passes progress on at most once per interval, but always a new stage and a stage's end, with the time that the stage has left at its speed so far. */
export const paceProgress = (send: (progress: FitProgress) => void, intervalMs = 500, now: () => number = Date.now): ReportProgress => {
  let stage: string | null = null
  let begun = { at: 0, done: 0 }
  let sentAt = -Infinity
  return (progress) => {
    const at = now()
    const newStage = progress.stage !== stage
    if (newStage) {
      stage = progress.stage
      begun = { at, done: progress.done }
    }
    if (!newStage && progress.done < progress.total && at - sentAt < intervalMs) return
    sentAt = at
    const { done, total } = progress
    const etaSeconds = done > begun.done ? Math.round(((total - done) * (at - begun.at)) / (done - begun.done) / 100) / 10 : null
    send({ ...progress, etaSeconds })
  }
}

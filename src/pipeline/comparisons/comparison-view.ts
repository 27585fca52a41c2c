import type { ComparisonView } from '../../domain/comparison.ts'
import type { FitStatus } from '../../domain/fit.ts'
import type { ComparisonFitRow, ComparisonRow } from '../../storage/repositories/comparisons.ts'
import { isFinished } from '../../storage/repositories/fits.ts'

const statusOf = ({ fits, cancelledAt }: ComparisonRow): FitStatus => {
  const statuses = fits.map(({ status }) => status)
  if (cancelledAt !== null) return 'cancelled'
  if (statuses.every((status) => status === 'queued')) return 'queued'
  if (!statuses.every(isFinished)) return 'running'
  return statuses.includes('failed') ? 'failed' : statuses.includes('cancelled') ? 'cancelled' : 'succeeded'
}

const secondsBetween = (from: string, to: string | number): number => (new Date(to).getTime() - new Date(from).getTime()) / 1000

/** One fit runs at a time, and is taken to last as long as those that succeeded did on average; null before there is one. */
const etaSeconds = (fits: readonly ComparisonFitRow[]): number | null => {
  const lasted = fits.flatMap(({ status, startedAt, finishedAt }) => (status === 'succeeded' && startedAt !== null && finishedAt !== null ? [secondsBetween(startedAt, finishedAt)] : []))
  if (lasted.length === 0) return null
  const each = lasted.reduce((sum, seconds) => sum + seconds, 0) / lasted.length
  const left = fits.map(({ status, startedAt }) => (isFinished(status) ? 0 : status === 'running' && startedAt !== null ? Math.max(0, each - secondsBetween(startedAt, Date.now())) : each))
  return Math.ceil(left.reduce((sum, seconds) => sum + seconds, 0))
}

/** A comparison as the API shows it; all of it follows from its fits. */
export const toView = (row: ComparisonRow): ComparisonView => {
  const { id, dataset, request, fits, createdAt, cancelledAt } = row
  const status = statusOf(row)
  const ends = fits.flatMap(({ finishedAt }) => finishedAt ?? [])
  return {
    id,
    status,
    dataset,
    request,
    progress: { done: ends.length, total: fits.length, etaSeconds: isFinished(status) ? 0 : etaSeconds(fits) },
    fits: fits.map(({ startedAt: _, finishedAt: __, ...fit }) => fit),
    createdAt,
    // Fits that were there before ended before it began.
    finishedAt: !isFinished(status) ? null : (cancelledAt ?? [createdAt, ...ends].reduce((last, end) => (end > last ? end : last))),
  }
}

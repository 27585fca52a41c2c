import type { NdArray } from '../../domain/matrix.ts'
import { columnMoments, pearsonOf } from '../scores/moments.ts'
import { median } from '../scores/statistics.ts'
import { trialShape } from './analytic.ts'
import type { Reliability } from './analytic.ts'
import { spearmanBrown } from './split-half.ts'

/** A median difference over this much says that the responses changed in the course of the recording. */
export const MAX_DRIFT = 0.05

/**
 * Reliability of early against late repetitions per site: per stimulus the means of the first and of the last floor(R/2) valid trials,
 * Pearson over stimuli, then Spearman-Brown. Drift lowers it below the reliability of random halves.
 */
export const earlyLateReliability = (trials: NdArray): Reliability[] => {
  const [n, m, repetitions] = trialShape(trials)
  return Array.from({ length: m }, (_, j) => {
    const [early, late]: number[][] = [[], []]
    for (let i = 0; i < n; i++) {
      const from = (i * m + j) * repetitions
      const valid = Array.from(trials.data.subarray(from, from + repetitions)).filter((y) => !Number.isNaN(y))
      const half = valid.length >> 1
      if (half === 0) continue
      early.push(valid.slice(0, half).reduce((a, b) => a + b, 0) / half)
      late.push(valid.slice(-half).reduce((a, b) => a + b, 0) / half)
    }
    if (early.length < 2) return { rho: null, reason: 'fewer than 2 stimuli have 2 repetitions' }
    const r = pearsonOf(columnMoments(Float64Array.from(early), Float64Array.from(late), 1, 0, Int32Array.from(early.keys())))
    return Number.isNaN(r) ? { rho: null, reason: 'the half means do not vary' } : { rho: spearmanBrown(r) }
  })
}

/** By how much early-against-late falls short of the default reliability, median over sites that have both, and whether that is a drift. */
export const driftOf = (reliability: readonly Reliability[], earlyLate: readonly Reliability[]): { difference: number | null; drifts: boolean } => {
  const difference = median(reliability.map(({ rho }, j) => (rho === null || earlyLate[j].rho === null ? null : rho - earlyLate[j].rho)))
  return { difference, drifts: difference !== null && Math.abs(difference) > MAX_DRIFT }
}

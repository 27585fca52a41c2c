import type { NdArray } from '../../domain/matrix.ts'
import { createRandomState } from '../../numerics/random/mt19937.ts'
import { columnMoments, pearsonOf } from '../scores/moments.ts'
import { trialShape } from './analytic.ts'
import type { Reliability } from './analytic.ts'
import { createHalver } from './halves.ts'

export interface SplitHalfOptions {
  draws?: number
  seed?: number
}

/** Spearman-Brown: the reliability of the mean of both halves from the correlation of the halves. */
export const spearmanBrown = (r: number): number => (2 * r) / (1 + r)

/**
 * Split-half reliability per site (FORMULAS.md): per stimulus two random halves of floor(R/2) of its valid trials each, Pearson over
 * stimuli, the mean over draws, then Spearman-Brown. Stimuli with fewer than 2 valid trials of a site are left out for it.
 */
export const splitHalfReliability = (trials: NdArray, { draws = 100, seed = 0 }: SplitHalfOptions = {}): Reliability[] => {
  const [n, m] = trialShape(trials)
  const { draw, first, second, valid } = createHalver(trials, createRandomState(seed))
  const rows = Array.from({ length: m }, (_, j) => Int32Array.from({ length: n }, (_, i) => i).filter((i) => valid[i * m + j] >= 2))
  const sums = new Float64Array(m)
  const counts = new Int32Array(m)
  for (let k = 0; k < draws; k++) {
    draw()
    for (let j = 0; j < m; j++) {
      const r = correlate(first.subarray(j * n, (j + 1) * n), second.subarray(j * n, (j + 1) * n), rows[j])
      if (Number.isNaN(r)) continue
      sums[j] += r
      counts[j]++
    }
  }
  return Array.from(sums, (sum, j) =>
    counts[j] === 0
      ? { rho: null, reason: rows[j].length < 2 ? 'fewer than 2 stimuli have 2 repetitions' : 'the half means do not vary' }
      : { rho: spearmanBrown(sum / counts[j]) },
  )
}

const correlate = (a: Float64Array, b: Float64Array, rows: Int32Array): number =>
  rows.length < 2
    ? NaN
    : pearsonOf(
        columnMoments(
          Float64Array.from(rows, (i) => a[i]),
          b,
          1,
          0,
          rows,
        ),
      )

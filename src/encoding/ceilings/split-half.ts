import type { NdArray } from '../../domain/matrix.ts'
import { createRandomState } from '../../numerics/random/mt19937.ts'
import { columnMoments, pearsonOf } from '../scores/moments.ts'
import { trialShape } from './analytic.ts'
import type { Reliability } from './analytic.ts'

export interface SplitHalfOptions {
  draws?: number
  seed?: number
}

/** Spearman-Brown: the reliability of the mean of both halves from the correlation of the halves. */
export const spearmanBrown = (r: number): number => (2 * r) / (1 + r)

/**
 * Split-half reliability per site (FORMULAS.md): per stimulus two random halves of floor(R/2) of its valid trials each, Pearson over
 * stimuli, the mean over draws, then Spearman-Brown. One order of the repetitions is drawn per draw and stimulus and holds for all
 * sites, so that trials recorded together stay together. Stimuli with fewer than 2 valid trials of a site are left out for it.
 */
export const splitHalfReliability = (trials: NdArray, { draws = 100, seed = 0 }: SplitHalfOptions = {}): Reliability[] => {
  const [n, m, repetitions] = trialShape(trials)
  const random = createRandomState(seed)
  const valid = countValid(trials, n * m, repetitions)
  const [first, second] = [new Float64Array(n * m), new Float64Array(n * m)] // (site x stimulus): a site's half means lie together
  const rows = Array.from({ length: m }, (_, j) => Int32Array.from({ length: n }, (_, i) => i).filter((i) => valid[i * m + j] >= 2))
  const sums = new Float64Array(m)
  const counts = new Int32Array(m)
  const order = Int32Array.from({ length: repetitions }, (_, r) => r)
  for (let draw = 0; draw < draws; draw++) {
    for (let i = 0; i < n; i++) {
      random.shuffle(order)
      for (let j = 0; j < m; j++) {
        const cell = (i * m + j) * repetitions
        const half = valid[i * m + j] >> 1
        let [a, b, seen] = [0, 0, 0]
        for (let k = 0; k < repetitions && seen < 2 * half; k++) {
          const value = trials.data[cell + order[k]]
          if (Number.isNaN(value)) continue
          if (seen++ < half) a += value
          else b += value
        }
        first[j * n + i] = a / half
        second[j * n + i] = b / half
      }
    }
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

const countValid = (trials: NdArray, cells: number, repetitions: number): Int32Array => {
  const out = new Int32Array(cells)
  for (let cell = 0; cell < cells; cell++) for (let k = 0; k < repetitions; k++) if (!Number.isNaN(trials.data[cell * repetitions + k])) out[cell]++
  return out
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

import type { NdArray } from '../../domain/matrix.ts'
import type { RandomState } from '../../numerics/random/mt19937.ts'
import { trialShape } from './analytic.ts'

/** Random halves of each stimulus's valid trials. */
export interface Halver {
  /** draws new halves; their means then stand in `first` and `second` */
  draw: () => void
  /** mean over one half, (site x stimulus): a site's means lie together. NaN where there are fewer than 2 valid trials */
  first: Float64Array
  second: Float64Array
  /** valid trials, (stimulus x site) */
  valid: Int32Array
}

/**
 * Two random halves of floor(R/2) valid trials each. One order of the repetitions is drawn per draw and stimulus and holds for all
 * sites, so that trials recorded together stay together.
 */
export const createHalver = (trials: NdArray, random: RandomState): Halver => {
  const [n, m, repetitions] = trialShape(trials)
  const valid = new Int32Array(n * m)
  for (let k = 0; k < trials.data.length; k++) if (!Number.isNaN(trials.data[k])) valid[Math.floor(k / repetitions)]++
  const [first, second] = [new Float64Array(n * m), new Float64Array(n * m)]
  const order = Int32Array.from({ length: repetitions }, (_, r) => r)
  const draw = (): void => {
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
  }
  return { draw, first, second, valid }
}

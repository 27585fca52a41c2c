import type { NdArray } from '../../domain/matrix.ts'
import { columnMoments, pearsonOf } from '../scores/moments.ts'
import { mean, median, std } from '../scores/statistics.ts'
import { shuffleSplit } from '../splits/shuffle-split.ts'
import { trialShape } from './analytic.ts'
import { spearmanBrown } from './split-half.ts'

/** Brain-Score's internal consistency: corrected correlations (split x site), and its aggregate. */
export interface InternalConsistency {
  corrected: Float64Array[]
  /** median over sites per split, then mean over splits */
  score: number | null
  /** population std over splits / sqrt(splits) */
  error: number | null
}

/**
 * `splitHalf-brainscore`: halves of the repetition index by ShuffleSplit(10, .5, seed 1), mean response of each half, Pearson over
 * stimuli, Spearman-Brown per split and site, median over sites, mean over splits. Missing repetitions are left out of a half's mean;
 * a stimulus without any in a half is left out of that site's correlation.
 */
export const brainScoreCeiling = (trials: NdArray, { splits = 10, seed = 1 } = {}): InternalConsistency => {
  const [n, m, repetitions] = trialShape(trials)
  if (repetitions < 2) return { corrected: [], score: null, error: null }
  const corrected = shuffleSplit(repetitions, { splits, seed, trainSize: 0.5 }).map(({ train, test }) => {
    const [a, b] = [halfMeans(trials, train), halfMeans(trials, test)] // (stimulus x site)
    return Float64Array.from({ length: m }, (_, j) => {
      const rows = Int32Array.from({ length: n }, (_, i) => i).filter((i) => !Number.isNaN(a[i * m + j]) && !Number.isNaN(b[i * m + j]))
      const first = Float64Array.from(rows, (i) => a[i * m + j])
      const second = Float64Array.from(rows, (i) => b[i * m + j])
      return rows.length < 2 ? NaN : spearmanBrown(pearsonOf(columnMoments(first, second, 1, 0, Int32Array.from(rows.keys()))))
    })
  })
  const perSplit = corrected.map((sites) => median(sites))
  const spread = std(perSplit)
  return { corrected, score: mean(perSplit), error: spread === null ? null : spread / Math.sqrt(splits) }
}

const halfMeans = (trials: NdArray, half: Int32Array): Float64Array => {
  const [n, m, repetitions] = trialShape(trials)
  return Float64Array.from({ length: n * m }, (_, cell) => {
    let [sum, count] = [0, 0]
    for (const k of half) {
      const value = trials.data[cell * repetitions + k]
      if (Number.isNaN(value)) continue
      sum += value
      count++
    }
    return sum / count
  })
}

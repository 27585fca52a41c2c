import type { NdArray } from '../../domain/matrix.ts'
import { trialShape } from './analytic.ts'

/** Variance with ddof 1; NaN with fewer than 2 values. */
export const variance = (values: ArrayLike<number>): number => {
  const n = values.length
  let sum = 0
  for (let i = 0; i < n; i++) sum += values[i]
  let squares = 0
  for (let i = 0; i < n; i++) squares += (values[i] - sum / n) ** 2
  return n < 2 ? NaN : squares / (n - 1)
}

/**
 * Explainable variance of a single trial per site: (σ²_total - σ²_noise) / σ²_total, σ²_noise the mean over stimuli of the variance over
 * repetitions, σ²_total the variance of all trials, both ddof 1. Missing repetitions (NaN) are left out, and so are stimuli with one
 * repetition from the noise. NaN where undefined; it may be negative. Not the reliability of the mean: see `reliabilityOfMean`.
 */
export const explainableVariance = (trials: NdArray): Float64Array => {
  const [n, m, repetitions] = trialShape(trials)
  return Float64Array.from({ length: m }, (_, j) => {
    const all: number[] = []
    let [noise, repeated] = [0, 0]
    for (let i = 0; i < n; i++) {
      const from = (i * m + j) * repetitions
      const valid = Array.from(trials.data.subarray(from, from + repetitions)).filter((y) => !Number.isNaN(y))
      all.push(...valid)
      if (valid.length < 2) continue
      noise += variance(valid)
      repeated++
    }
    const total = variance(all)
    return total > 0 && repeated > 0 ? (total - noise / repeated) / total : NaN
  })
}

/**
 * The same by repetitions (voxelwise modelling's form): variance over stimuli of the mean response over the mean over repetitions of the
 * variance over stimuli, both ddof 1, less the bias (1 - e) / (R - 1). Each repetition is z-scored over stimuli first unless told not
 * to, which takes out drifts of mean and gain. Needs every repetition of every stimulus: NaN for a site that lacks one.
 */
export const explainableVarianceByRepetition = (trials: NdArray, { zscore = true, biasCorrection = true } = {}): Float64Array => {
  const [n, m, repetitions] = trialShape(trials)
  return Float64Array.from({ length: m }, (_, j) => {
    const columns = Array.from({ length: repetitions }, (_, r) => {
      const values = Float64Array.from({ length: n }, (_, i) => trials.data[(i * m + j) * repetitions + r])
      if (!zscore) return values
      const mean = values.reduce((a, b) => a + b, 0) / n
      const sd = Math.sqrt((variance(values) * (n - 1)) / n)
      return values.map((y) => (y - mean) / sd)
    })
    const single = columns.reduce((sum, values) => sum + variance(values), 0) / repetitions
    const means = Float64Array.from({ length: n }, (_, i) => columns.reduce((sum, values) => sum + values[i], 0) / repetitions)
    const e = variance(means) / single
    return biasCorrection ? e - (1 - e) / (repetitions - 1) : e
  })
}

/** Reliability of the mean over R repetitions whose single trials have the explainable variance e: R·e / (1 + (R - 1)·e). */
export const reliabilityOfMean = (e: number, repetitions: number): number => (repetitions * e) / (1 + (repetitions - 1) * e)

import type { NdArray } from '../../domain/matrix.ts'

/** Reliability of one site's mean response; null where it is undefined, with the reason. */
export interface Reliability {
  rho: number | null
  reason?: string
}

/** Array (stimulus x site x repetition), NaN where a repetition is missing. */
export const trialShape = (trials: NdArray): [n: number, m: number, repetitions: number] => {
  const [n, m, repetitions] = trials.shape
  if (trials.shape.length !== 3 || n * m * repetitions !== trials.data.length) throw new Error('trials must be (stimulus x site x repetition)')
  return [n, m, repetitions]
}

/**
 * Reliability of the mean response per site, without a seed (FORMULAS.md): ρ = 1 - mean_i(s²_i / R_i) / var_i(ȳ_i), both ddof 1, over
 * the stimuli with at least 2 valid repetitions. It may be negative; `usableCeiling` decides where it serves as a ceiling.
 */
export const analyticReliability = (trials: NdArray): Reliability[] => {
  const [n, m, repetitions] = trialShape(trials)
  return Array.from({ length: m }, (_, j) => {
    const means: number[] = []
    let noise = 0
    for (let i = 0; i < n; i++) {
      const cell = (i * m + j) * repetitions
      const { count, mean, squares } = describe(trials.data.subarray(cell, cell + repetitions))
      if (count < 2) continue
      means.push(mean)
      noise += squares / (count - 1) / count
    }
    if (means.length === 0) return { rho: null, reason: 'no stimulus has 2 repetitions' }
    const { count, mean, squares } = describe(means)
    if (!(squares > count * (4 * Number.EPSILON * mean) ** 2))
      return { rho: null, reason: count < 2 ? 'only one stimulus has 2 repetitions' : 'the mean responses do not vary' }
    return { rho: 1 - noise / count / (squares / (count - 1)) }
  })
}

/** Count, mean and centred sum of squares of the values that are not NaN. */
const describe = (values: ArrayLike<number>): { count: number; mean: number; squares: number } => {
  let [count, sum, squares] = [0, 0, 0]
  for (let k = 0; k < values.length; k++)
    if (!Number.isNaN(values[k])) {
      count++
      sum += values[k]
    }
  const mean = sum / count
  for (let k = 0; k < values.length; k++) if (!Number.isNaN(values[k])) squares += (values[k] - mean) ** 2
  return { count, mean, squares }
}

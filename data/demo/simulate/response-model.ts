/** How the trials of one site scatter about their stimulus's mean. */
export interface TrialNoise {
  fano: number
  /** variances of the gain and of the drift factor over presentations, both of mean 1 */
  gainVariance: number
  driftVariance: number
}

/**
 * A trial of a stimulus with mean rate m is a count of mean g d m and variance fano x g d m, with gain g and drift d independent of mean 1.
 * By the law of total variance its variance is fano m + m^2 ((1 + var g)(1 + var d) - 1).
 */
export const trialVariance = (mean: number, noise: TrialNoise): number =>
  noise.fano * mean + mean * mean * ((1 + noise.gainVariance) * (1 + noise.driftVariance) - 1)

const variance = (values: Float64Array): number => {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length
  return values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1)
}

/**
 * The true reliability of the mean response: S / (S + mean_i(v_i / R_i)), S the variance (ddof 1) of the true means over stimuli, v_i the
 * variance of a trial, R_i the number of repetitions. It is what 1 - mean_i(s_i^2 / R_i) / var_i(mean response) estimates. Null when nothing varies.
 */
export const trueReliability = (means: Float64Array, repetitions: Int32Array, noise: TrialNoise): number | null => {
  const signal = variance(means)
  const scatter = means.reduce((sum, mean, i) => sum + trialVariance(mean, noise) / repetitions[i], 0) / means.length
  return signal + scatter === 0 ? null : signal / (signal + scatter)
}

/** The least mean count of a stimulus: over it every Fano factor from 0.5 can be had under any gain. */
export const leastMean = 1.5

/**
 * Mean counts leastMean + k (drive - min drive): an affine map, so that a linear drive stays linear. k is set by bisection to give the
 * reliability asked for. Throws when shared gain and drift leave no modulation that reaches it.
 */
export const meansOfReliability = (drive: Float64Array, rho: number, repetitions: Int32Array, noise: TrialNoise): Float64Array => {
  const least = drive.reduce((a, b) => Math.min(a, b))
  const means = (k: number): Float64Array => drive.map((v) => leastMean + k * (v - least))
  let [low, high] = [0, 100]
  if (trueReliability(means(high), repetitions, noise)! < rho) throw new RangeError(`reliability ${rho} is out of reach`)
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    if (trueReliability(means(middle), repetitions, noise)! < rho) low = middle
    else high = middle
  }
  return means(high)
}

import type { NdArray } from '../../domain/matrix.ts'
import { trialShape } from '../ceilings/analytic.ts'
import type { HeldOut } from './fold-scores.ts'
import { mean } from './statistics.ts'

/**
 * FEVe, the fraction of the explainable variance that is explained (FORMULAS.md, Ceiled; Cadena et al. 2019), per site in each test fold,
 * then its mean over folds: 1 - (MSE - σ²_noise) / (σ²_total - σ²_noise), over single trials. σ²_noise is the mean over stimuli of the
 * variance over repetitions (ddof 1), over stimuli with at least 2; σ²_total the variance of all trials (ddof 1). NaN where nothing is
 * explainable. `trials` is (stimulus x site x repetition), NaN where missing.
 */
export const feve = (folds: readonly HeldOut[], trials: NdArray): Float64Array =>
  overFolds(folds, trials, ({ trials, squaredError, variance, noise, repeated }) => ratio(squaredError / trials, noise / repeated, variance))

/**
 * The same from mean responses: 1 - (MSE - σ²_noise) / (σ²_total - σ²_noise), where the noise left in a mean over R repetitions is
 * s² / R and σ²_total is the variance of the means (ddof 1). Called feveMean, as its numbers are not those of feve.
 */
export const feveMean = (folds: readonly HeldOut[], trials: NdArray): Float64Array =>
  overFolds(folds, trials, ({ stimuli, squaredErrorOfMeans, varianceOfMeans, noiseOfMeans, repeated }) =>
    ratio(squaredErrorOfMeans / stimuli, noiseOfMeans / repeated, varianceOfMeans),
  )

const ratio = (meanSquaredError: number, noise: number, total: number): number => (total > noise ? 1 - (meanSquaredError - noise) / (total - noise) : NaN)

/** Sums over one site's held-out stimuli that it saw and that have a prediction. */
interface TrialSums {
  stimuli: number
  trials: number
  squaredError: number
  squaredErrorOfMeans: number
  /** of all trials, and of the means over repetitions; ddof 1, NaN with fewer than 2 */
  variance: number
  varianceOfMeans: number
  /** sums over the `repeated` stimuli with at least 2 repetitions of s² and of s² / R */
  noise: number
  noiseOfMeans: number
  repeated: number
}

const overFolds = (folds: readonly HeldOut[], trials: NdArray, score: (sums: TrialSums) => number): Float64Array => {
  const [, m] = trialShape(trials)
  return Float64Array.from({ length: m }, (_, j) => mean(folds.map((fold) => score(sumsOf(fold, trials, j)))) ?? NaN)
}

const sumsOf = ({ test, predictions }: HeldOut, trials: NdArray, j: number): TrialSums => {
  const [, m, repetitions] = trialShape(trials)
  const { data } = trials
  const [counts, means] = [new Float64Array(test.length), new Float64Array(test.length)]
  const sums = { stimuli: 0, trials: 0, squaredError: 0, squaredErrorOfMeans: 0, noise: 0, noiseOfMeans: 0, repeated: 0 }
  let [total, totalOfMeans] = [0, 0]
  for (let i = 0; i < test.length; i++) {
    if (Number.isNaN(predictions.data[i * m + j])) continue
    const from = (test[i] * m + j) * repetitions
    let sum = 0
    for (let k = from; k < from + repetitions; k++)
      if (!Number.isNaN(data[k])) {
        sum += data[k]
        counts[i]++
      }
    if (counts[i] === 0) continue
    means[i] = sum / counts[i]
    total += sum
    totalOfMeans += means[i]
    sums.stimuli++
    sums.trials += counts[i]
  }
  const [centre, centreOfMeans] = [total / sums.trials, totalOfMeans / sums.stimuli]
  let [squares, squaresOfMeans] = [0, 0]
  for (let i = 0; i < test.length; i++) {
    if (counts[i] === 0) continue
    const prediction = predictions.data[i * m + j]
    const from = (test[i] * m + j) * repetitions
    let within = 0
    for (let k = from; k < from + repetitions; k++) {
      if (Number.isNaN(data[k])) continue
      within += (data[k] - means[i]) ** 2
      squares += (data[k] - centre) ** 2
      sums.squaredError += (data[k] - prediction) ** 2
    }
    squaresOfMeans += (means[i] - centreOfMeans) ** 2
    sums.squaredErrorOfMeans += (means[i] - prediction) ** 2
    if (counts[i] < 2) continue
    sums.noise += within / (counts[i] - 1)
    sums.noiseOfMeans += within / (counts[i] - 1) / counts[i]
    sums.repeated++
  }
  const ddof1 = (squares: number, count: number): number => (count < 2 ? NaN : squares / (count - 1))
  return { ...sums, variance: ddof1(squares, sums.trials), varianceOfMeans: ddof1(squaresOfMeans, sums.stimuli) }
}

import type { Matrix, NdArray } from '../../domain/matrix.ts'
import { trialShape } from '../ceilings/analytic.ts'
import { variance } from '../ceilings/explainable-variance.ts'
import type { HeldOut } from './fold-scores.ts'
import { mean } from './statistics.ts'

/** What one stimulus's trials say of one site. */
interface Cell {
  prediction: number
  trials: number[]
}

/**
 * FEVe, the fraction of the explainable variance that is explained (FORMULAS.md, Ceiled; Cadena et al. 2019), per site in each test fold,
 * then its mean over folds: 1 - (MSE - σ²_noise) / (σ²_total - σ²_noise), over single trials. σ²_noise is the mean over stimuli of the
 * variance over repetitions (ddof 1), over stimuli with at least 2; σ²_total the variance of all trials (ddof 1). NaN where nothing is
 * explainable. `trials` is (stimulus x site x repetition), NaN where missing.
 */
export const feve = (folds: readonly HeldOut[], trials: NdArray): Float64Array =>
  overFolds(folds, trials, (cells) => {
    const all = cells.flatMap((cell) => cell.trials)
    const squares = cells.reduce((sum, { prediction, trials }) => sum + trials.reduce((s, y) => s + (y - prediction) ** 2, 0), 0)
    return ratio(squares / all.length, noiseOf(cells, () => 1), variance(all))
  })

/**
 * The same from mean responses: 1 - (MSE - σ²_noise) / (σ²_total - σ²_noise), where the noise left in a mean over R repetitions is
 * s² / R and σ²_total is the variance of the means (ddof 1). Called feveMean, as its numbers are not those of feve.
 */
export const feveMean = (folds: readonly HeldOut[], trials: NdArray): Float64Array =>
  overFolds(folds, trials, (cells) => {
    const means = cells.map((cell) => mean(cell.trials)!)
    const squares = cells.reduce((sum, { prediction }, i) => sum + (means[i] - prediction) ** 2, 0)
    return ratio(squares / cells.length, noiseOf(cells, (repetitions) => 1 / repetitions), variance(means))
  })

const ratio = (meanSquaredError: number, noise: number, total: number): number => (total > noise ? 1 - (meanSquaredError - noise) / (total - noise) : NaN)

const noiseOf = (cells: readonly Cell[], weight: (repetitions: number) => number): number =>
  mean(cells.filter((cell) => cell.trials.length >= 2).map((cell) => variance(cell.trials) * weight(cell.trials.length))) ?? NaN

const overFolds = (folds: readonly HeldOut[], trials: NdArray, score: (cells: Cell[]) => number): Float64Array => {
  const [, m] = trialShape(trials)
  return Float64Array.from({ length: m }, (_, j) => mean(folds.map((fold) => score(cellsOf(fold, trials, j)))) ?? NaN)
}

/** Held-out stimuli that the site saw and that have a prediction. */
const cellsOf = ({ test, predictions }: { test: ArrayLike<number>; predictions: Matrix }, trials: NdArray, j: number): Cell[] => {
  const [, m, repetitions] = trialShape(trials)
  return Array.from(test, (row, i) => {
    const from = (row * m + j) * repetitions
    return { prediction: predictions.data[i * m + j], trials: Array.from(trials.data.subarray(from, from + repetitions)).filter((y) => !Number.isNaN(y)) }
  }).filter((cell) => cell.trials.length > 0 && !Number.isNaN(cell.prediction))
}

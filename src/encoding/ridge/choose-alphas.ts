import type { Matrix } from '../../domain/matrix.ts'
import type { AlphaChoice, AlphaTable, Penalties } from './problem.ts'

/** Errors that differ by less than this share are one number seen through rounding, and so a tie. */
const TIE = 1e-12

/** Index of the least loss; among ties the last, which is the larger alpha. */
const leastLoss = (loss: ArrayLike<number>): number => {
  let least = Infinity
  for (let a = 0; a < loss.length; a++) least = Math.min(least, loss[a])
  let index = loss.length - 1
  while (index > 0 && !(loss[index] <= least * (1 + TIE))) index--
  return index
}

/**
 * The chosen alpha of each site from mean squared errors (alpha x site): its own, or one for all by the mean over sites of the error,
 * divided by the site's training variance unless the loss is raw. Constant sites have no say in a shared choice.
 */
export const chooseAlphas = ({ alphaPer, sharedLoss = 'standardised' }: Penalties, error: Matrix, variances: Float64Array): Int32Array => {
  const { rows: alphas, cols: m, data } = error
  if (alphas === 1) return new Int32Array(m)
  if (alphaPer === 'site') return Int32Array.from({ length: m }, (_, j) => leastLoss(Float64Array.from({ length: alphas }, (_, a) => data[a * m + j])))
  const weight = variances.map((variance) => (variance === 0 ? 0 : sharedLoss === 'raw' ? 1 : 1 / variance))
  const shared = leastLoss(Float64Array.from({ length: alphas }, (_, a) => weight.reduce((sum, w, j) => sum + (w === 0 ? 0 : w * data[a * m + j]), 0)))
  return new Int32Array(m).fill(shared)
}

/** The choice and what the search found at it. */
export const chooseFrom = (penalties: Penalties, table: AlphaTable, variances: Float64Array): AlphaChoice => {
  const { alphas, meanSquaredError, correlation, explainedVariance } = table
  const alphaIndex = chooseAlphas(penalties, meanSquaredError, variances)
  const chosen = ({ cols, data }: Matrix): Float64Array => Float64Array.from(alphaIndex, (a, j) => data[a * cols + j])
  return {
    alphaIndex,
    alphas: Float64Array.from(alphaIndex, (a) => alphas[a]),
    meanSquaredError,
    innerScores: { correlation: chosen(correlation), explainedVariance: chosen(explainedVariance) },
  }
}

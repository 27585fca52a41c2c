import type { Matrix } from '../../domain/matrix.ts'
import type { Split } from '../splits/split.ts'

/** What every ridge fit here works on. */
export interface RidgeProblem {
  /** Gram matrix of the activations about any fixed vector, (stimulus x stimulus) */
  K: Matrix
  /** mean responses, (stimulus x site), finite in all rows that are used */
  Y: Matrix
  /** penalties, ascending, all over 0 */
  alphas: ArrayLike<number>
  /** `relative` alphas are multiplied by tr(Kc) / n of the (outer) training rows */
  alphaUnits: 'relative' | 'absolute'
  /** one alpha for each site, or the same for all */
  alphaPer: 'site' | 'all'
  /** loss that a shared alpha minimises: MSE over the site's training variance (default), or raw MSE as the nx414 protocol does */
  sharedLoss?: 'standardised' | 'raw'
  /** fit on the scores of so many principal components of the (outer) training rows; inner folds see these, as nx414 published it */
  pca?: number
}

/** Scores on the inner held-out rows at the chosen alpha, mean over inner folds: what nested layer choice goes by. NaN where undefined. */
export interface InnerScores {
  correlation: Float64Array
  explainedVariance: Float64Array
}

/** The penalties that a search chose, one per site. */
export interface AlphaChoice {
  /** index into the request's alphas, per site */
  alphaIndex: Int32Array
  /** absolute penalty, per site */
  alphas: Float64Array
  /** mean over inner folds of the held-out mean squared error, (alpha x site) */
  meanSquaredError: Matrix
  innerScores: InnerScores
}

/** An error for input that only a defect upstream can make. */
export const checkProblem = ({ K, Y, alphas }: RidgeProblem, splits: readonly Split[]): void => {
  if (K.rows !== K.cols || K.rows !== Y.rows) throw new Error(`K is ${K.rows} x ${K.cols} and Y has ${Y.rows} rows: they must agree`)
  if (alphas.length === 0) throw new Error('ridge needs at least one alpha')
  for (let a = 0; a < alphas.length; a++)
    if (!(alphas[a] > 0) || (a > 0 && !(alphas[a] > alphas[a - 1]))) throw new Error('alphas must be over 0 and ascending')
  if (alphas.length > 1 && splits.length === 0) throw new Error('choosing among several alphas needs inner splits')
}

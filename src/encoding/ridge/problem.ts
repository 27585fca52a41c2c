import type { Matrix } from '../../domain/matrix.ts'
import type { Split } from '../splits/split.ts'

/** Which penalties there are to choose from, and how a choice is shared. */
export interface Penalties {
  /** penalties, ascending, all over 0 */
  alphas: ArrayLike<number>
  /** `relative` alphas are multiplied by tr(Kc) / n of the (outer) training rows */
  alphaUnits: 'relative' | 'absolute'
  /** one alpha for each site, or the same for all */
  alphaPer: 'site' | 'all'
  /** loss that a shared alpha minimises: MSE over the site's training variance (default), or raw MSE as the nx414 protocol does */
  sharedLoss?: 'standardised' | 'raw'
}

/** What every ridge fit in dual form works on. */
export interface RidgeProblem extends Penalties {
  /** Gram matrix of the activations about any fixed vector, (stimulus x stimulus) */
  K: Matrix
  /** mean responses, (stimulus x site), finite in all rows that are used */
  Y: Matrix
  /** fit on the scores of so many principal components of the (outer) training rows; inner folds see these, as nx414 published it */
  pca?: number
}

/**
 * How a penalty is judged within its training set: by splits of it (indices into all stimuli), by leaving out one stimulus at a time, or
 * by generalised cross-validation, the latter two in closed form. `gcv` judges by n·RSS / tr(I - H)² (Golub, Heath & Wahba 1979).
 */
export type Inner = readonly Split[] | 'loo' | 'gcv'

/** What a search found of each penalty, (alpha x site) each. */
export interface AlphaTable {
  /** absolute penalties */
  alphas: Float64Array
  /** held-out mean squared error, mean over inner folds, or GCV's estimate of it: what the choice goes by */
  meanSquaredError: Matrix
  /** held-out r and EV, mean over the inner folds that define them; `loo` and `gcv`: of all left-out predictions taken together */
  correlation: Matrix
  explainedVariance: Matrix
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
export const checkProblem = ({ K, Y, alphas }: RidgeProblem, inner: Inner): void => {
  if (K.rows !== K.cols || K.rows !== Y.rows) throw new Error(`K is ${K.rows} x ${K.cols} and Y has ${Y.rows} rows: they must agree`)
  checkAlphas(alphas, inner)
}

/** The same for the penalties alone. */
export const checkAlphas = (alphas: ArrayLike<number>, inner: Inner): void => {
  if (alphas.length === 0) throw new Error('ridge needs at least one alpha')
  for (let a = 0; a < alphas.length; a++)
    if (!(alphas[a] > 0) || (a > 0 && !(alphas[a] > alphas[a - 1]))) throw new Error('alphas must be over 0 and ascending')
  if (alphas.length > 1 && inner.length === 0) throw new Error('choosing among several alphas needs inner splits')
}

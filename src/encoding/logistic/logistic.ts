import type { Matrix } from '../../domain/matrix.ts'
import type { LbfgsOptions } from '../../numerics/lbfgs.ts'
import { minimise } from '../../numerics/lbfgs.ts'
import type { Objective } from '../../numerics/lbfgs.ts'
import type { Tools } from '../tools.ts'
import type { Rotated } from './rotate.ts'
import { rotate } from './rotate.ts'
import { softmaxResiduals } from './softmax.ts'

/** A linear classifier: scores = X W' + b; a softmax of them gives probabilities. */
export interface LogisticModel {
  /** W (class x unit) */
  coefficients: Matrix
  /** b, of sum 0: they are defined only up to a constant */
  intercepts: Float64Array
}

export interface LogisticFit extends LogisticModel {
  C: number
  /** C times the summed log loss plus half the squared coefficients */
  objective: number
  iterations: number
  evaluations: number
  converged: boolean
}

/** Scores held at once in an evaluation: 16 MB. */
const BLOCK_SCORES = 2e6

/**
 * Multinomial logistic regression as scikit-learn's LogisticRegression (penalty l2, multi_class multinomial): minimises
 * C Σ -log p(true class) + ½‖W‖², intercepts free, in float64. For two classes scikit-learn's default is the single-vector problem: that is
 * this one at C / 2, with w = W[1] - W[0].
 */
export interface LogisticProblem {
  /** Fits at C, from where the last fit ended. */
  fit: (C: number, options?: LbfgsOptions) => Promise<LogisticFit>
}

/** Which of the classes no row has; the first such one, or -1. */
const absentClass = (labels: Int32Array, classes: number): number => {
  const seen = new Uint8Array(classes)
  for (const label of labels) seen[label] = 1
  return seen.indexOf(0)
}

/** Lengths that turn the problem's Hessian at W = 0, which is C/K Z'Z + 1 (n C/K for an intercept) off the classes' mean, into the identity. */
const scalesAt = ({ Z, sumSquares }: Rotated, classes: number, C: number): Float64Array =>
  Float64Array.from({ length: Z.cols + 1 }, (_, j) => Math.sqrt(j < Z.cols ? (C * sumSquares[j]) / classes + 1 : (C * Z.rows) / classes))

/**
 * The objective of (class x component) and intercepts, each times its scale: minimising over scaled variables is minimising with a
 * preconditioner, and takes tens of steps where the plain problem takes thousands.
 */
export const logisticObjective = ({ Z }: Pick<Rotated, 'Z'>, labels: Int32Array, classes: number, C: number, scales: Float64Array, products: Pick<Tools['products'], 'f64'>): Objective => {
  const { rows: n, cols: r } = Z
  const step = Math.max(1, Math.floor(BLOCK_SCORES / classes))
  const A: Matrix = { rows: classes, cols: r, data: new Float64Array(classes * r) }
  const scratch = new Float64Array(classes * Math.min(step, n))
  return async (x, gradient) => {
    for (let k = 0, at = 0; k < classes; k++) for (let j = 0; j < r; j++, at++) A.data[at] = x[at] / scales[j]
    gradient.fill(0)
    let loss = 0
    for (let from = 0; from < n; from += step) {
      const to = Math.min(from + step, n)
      const rows: Matrix = { rows: to - from, cols: r, data: Z.data.subarray(from * r, to * r) }
      const scores = await products.f64(A, rows, { transB: true }, scratch.subarray(0, classes * rows.rows)) // (class x row)
      for (let k = 0, at = 0; k < classes; k++) {
        const intercept = x[classes * r + k] / scales[r]
        for (let i = 0; i < rows.rows; i++, at++) scores.data[at] += intercept
      }
      loss += softmaxResiduals(scores.data, classes, labels.subarray(from, to))
      const slopes = await products.f64(scores, rows) // (class x component)
      for (let at = 0; at < slopes.data.length; at++) gradient[at] += slopes.data[at]
      for (let k = 0, at = 0; k < classes; k++) for (let i = 0; i < rows.rows; i++, at++) gradient[classes * r + k] += scores.data[at]
    }
    let penalty = 0
    for (let k = 0, at = 0; k < classes; k++)
      for (let j = 0; j < r; j++, at++) {
        penalty += A.data[at] ** 2
        gradient[at] = (C * gradient[at] + A.data[at]) / scales[j]
      }
    for (let k = 0; k < classes; k++) gradient[classes * r + k] *= C / scales[r]
    return C * loss + penalty / 2
  }
}

/** Sets the problem up: X (row x unit), finite, and each row's class among 0 … classes - 1, each of which some row must have. */
export const logisticProblem = async (X: Matrix<Float32Array> | Matrix, labels: Int32Array, classes: number, tools: Tools): Promise<LogisticProblem> => {
  if (labels.length !== X.rows) throw new Error(`${labels.length} labels for ${X.rows} rows`)
  if (classes < 2) throw new Error(`logistic regression needs 2 classes, not ${classes}`)
  const absent = absentClass(labels, classes)
  if (absent >= 0) throw new Error(`no row is of class ${absent}: its intercept would have no minimum`)
  const rotated = await rotate(X, tools)
  const r = rotated.Z.cols
  let last = new Float64Array(classes * (r + 1)) // (class x component), then the intercepts, unscaled
  return {
    fit: async (C, options) => {
      const scales = scalesAt(rotated, classes, C)
      const scaleOf = (at: number): number => (at < classes * r ? scales[at % r] : scales[r])
      const objective = logisticObjective(rotated, labels, classes, C, scales, tools.products)
      const { x, value, iterations, evaluations, converged } = await minimise(objective, last.map((z, at) => z * scaleOf(at)), options)
      last = x.map((z, at) => z / scaleOf(at))
      const coefficients = await rotated.back({ rows: classes, cols: r, data: last.slice(0, classes * r) })
      return { C, coefficients, intercepts: interceptsAbout(last.subarray(classes * r), coefficients, rotated.mean), objective: value, iterations, evaluations, converged }
    },
  }
}

/** Intercepts for rows as they are, from those for rows about their mean. */
const interceptsAbout = (centred: Float64Array, { cols, data }: Matrix, mean: Float64Array): Float64Array => {
  const moved = centred.map((b, k) => {
    let offset = 0
    for (let j = 0; j < cols; j++) offset += data[k * cols + j] * mean[j]
    return b - offset
  })
  const middle = moved.reduce((sum, b) => sum + b, 0) / moved.length
  return moved.map((b) => b - middle)
}

/** Scores X W' + b (row x class). */
export const linearScores = async (X: Matrix<Float32Array> | Matrix, { coefficients, intercepts }: LogisticModel, { f64 }: Pick<Tools['products'], 'f64'>): Promise<Matrix> => {
  const data = X.data instanceof Float64Array ? X.data : Float64Array.from(X.data)
  const scores = await f64({ rows: X.rows, cols: X.cols, data }, coefficients, { transB: true })
  for (let i = 0, at = 0; i < scores.rows; i++) for (let k = 0; k < scores.cols; k++, at++) scores.data[at] += intercepts[k]
  return scores
}

/** Softmax of each row of scores (row x class). */
export const softmax = ({ rows, cols, data }: Matrix): Matrix => {
  const out = new Float64Array(rows * cols)
  for (let i = 0; i < rows; i++) {
    const row = data.subarray(i * cols, (i + 1) * cols)
    const largest = row.reduce((a, b) => Math.max(a, b), -Infinity)
    let total = 0
    for (let k = 0; k < cols; k++) total += out[i * cols + k] = Math.exp(row[k] - largest)
    for (let k = 0; k < cols; k++) out[i * cols + k] /= total
  }
  return { rows, cols, data: out }
}

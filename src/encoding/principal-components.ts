import type { Matrix } from '../domain/matrix.ts'
import { transpose } from '../numerics/transpose.ts'
import { centredCross } from './gram.ts'
import type { Tools } from './tools.ts'
import { firstKept } from './training-system.ts'
import type { TrainingSystem } from './training-system.ts'

/** Principal components of the training rows' activations, the largest first. Fewer than asked when the rank is lower. */
export interface PrincipalComponents {
  /** variance of each component's scores, ddof 1 */
  explainedVariance: Float64Array
  /** the same as shares of the whole variance */
  explainedVarianceRatio: Float64Array
  singularValues: Float64Array
  /** scores U S of the training rows, (training row x component) */
  scores: Matrix
  /** U', (component x training row): scores of other rows are K_other U / S */
  Ut: Matrix
}

/**
 * PCA from the centred Gram matrix: K = U S² U'. Signs as scikit-learn chooses them: of each component's entries of U the one largest in
 * size is positive.
 */
export const principalComponents = (system: TrainingSystem, components: number): PrincipalComponents => {
  const { Q, values } = system
  const [n, k] = [Q.rows, Q.cols]
  const from = firstKept(system, components)
  const count = k - from
  const total = values.reduce((a, b) => a + b, 0)
  const kept = Float64Array.from({ length: count }, (_, c) => values[k - 1 - c])
  const Ut = new Float64Array(count * n)
  for (let c = 0; c < count; c++) {
    const row = Ut.subarray(c * n, (c + 1) * n)
    for (let i = 0; i < n; i++) row[i] = Q.data[i * k + k - 1 - c]
    const largest = row.reduce((best, x) => (Math.abs(x) > Math.abs(best) ? x : best), 0)
    if (largest < 0) for (let i = 0; i < n; i++) row[i] = -row[i]
  }
  const singularValues = kept.map(Math.sqrt)
  return {
    explainedVariance: kept.map((value) => value / (n - 1)),
    explainedVarianceRatio: kept.map((value) => value / total),
    singularValues,
    scores: transpose({ rows: count, cols: n, data: Ut.map((x, index) => x * singularValues[Math.floor(index / n)]) }),
    Ut: { rows: count, cols: n, data: Ut },
  }
}

/** Scores of other stimuli of K on the components, (stimulus x component). */
export const projectOnComponents = async (
  K: Matrix,
  system: TrainingSystem,
  { Ut, singularValues }: PrincipalComponents,
  rows: Int32Array,
  { products }: Pick<Tools, 'products'>,
): Promise<Matrix> => {
  const scores = await products.f64(centredCross(K, system.centre, rows), Ut, { transB: true })
  for (let i = 0; i < scores.data.length; i++) scores.data[i] /= singularValues[i % scores.cols]
  return scores
}

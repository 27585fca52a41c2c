import type { Matrix, NdArray } from '../../domain/matrix.ts'
import type { Tools } from '../tools.ts'
import { runShape } from './crossnobis.ts'

/**
 * `full`: the sample covariance, invertible only with more trials than sites; `diagonal`: variances alone; `shrunkToSphere`: towards
 * their mean (Ledoit & Wolf 2004); `shrunkToDiagonal`: correlations towards 0 (Schäfer & Strimmer 2005)
 */
export type CovarianceEstimate = 'full' | 'diagonal' | 'shrunkToSphere' | 'shrunkToDiagonal'

/**
 * Covariance of the noise over sites, from each run's patterns about the stimuli's means over runs, (site x site). Degrees of freedom
 * are (runs - 1)·stimuli unless given; rsatoolbox counts runs·(stimuli - 1).
 */
export const noiseCovariance = async (
  runs: NdArray,
  estimate: CovarianceEstimate,
  { products }: Pick<Tools, 'products'>,
  degreesOfFreedom?: number,
): Promise<Matrix> => {
  const [count, n, m] = runShape(runs)
  const rows = count * n
  const dof = degreesOfFreedom ?? (count - 1) * n
  const means = new Float64Array(n * m)
  for (let k = 0; k < runs.data.length; k++) means[k % (n * m)] += runs.data[k] / count
  const E: Matrix = { rows, cols: m, data: runs.data.map((x, k) => x - means[k % (n * m)]) }
  const S = (await products.f64(E, E, { transA: true })).data // Σ e e', (site x site)
  const cell = (value: (i: number, j: number) => number): Matrix => ({
    rows: m,
    cols: m,
    data: Float64Array.from({ length: m * m }, (_, k) => value(Math.floor(k / m), k % m)),
  })
  if (estimate === 'full') return cell((i, j) => S[i * m + j] / dof)
  if (estimate === 'diagonal') return cell((i, j) => (i === j ? S[i * m + j] / dof : 0))
  const squares: Matrix = { ...E, data: E.data.map((x) => x * x) }
  const F = (await products.f64(squares, squares, { transA: true })).data // Σ (e e')²
  const kept = estimate === 'shrunkToSphere' ? null : 1 - correlationShrinkage(S, F, m, rows, dof)
  if (kept !== null) return cell((i, j) => (S[i * m + j] / dof) * (i === j ? 1 : kept))
  const { sphere, shrinkage } = sphereShrinkage(S, F, m, rows)
  return cell((i, j) => (((i === j ? shrinkage * sphere : 0) + ((1 - shrinkage) * S[i * m + j]) / rows) * rows) / dof)
}

/** Ledoit & Wolf's b²/d²: the error of the sample covariance over its distance from the sphere of its mean variance. */
const sphereShrinkage = (S: Float64Array, F: Float64Array, m: number, rows: number): { sphere: number; shrinkage: number } => {
  let sphere = 0
  for (let i = 0; i < m; i++) sphere += S[i * m + i] / rows / m
  let [distance, error] = [0, 0]
  for (let k = 0; k < m * m; k++) {
    const s = S[k] / rows
    distance += (s - (k % (m + 1) === 0 ? sphere : 0)) ** 2
    error += (F[k] / rows - s * s) / rows
  }
  return { sphere, shrinkage: distance > 0 ? Math.min(error, distance) / distance : 1 }
}

/** Schäfer & Strimmer's λ: summed variance of the correlations over their summed squares, off the diagonal, within [0, 1]. */
const correlationShrinkage = (S: Float64Array, F: Float64Array, m: number, rows: number, dof: number): number => {
  let [error, size] = [0, 0]
  for (let i = 0; i < m; i++)
    for (let j = 0; j < m; j++) {
      if (i === j) continue
      const variances = (S[i * m + i] / dof) * (S[j * m + j] / dof)
      const mean = S[i * m + j] / Math.sqrt(variances) / (rows - 1)
      error += (rows / dof ** 2) * (F[i * m + j] / variances / (rows - 1) - mean * mean)
      size += mean * mean
    }
  return size > 0 ? Math.min(1, Math.max(0, error / size)) : 1
}

/** The inverse of a covariance. Throws NotPositiveDefinite where it has none: shrink it, or use fewer sites. */
export const precisionOf = (covariance: Matrix, { la }: Pick<Tools, 'la'>): Matrix => {
  const m = covariance.rows
  return la.choleskySolve(covariance, { rows: m, cols: m, data: Float64Array.from({ length: m * m }, (_, k) => (k % (m + 1) === 0 ? 1 : 0)) })
}

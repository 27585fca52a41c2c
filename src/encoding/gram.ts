import type { Matrix } from '../domain/matrix.ts'

/**
 * Centring of a Gram matrix K = (X - c)(X - c)' about the mean of the training rows, whatever the fixed vector c: with m the mean of
 * K's training columns and g the mean of m, the centred inner product of stimuli a and b is K_ab - mean_a - mean_b + g.
 */
export interface GramCentre {
  rows: Int32Array
  /** mean over training columns of K, per training row */
  means: Float64Array
  grand: number
}

/** Means of K over the training rows. */
export const gramCentre = (K: Matrix, rows: Int32Array): GramCentre => {
  const means = Float64Array.from(rows, (row) => rowMean(K, row, rows))
  return { rows, means, grand: means.reduce((a, b) => a + b, 0) / rows.length }
}

const rowMean = (K: Matrix, row: number, columns: Int32Array): number => {
  let sum = 0
  for (const column of columns) sum += K.data[row * K.cols + column]
  return sum / columns.length
}

/** The training block of K about the training mean, (train x train). */
export const centredBlock = (K: Matrix, { rows, means, grand }: GramCentre): Matrix => {
  const n = rows.length
  const data = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    const from = rows[i] * K.cols
    const shift = grand - means[i]
    for (let j = 0; j < n; j++) data[i * n + j] = K.data[from + rows[j]] - means[j] + shift
  }
  return { rows: n, cols: n, data }
}

/** Inner products of other stimuli with the training rows, both about the training mean, (other x train). */
export const centredCross = (K: Matrix, { rows, means, grand }: GramCentre, others: ArrayLike<number>): Matrix => {
  const n = rows.length
  const data = new Float64Array(others.length * n)
  for (let i = 0; i < others.length; i++) {
    const from = others[i] * K.cols
    const shift = grand - rowMean(K, others[i], rows)
    for (let j = 0; j < n; j++) data[i * n + j] = K.data[from + rows[j]] - means[j] + shift
  }
  return { rows: others.length, cols: n, data }
}

/** Mean over the training rows of the squared length of the centred activations: tr(Kc) / n, the scale of relative alphas. */
export const meanSquaredLength = (centred: Matrix): number => {
  let trace = 0
  for (let i = 0; i < centred.rows; i++) trace += centred.data[i * centred.cols + i]
  return trace / centred.rows
}

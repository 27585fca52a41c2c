import type { Matrix } from '../../domain/matrix.ts'
import type { Tools } from '../tools.ts'

export interface Svd {
  /** ascending, over the cut-off */
  values: Float64Array
  /** (singular vector x row) and (singular vector x column) */
  Ut: Matrix
  Vt: Matrix
}

/**
 * Singular values over `rcond` times the largest, and their vectors, of a square matrix A: eigenvalues of [0 A; A' 0], which come to the
 * precision of the largest, while A'A would lose half of the digits. Costs a symmetric eigenproblem of twice the order.
 */
export const svdOfSquare = (A: Matrix, rcond: number, { la }: Pick<Tools, 'la'>): Svd => {
  const p = A.rows
  if (A.cols !== p) throw new Error(`a square matrix is needed, not ${p} x ${A.cols}`)
  const twice = new Float64Array(4 * p * p)
  for (let i = 0; i < p; i++)
    for (let k = 0; k < p; k++) {
      twice[i * 2 * p + p + k] = A.data[i * p + k]
      twice[(p + k) * 2 * p + i] = A.data[i * p + k]
    }
  const { values, vectorsT } = la.eighTop({ rows: 2 * p, cols: 2 * p, data: twice }, p)
  const least = rcond * (values[p - 1] ?? 0)
  const from = values.findIndex((value) => value > least)
  const count = from < 0 ? 0 : p - from
  const part = (offset: number): Matrix => {
    const data = new Float64Array(count * p)
    for (let c = 0; c < count; c++) {
      const start = (p - count + c) * 2 * p + offset
      const vector = vectorsT.data.subarray(start, start + p)
      // Small pairs ±σ may mix, which changes the lengths of their halves, not the directions.
      const norm = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0))
      for (let i = 0; i < p; i++) data[c * p + i] = vector[i] / norm
    }
    return { rows: count, cols: p, data }
  }
  return { values: values.slice(p - count), Ut: part(0), Vt: part(p) }
}

import type { Matrix } from '../../domain/matrix.ts'
import { symmetrise } from '../../numerics/transpose.ts'
import type { Tools } from '../tools.ts'

/**
 * Rows in the basis of their own principal directions: X - 1μ' = Z V' with orthonormal V. A penalty on ‖W‖ leaves the coefficients in that
 * space, and it is the same for Z: W = A V'. Z has min(rows, units) columns at most, and the problem on it is nearly diagonal.
 */
export interface Rotated {
  /** (row x component) */
  Z: Matrix
  /** sums of squares of Z's columns */
  sumSquares: Float64Array
  /** of the rows, per unit */
  mean: Float64Array
  /** (class x component) -> (class x unit) */
  back: (A: Matrix) => Promise<Matrix>
}

/** Values of one block of rows in float64: 32 MB. */
const BLOCK_VALUES = 4e6

const meanOf = ({ rows, cols, data }: Matrix<Float32Array> | Matrix): Float64Array => {
  const mean = new Float64Array(cols)
  for (let i = 0, at = 0; i < rows; i++) for (let j = 0; j < cols; j++, at++) mean[j] += data[at]
  return mean.map((sum) => sum / rows)
}

/** Rows from … to - 1 about the mean, in float64. */
const centred = ({ cols, data }: Matrix<Float32Array> | Matrix, mean: Float64Array, from: number, to: number): Matrix => {
  const out = new Float64Array((to - from) * cols)
  for (let i = from, at = 0; i < to; i++) for (let j = 0; j < cols; j++, at++) out[at] = data[i * cols + j] - mean[j]
  return { rows: to - from, cols, data: out }
}

/** From the eigenvectors of X'X, in blocks of rows: for no more units than rows. */
const byUnits = async (X: Matrix<Float32Array> | Matrix, mean: Float64Array, { la, products }: Tools): Promise<Rotated> => {
  const { rows: n, cols: p } = X
  const step = Math.max(1, Math.floor(BLOCK_VALUES / p))
  const moments = new Float64Array(p * p)
  for (let from = 0; from < n; from += step) {
    const block = centred(X, mean, from, Math.min(from + step, n))
    const part = await products.f64(block, block, { transA: true })
    for (let i = 0; i < moments.length; i++) moments[i] += part.data[i]
  }
  const { values, vectorsT } = await la.eighWith(products, { rows: p, cols: p, data: moments }, p)
  const Z: Matrix = { rows: n, cols: p, data: new Float64Array(n * p) }
  for (let from = 0; from < n; from += step) {
    const to = Math.min(from + step, n)
    await products.f64(centred(X, mean, from, to), vectorsT, { transB: true }, Z.data.subarray(from * p, to * p))
  }
  return { Z, sumSquares: values.map((value) => Math.max(value, 0)), mean, back: (A) => products.f64(A, vectorsT) }
}

/** From the eigenvectors of XX': for more units than rows. */
const byRows = async (X: Matrix<Float32Array> | Matrix, mean: Float64Array, { la, products }: Tools): Promise<Rotated> => {
  const n = X.rows
  const Xc = centred(X, mean, 0, n)
  const K = new Float64Array(n * n)
  await products.addGram(K, Xc)
  symmetrise(K, n)
  const { values, vectorsT } = await la.eighWith(products, { rows: n, cols: n, data: K }, n)
  const floor = n * Number.EPSILON * values[n - 1] // below, a direction is rounding
  const kept = [...values.keys()].filter((j) => values[j] > floor)
  const r = kept.length
  const [Z, unscaled] = [new Float64Array(n * r), new Float64Array(r * n)] // (row x component), (component x row): V' = unscaled Xc
  kept.forEach((j, c) => {
    const scale = Math.sqrt(values[j])
    for (let i = 0; i < n; i++) {
      const q = vectorsT.data[j * n + i]
      Z[i * r + c] = q * scale
      unscaled[c * n + i] = q / scale
    }
  })
  return {
    Z: { rows: n, cols: r, data: Z },
    sumSquares: Float64Array.from(kept, (j) => values[j]),
    mean,
    back: async (A) => products.f64(await products.f64(A, { rows: r, cols: n, data: unscaled }), Xc),
  }
}

/** Rotates rows (row x unit), which are finite and left as they are. */
export const rotate = (X: Matrix<Float32Array> | Matrix, tools: Tools): Promise<Rotated> => (X.cols <= X.rows ? byUnits : byRows)(X, meanOf(X), tools)

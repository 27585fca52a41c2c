import type { Matrix } from '../domain/matrix.ts'
import type { Products } from './products.ts'

/** Reflectors applied at a time. */
const BLOCK = 128

/** A symmetric matrix as Q T Q' with T tridiagonal: Q is the product of I - tau_i v_i v_i', v_i zero up to component i and 1 at i + 1. */
export interface Reflectors {
  /** (reflector x component): row i holds v_i from component i + 2 on, and what it likes before */
  rows: Matrix
  /** one less than the order */
  tau: Float64Array
}

/**
 * Eigenvectors of T as those of the matrix itself: Q z for each row z of `vectors` (eigenvector x component), in place. Blocks of
 * reflectors as I - V U V' (LAPACK's dlarft and dormqr; Schreiber & Van Loan 1989), by the matrix products of the runtime.
 */
export const backTransform = async (vectors: Matrix, { rows, tau }: Reflectors, products: Pick<Products, 'f64'>): Promise<void> => {
  const n = vectors.cols
  for (let first = Math.floor((tau.length - 1) / BLOCK) * BLOCK; first >= 0; first -= BLOCK) {
    const count = Math.min(BLOCK, tau.length - first)
    const Vt = reflectorRows(rows, first, count)
    const U = await triangularFactor(Vt, tau.subarray(first, first + count), products)
    const part = columnsFrom(vectors, first + 1)
    const projected = await products.f64(await products.f64(part, Vt, { transB: true }), U, { transB: true }) // (eigenvector x reflector)
    const { data: change, cols } = await products.f64(projected, Vt)
    for (let i = 0; i < vectors.rows; i++) for (let k = 0, at = i * n + first + 1; k < cols; k++) vectors.data[at + k] -= change[i * cols + k]
  }
}

/** Reflectors first … first + count - 1 over the components from first + 1 on: (reflector x component), unit upper trapezoidal. */
const reflectorRows = ({ cols: n, data }: Matrix, first: number, count: number): Matrix => {
  const cols = n - first - 1
  const out = new Float64Array(count * cols)
  for (let j = 0; j < count; j++) {
    out[j * cols + j] = 1
    out.set(data.subarray((first + j) * n + first + j + 2, (first + j + 1) * n), j * cols + j + 1)
  }
  return { rows: count, cols, data: out }
}

/** Upper triangular U of H_1 … H_count = I - V U V'. */
const triangularFactor = async (Vt: Matrix, tau: Float64Array, products: Pick<Products, 'f64'>): Promise<Matrix> => {
  const count = Vt.rows
  const { data: inner } = await products.f64(Vt, Vt, { transB: true })
  const U = new Float64Array(count * count)
  for (let j = 0; j < count; j++) {
    for (let i = 0; i < j; i++) {
      let sum = 0
      for (let k = i; k < j; k++) sum += U[i * count + k] * inner[k * count + j]
      U[i * count + j] = -tau[j] * sum
    }
    U[j * count + j] = tau[j]
  }
  return { rows: count, cols: count, data: U }
}

const columnsFrom = ({ rows, cols, data }: Matrix, first: number): Matrix => {
  const width = cols - first
  const out = new Float64Array(rows * width)
  for (let i = 0; i < rows; i++) out.set(data.subarray(i * cols + first, (i + 1) * cols), i * width)
  return { rows, cols: width, data: out }
}

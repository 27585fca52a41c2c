import type { Matrix } from '../domain/matrix.ts'
import type { Products } from './products.ts'

/** Reflectors applied at a time, and eigenvectors that they are applied to at a time, so that the work space stays small. */
const [BLOCK, CHUNK] = [128, 512]

/**
 * A symmetric matrix as Q T Q' with T tridiagonal: Q is the product of I - tau_i v_i v_i', v_i zero up to component i and 1 at i + 1.
 * Arrays are taken anew each time they are needed, since a view of LAPACK's memory dies when that grows.
 */
export interface Tridiagonalised {
  order: number
  /** (reflector x component): row i holds v_i from component i + 2 on, and what it likes before */
  reflectors: () => Float64Array
  /** one less than the order */
  tau: Float64Array
  /** some eigenvectors of T, (eigenvector x component) */
  vectors: () => Float64Array
}

/**
 * Eigenvectors of T as those of the matrix itself: Q z for each row z of `vectors`, in place. Blocks of reflectors as I - V U V'
 * (LAPACK's dlarft and dormqr; Schreiber & Van Loan 1989), by the matrix products of the runtime.
 */
export const backTransform = async ({ order: n, reflectors, tau, vectors }: Tridiagonalised, products: Pick<Products, 'f64'>): Promise<void> => {
  const rows = vectors().length / n
  const [part, change] = [new Float64Array(Math.min(CHUNK, rows) * n), new Float64Array(Math.min(CHUNK, rows) * n)]
  for (let first = Math.floor((tau.length - 1) / BLOCK) * BLOCK; first >= 0; first -= BLOCK) {
    const Vt = reflectorRows(reflectors(), n, first, Math.min(BLOCK, tau.length - first))
    const U = await triangularFactor(Vt, tau.subarray(first, first + Vt.rows), products)
    const cols = Vt.cols
    for (let from = 0; from < rows; from += CHUNK) {
      const count = Math.min(CHUNK, rows - from)
      const Z = copyColumns(vectors(), { n, from, count, column: first + 1 }, part.subarray(0, count * cols))
      const projected = await products.f64(await products.f64(Z, Vt, { transB: true }), U, { transB: true }) // (eigenvector x reflector)
      await products.f64(projected, Vt, {}, change.subarray(0, count * cols))
      const data = vectors()
      for (let i = 0; i < count; i++) for (let k = 0, at = (from + i) * n + first + 1; k < cols; k++) data[at + k] -= change[i * cols + k]
    }
  }
}

/** Reflectors first … first + count - 1 over the components from first + 1 on: (reflector x component), unit upper trapezoidal. */
const reflectorRows = (data: Float64Array, n: number, first: number, count: number): Matrix => {
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

/** The components from `column` on of some rows, in `out`. */
const copyColumns = (data: Float64Array, { n, from, count, column }: { n: number; from: number; count: number; column: number }, out: Float64Array): Matrix => {
  const width = n - column
  for (let i = 0; i < count; i++) out.set(data.subarray((from + i) * n + column, (from + i + 1) * n), i * width)
  return { rows: count, cols: width, data: out }
}

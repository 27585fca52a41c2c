import type { Matrix } from '../domain/matrix.ts'

/** Side of the squares that are moved at once: both ends of a square stay in cache. */
const BLOCK = 32

/** The transpose as a fresh matrix of the same element type. */
export const transpose = <T extends Float64Array | Float32Array>({ rows, cols, data }: Matrix<T>): Matrix<T> => {
  const out = data instanceof Float64Array ? new Float64Array(rows * cols) : new Float32Array(rows * cols)
  for (let i0 = 0; i0 < rows; i0 += BLOCK)
    for (let j0 = 0; j0 < cols; j0 += BLOCK) {
      const [i1, j1] = [Math.min(i0 + BLOCK, rows), Math.min(j0 + BLOCK, cols)]
      for (let i = i0; i < i1; i++) for (let j = j0; j < j1; j++) out[j * rows + i] = data[i * cols + j]
    }
  return { rows: cols, cols: rows, data: out as T }
}

/** Copies the lower triangle of a row-major (n x n) matrix to the upper, in place. */
export const symmetrise = (data: Float64Array, n: number): void => {
  for (let i0 = 0; i0 < n; i0 += BLOCK)
    for (let j0 = 0; j0 <= i0; j0 += BLOCK)
      for (let i = i0; i < Math.min(i0 + BLOCK, n); i++) for (let j = j0; j < Math.min(j0 + BLOCK, i); j++) data[j * n + i] = data[i * n + j]
}

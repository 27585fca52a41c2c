import type { Test } from 'tap'
import type { Matrix } from '../../src/domain/matrix.ts'
import { gauss } from '../helper/generator.ts'

/** An array of the reference files: whole, or by samples with sums over all entries. */
export interface Sampled {
  shape: number[]
  all?: (number | string)[]
  index?: number[]
  value?: number[]
  sum: number
  sumsq: number
}

/** Error of a number against its reference as the reference's README scales it: |a - b| / max(|b|, 1). */
export const errorOf = (found: number, reference: number): number => Math.abs(found - reference) / Math.max(Math.abs(reference), 1)

const number = (value: number | string): number => (value === 'NaN' ? NaN : Number(value))

/** Checks values against a reference list: null or NaN where that has NaN, else within the tolerance. */
export const sameNumbers = (t: Test, found: ArrayLike<number | null>, reference: readonly (number | string)[], tolerance: number, name: string): void => {
  let worst = found.length === reference.length ? 0 : Infinity
  for (let i = 0; i < reference.length; i++) {
    const [a, b] = [found[i] ?? NaN, number(reference[i])]
    const error = Number.isNaN(a) && Number.isNaN(b) ? 0 : errorOf(a, b)
    worst = Number.isNaN(error) ? Infinity : Math.max(worst, error)
  }
  t.ok(worst <= tolerance, `${name}: worst error ${worst.toExponential(1)} of ${tolerance}`)
}

/** Checks a whole array against a sampled one: entries, and the sums over all, so that a wrong entry elsewhere shows. */
export const sameSampled = (t: Test, found: Float64Array, reference: Sampled, tolerance: number, name: string): void => {
  const count = reference.shape.reduce((a, b) => a * b, 1)
  t.equal(found.length, count, `${name}: entries`)
  if (reference.all) return sameNumbers(t, found, reference.all, tolerance, name)
  sameNumbers(
    t,
    reference.index!.map((i) => found[i]),
    reference.value!,
    tolerance,
    name,
  )
  const sum = found.reduce((a, b) => a + b, 0)
  const sumsq = found.reduce((a, b) => a + b * b, 0)
  t.ok(Math.abs(sum - reference.sum) <= tolerance * count * Math.max(1, Math.sqrt(reference.sumsq / count)), `${name}: sum`)
  t.ok(Math.abs(sumsq - reference.sumsq) <= tolerance * count * Math.max(1, reference.sumsq / count), `${name}: sum of squares`)
}

export const gaussMatrix = (name: string, rows: number, cols: number): Matrix => ({ rows, cols, data: gauss(name, rows * cols) })

/** A plain product, for checks that must not rest on the code under test. */
export const multiply = (a: Matrix, b: Matrix): Matrix => {
  const data = new Float64Array(a.rows * b.cols)
  for (let i = 0; i < a.rows; i++)
    for (let k = 0; k < a.cols; k++) for (let j = 0; j < b.cols; j++) data[i * b.cols + j] += a.data[i * a.cols + k] * b.data[k * b.cols + j]
  return { rows: a.rows, cols: b.cols, data }
}

/** X X' about `centre` (default: the origin). */
export const gram = (X: Matrix, centre?: Float64Array): Matrix => {
  const data = new Float64Array(X.rows * X.rows)
  const x = centre ? X.data.map((value, k) => value - centre[k % X.cols]) : X.data
  for (let i = 0; i < X.rows; i++)
    for (let j = 0; j <= i; j++) {
      let sum = 0
      for (let k = 0; k < X.cols; k++) sum += x[i * X.cols + k] * x[j * X.cols + k]
      data[i * X.rows + j] = data[j * X.rows + i] = sum
    }
  return { rows: X.rows, cols: X.rows, data }
}

export const rowsOf = (X: Matrix, rows: ArrayLike<number>): Matrix => {
  const data = new Float64Array(rows.length * X.cols)
  for (let i = 0; i < rows.length; i++) data.set(X.data.subarray(rows[i] * X.cols, (rows[i] + 1) * X.cols), i * X.cols)
  return { rows: rows.length, cols: X.cols, data }
}

export const column = (X: Matrix, j: number): Float64Array => Float64Array.from({ length: X.rows }, (_, i) => X.data[i * X.cols + j])

export const range = (from: number, to: number): Int32Array => Int32Array.from({ length: to - from }, (_, i) => from + i)

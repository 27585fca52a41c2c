import type { Matrix } from '../../domain/matrix.ts'
import type { Products } from '../../numerics/products.ts'
import { transpose } from '../../numerics/transpose.ts'

/** A = QR of a tall matrix, A (n x p), n >= p. */
export interface Qr {
  /** upper triangular, (p x p) */
  R: Matrix
  /** vectors over the rows of A, given as rows of (any x n), in coordinates of Q's columns: M Q, all n of them */
  intoBasis: (M: Matrix) => Promise<Matrix>
  /** the way back: M Q' */
  outOfBasis: (M: Matrix) => Promise<Matrix>
}

/** Columns that are reflected before the rest is: more leave less to the engine, fewer cost more calls. */
const PANEL = 48

/** Q of one panel as I - V T V', acting on coordinates from `from` on (Schreiber & Van Loan 1989). */
interface Reflectors {
  from: number
  /** (reflector x coordinate) */
  Vt: Matrix
  T: Matrix
}

/**
 * Householder's QR by panels, whose reflections reach the rest as matrix products. Backward stable, so the small singular values of R are
 * A's to the precision of the largest, where those of A'A are to its square root. `At` is A transposed, (p x n).
 */
export const householderQr = async (At: Matrix, products: Pick<Products, 'f64'>): Promise<Qr> => {
  const { rows: p, cols: n } = At
  if (n < p) throw new Error(`QR needs at least as many rows as columns, not ${n} x ${p}`)
  const data = At.data.slice()
  const panels: Reflectors[] = []
  for (let from = 0; from < p; from += PANEL) {
    const to = Math.min(from + PANEL, p)
    const reflectors = reflectPanel(data, n, from, to)
    panels.push(reflectors)
    if (to === p) break
    const rest: Matrix = { rows: p - to, cols: n - from, data: new Float64Array((p - to) * (n - from)) }
    for (let c = to; c < p; c++) rest.data.set(data.subarray(c * n + from, (c + 1) * n), (c - to) * (n - from))
    const reflected = await reflect(rest, reflectors, false, products)
    for (let c = to; c < p; c++) data.set(reflected.data.subarray((c - to) * (n - from), (c - to + 1) * (n - from)), c * n + from)
  }
  const R = new Float64Array(p * p)
  for (let c = 0; c < p; c++) for (let i = 0; i <= c; i++) R[i * p + c] = data[c * n + i]
  const through = async (M: Matrix, order: readonly Reflectors[], inverse: boolean): Promise<Matrix> => {
    const out = { ...M, data: M.data.slice() }
    for (const reflectors of order) {
      const { from } = reflectors
      const part: Matrix = { rows: M.rows, cols: n - from, data: new Float64Array(M.rows * (n - from)) }
      for (let j = 0; j < M.rows; j++) part.data.set(out.data.subarray(j * n + from, (j + 1) * n), j * (n - from))
      const reflected = await reflect(part, reflectors, inverse, products)
      for (let j = 0; j < M.rows; j++) out.data.set(reflected.data.subarray(j * (n - from), (j + 1) * (n - from)), j * n + from)
    }
    return out
  }
  return {
    R: { rows: p, cols: p, data: R },
    intoBasis: (M) => through(M, panels, false),
    outOfBasis: (M) => through(M, [...panels].reverse(), true),
  }
}

/** M (I - V T V'), or its inverse M (I - V T' V'). */
const reflect = async (M: Matrix, { Vt, T }: Reflectors, inverse: boolean, products: Pick<Products, 'f64'>): Promise<Matrix> => {
  const W = await products.f64(await products.f64(M, Vt, { transB: true }), inverse ? transpose(T) : T)
  const change = await products.f64(W, Vt)
  return { ...M, data: M.data.map((x, k) => x - change.data[k]) }
}

/** Reflects columns from … to - 1, rows of `data`, onto the axes, in place. */
const reflectPanel = (data: Float64Array, n: number, from: number, to: number): Reflectors => {
  const [b, length] = [to - from, n - from]
  const Vt = new Float64Array(b * length)
  const T = new Float64Array(b * b)
  for (let j = 0; j < b; j++) {
    const v = Vt.subarray(j * length, (j + 1) * length)
    const x = data.subarray((from + j) * n + from, (from + j + 1) * n)
    const tau = reflector(x, j, v)
    for (let c = j; c < b; c++) {
      const y = data.subarray((from + c) * n + from, (from + c + 1) * n)
      let sum = 0
      for (let i = j; i < length; i++) sum += v[i] * y[i]
      for (let i = j; i < length; i++) y[i] -= tau * sum * v[i]
    }
    // The column of T that joins this reflector to those before: -tau T V'v.
    const overlap = Float64Array.from({ length: j }, (_, k) => {
      let sum = 0
      for (let i = j; i < length; i++) sum += Vt[k * length + i] * v[i]
      return sum
    })
    for (let i = 0; i < j; i++) for (let k = i; k < j; k++) T[i * b + j] -= tau * T[i * b + k] * overlap[k]
    T[j * b + j] = tau
  }
  return { from, Vt: { rows: b, cols: length, data: Vt }, T: { rows: b, cols: b, data: T } }
}

/** Writes into v the vector, v[j] = 1, whose reflection I - tau v v' takes x from place j on to a multiple of the axis; returns tau. */
const reflector = (x: Float64Array, j: number, v: Float64Array): number => {
  let largest = 0
  for (let i = j; i < x.length; i++) largest = Math.max(largest, Math.abs(x[i]))
  v[j] = 1
  if (largest === 0) return 0
  let squares = 0
  for (let i = j; i < x.length; i++) squares += (x[i] / largest) ** 2
  const norm = largest * Math.sqrt(squares)
  const end = x[j] > 0 ? -norm : norm
  for (let i = j + 1; i < x.length; i++) v[i] = x[i] / (x[j] - end)
  return (end - x[j]) / end
}

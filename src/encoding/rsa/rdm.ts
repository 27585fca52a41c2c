import type { Matrix } from '../../domain/matrix.ts'
import type { Products } from '../../numerics/products.ts'
import { averageRanks } from './ranks.ts'

/** A dissimilarity matrix as its upper triangle: of pairs i < j, row by row. NaN where a pair has none. */
export interface Rdm {
  n: number
  values: Float64Array
}

/** 1 - Pearson between patterns (their mean and length do not count), Euclidean distance, or 1 - cosine. */
export type Distance = 'pearson' | 'euclidean' | 'cosine'

/** Pairs i < j of n, row by row, each with its place in the triangle. */
export const eachPair = (n: number, visit: (i: number, j: number, place: number) => void): void => {
  for (let i = 0, place = 0; i < n; i++) for (let j = i + 1; j < n; j++, place++) visit(i, j, place)
}

const rdmBy = (n: number, distance: (i: number, j: number) => number): Rdm => {
  const values = new Float64Array((n * (n - 1)) / 2)
  eachPair(n, (i, j, place) => (values[place] = distance(i, j)))
  return { n, values }
}

/**
 * RDM of the rows of X (stimulus x site or unit). `pearson` is NaN for a row without variance, `cosine` for one of zeros, all three
 * for one with a NaN. Sites of different scale should be z-scored first (zscoreColumns).
 */
export const rdmOf = async ({ rows: n, cols: p, data }: Matrix, distance: Distance, products: Pick<Products, 'f64'>): Promise<Rdm> => {
  if (distance === 'euclidean')
    return rdmBy(n, (i, j) => {
      let sum = 0
      for (let k = 0; k < p; k++) sum += (data[i * p + k] - data[j * p + k]) ** 2
      return Math.sqrt(sum)
    })
  const directions = new Float64Array(n * p)
  for (let i = 0; i < n; i++) {
    const row = data.subarray(i * p, (i + 1) * p)
    const mean = distance === 'pearson' ? row.reduce((a, b) => a + b, 0) / p : 0
    const largest = row.reduce((max, x) => Math.max(max, Math.abs(x)), 0)
    const length = Math.sqrt(row.reduce((sum, x) => sum + (x - mean) ** 2, 0))
    // What rounding leaves of equal values is no direction.
    const flat = !(length > 4 * Number.EPSILON * largest * Math.sqrt(p))
    for (let k = 0; k < p; k++) directions[i * p + k] = flat ? NaN : (row[k] - mean) / length
  }
  const U: Matrix = { rows: n, cols: p, data: directions }
  const cosines = await products.f64(U, U, { transB: true })
  return rdmBy(n, (i, j) => 1 - cosines.data[i * n + j])
}

/** Inner products of stimuli's activations about their mean μ, with what it takes to undo the centring (DESIGN.md, kept per layer). */
export interface GramSums {
  /** (X - μ)(X - μ)', (stimulus x stimulus) */
  K: Matrix
  /** X·μ per stimulus */
  dotMean: ArrayLike<number>
  /** μ·μ */
  meanSquare: number
  /** Σ over units of each stimulus's activations */
  sums: ArrayLike<number>
  units: number
}

/** RDM of a layer from its Gram matrix, without its activations; to the precision of K. */
export const rdmFromGram = ({ K, dotMean, meanSquare, sums, units }: GramSums, distance: Distance): Rdm => {
  const n = K.rows
  if (distance === 'euclidean') return rdmBy(n, (i, j) => Math.sqrt(Math.max(0, K.data[i * n + i] + K.data[j * n + j] - 2 * K.data[i * n + j])))
  const inner = (i: number, j: number): number => {
    const dot = K.data[i * n + j] + dotMean[i] + dotMean[j] - meanSquare
    return distance === 'cosine' ? dot : dot - (sums[i] * sums[j]) / units
  }
  const lengths = Float64Array.from({ length: n }, (_, i) => {
    const square = inner(i, i)
    return square > 1e-12 * (K.data[i * n + i] + Math.abs(dotMean[i]) + meanSquare) ? Math.sqrt(square) : NaN
  })
  return rdmBy(n, (i, j) => 1 - inner(i, j) / (lengths[i] * lengths[j]))
}

/** (rank - 1) / (N - 1) of each pair among the N defined ones, in [0, 1], ties at their mean rank: for display. */
export const percentiles = ({ n, values }: Rdm): Rdm => {
  const defined = values.filter((x) => !Number.isNaN(x))
  const ranks = averageRanks(defined)
  let next = 0
  return { n, values: values.map((x) => (Number.isNaN(x) ? NaN : defined.length > 1 ? (ranks[next++] - 1) / (defined.length - 1) : 0)) }
}

/** The whole symmetric matrix with zeros on the diagonal. */
export const squareOf = ({ n, values }: Rdm): Matrix => {
  const data = new Float64Array(n * n)
  eachPair(n, (i, j, place) => (data[i * n + j] = data[j * n + i] = values[place]))
  return { rows: n, cols: n, data }
}

/** The upper triangle of a square matrix, such as an RDM that was given. */
export const rdmOfSquare = ({ rows, cols, data }: Matrix): Rdm => {
  if (rows !== cols) throw new Error(`an RDM is square, not ${rows} x ${cols}`)
  return rdmBy(rows, (i, j) => data[i * rows + j])
}

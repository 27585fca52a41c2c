import type { Matrix, NdArray } from '../../domain/matrix.ts'
import type { Tools } from '../tools.ts'
import { eachPair } from './rdm.ts'
import type { Rdm } from './rdm.ts'

/** Shape of runs, (run x stimulus x site), complete. */
export const runShape = (runs: NdArray): [runs: number, n: number, m: number] => {
  const [count, n, m] = runs.shape
  if (runs.shape.length !== 3 || runs.data.length !== count * n * m) throw new Error('runs must be (run x stimulus x site)')
  return [count, n, m]
}

/**
 * Repetitions as runs, (run x stimulus x site): the valid trials of each stimulus and site in their order, as many as the one with the
 * fewest has. Null when that is under 2.
 */
export const runsOfTrials = ({ shape: [n, m, repetitions], data }: NdArray): NdArray | null => {
  const valid = Array.from({ length: n * m }, (_, cell) => Array.from(data.subarray(cell * repetitions, (cell + 1) * repetitions)).filter((y) => !Number.isNaN(y)))
  const count = Math.min(...valid.map((cell) => cell.length))
  return count < 2 ? null : { shape: [count, n, m], data: Float64Array.from({ length: count * n * m }, (_, k) => valid[k % (n * m)][Math.floor(k / (n * m))]) }
}

export interface CrossnobisOptions {
  /** inverse noise covariance, (site x site); omitted: the identity */
  precision?: Matrix
  /** take each pattern's mean over sites out first */
  removeMean?: boolean
}

/**
 * Cross-validated squared distances (crossnobis; Walther et al. 2016): each run left out once, (a_i - a_j)' P (b_i - b_j) / sites with a
 * the mean over the other runs and b the run left out, mean over runs. Unbiased by noise, so about 0 for equal patterns, and negative
 * at times.
 */
export const crossnobis = async (runs: NdArray, { precision, removeMean = false }: CrossnobisOptions, { products }: Pick<Tools, 'products'>): Promise<Rdm> => {
  const [count, n, m] = runShape(runs)
  if (count < 2) throw new Error('crossnobis needs at least 2 runs')
  const patterns = removeMean ? withoutMean(runs.data, m) : runs.data
  const size = n * m
  const total = new Float64Array(size)
  for (let k = 0; k < patterns.length; k++) total[k % size] += patterns[k]
  const values = new Float64Array((n * (n - 1)) / 2)
  for (let run = 0; run < count; run++) {
    const left = patterns.subarray(run * size, (run + 1) * size)
    const others: Matrix = { rows: n, cols: m, data: total.map((sum, k) => (sum - left[k]) / (count - 1)) }
    const weighed = precision === undefined ? others : await products.f64(others, precision)
    const { data: M } = await products.f64(weighed, { rows: n, cols: m, data: left }, { transB: true }) // a_i' P b_j
    eachPair(n, (i, j, place) => (values[place] += (M[i * n + i] + M[j * n + j] - M[i * n + j] - M[j * n + i]) / m / count))
  }
  return { n, values }
}

const withoutMean = (data: Float64Array, m: number): Float64Array => {
  const out = new Float64Array(data.length)
  for (let from = 0; from < data.length; from += m) {
    const row = data.subarray(from, from + m)
    const mean = row.reduce((a, b) => a + b, 0) / m
    for (let k = 0; k < m; k++) out[from + k] = row[k] - mean
  }
  return out
}

import type { Matrix } from '../../domain/matrix.ts'
import { centredCross, gramCentre } from '../gram.ts'
import type { Inner, Penalties } from '../ridge/problem.ts'
import { checkAlphas } from '../ridge/problem.ts'
import type { Tools } from '../tools.ts'

/** A Gram matrix that is read when it is needed, since those of many bands may be more than memory holds. */
export interface StoredKernel {
  rows: number
  cols: number
  read: () => Matrix
}

export type Kernel = Matrix | StoredKernel

const opened = (kernel: Kernel): Matrix => ('read' in kernel ? kernel.read() : kernel)

/** Ridge over several layers or backbones at once, each a band of the activations with a weight of its own. */
export interface Bands {
  /** Gram matrix of each band's activations about any fixed vector of its own, (stimulus x stimulus) each */
  kernels: readonly Kernel[]
  /** mean responses, (stimulus x site), finite in all rows that are used */
  Y: Matrix
  /**
   * `trace`: each band is divided by its mean squared length over the (outer) training rows, so that equal weights mean equal shares of
   * variance, and alphas are relative to that of the sum; `none`: weights and alphas apply to the kernels as they are
   */
  scale: 'trace' | 'none'
}

/** Bands with a search for weights and penalties within the training rows. */
export interface BandedProblem extends Bands, Omit<Penalties, 'alphaUnits'> {
  train: Int32Array
  inner: Inner
}

/** A linear mapping of several bands. Band b's readout is W_b = X_b' duals[b], and rate = bias + Σ_b k_b' duals[b], as in DualFit. */
export interface BandedFit {
  /** (training row x site) per band; each column sums to 0 */
  duals: Matrix[]
  bias: Float64Array
  rows: Int32Array
  /** weight of each band in each site's kernel, (band x site), columns summing to 1 unless they were given otherwise */
  bandWeights: Matrix
}

export const checkBands = ({ kernels, Y }: Bands): void => {
  if (kernels.length === 0) throw new Error('banded ridge needs at least one band')
  if (kernels.some(({ rows, cols }) => rows !== cols || rows !== Y.rows)) throw new Error(`each kernel must be ${Y.rows} x ${Y.rows}, as Y has ${Y.rows} rows`)
}

export const checkBanded = (problem: BandedProblem): void => {
  checkBands(problem)
  checkAlphas(problem.alphas, problem.inner)
}

/** What each kernel is divided by: its trace per training row about their mean, or 1. A band without variance is left as it is. */
export const bandDivisors = ({ kernels, scale }: Bands, train: Int32Array): Float64Array =>
  Float64Array.from(kernels, (kernel) => {
    if (scale === 'none') return 1
    const K = opened(kernel)
    const { means, grand } = gramCentre(K, train)
    const trace = train.reduce((sum, row, i) => sum + K.data[row * K.cols + row] - 2 * means[i] + grand, 0)
    const largest = train.reduce((max, row) => Math.max(max, K.data[row * K.cols + row]), 0)
    return trace > 4 * train.length ** 2 * Number.EPSILON * largest ? trace / train.length : 1
  })

/** Σ_b factor_b K_b, bands of factor 0 left out. */
export const sumKernels = (kernels: readonly Kernel[], factors: ArrayLike<number>): Matrix => {
  const { rows, cols } = kernels[0]
  const data = new Float64Array(rows * cols)
  kernels.forEach((kernel, b) => {
    const factor = factors[b]
    if (factor === 0) return
    const K = opened(kernel)
    for (let k = 0; k < data.length; k++) data[k] += factor * K.data[k]
  })
  return { rows, cols, data }
}

/** Adds to each band's dual coefficients those of a fit on Σ_b factor_b K_b, times a share per site; sites of share 0 stay as they are. */
export const addShares = (duals: readonly Matrix[], factors: ArrayLike<number>, dual: Matrix, shareOf: (site: number) => number): void => {
  const m = dual.cols
  const shares = Float64Array.from({ length: m }, (_, j) => shareOf(j))
  duals.forEach(({ data }, b) => {
    if (factors[b] !== 0) for (let k = 0; k < data.length; k++) if (shares[k % m] !== 0) data[k] += factors[b] * shares[k % m] * dual.data[k]
  })
}

export const emptyDuals = (bands: number, rows: number, sites: number): Matrix[] =>
  Array.from({ length: bands }, () => ({ rows, cols: sites, data: new Float64Array(rows * sites) }))

/**
 * The fit from its bands' dual coefficients: the bias that makes it pass through the means of the training rows.
 * Predictions of the rows of `test`, (stimulus x site), are taken about these means, where they keep most digits.
 */
export const bandedFit = async (
  { kernels, Y }: Bands,
  rows: Int32Array,
  duals: Matrix[],
  bandWeights: Matrix,
  test: Int32Array,
  { products }: Pick<Tools, 'products'>,
): Promise<BandedFit & { predictions: Matrix }> => {
  const m = Y.cols
  const means = siteMeans(Y, rows)
  const bias = means.slice()
  const predictions = { rows: test.length, cols: m, data: Float64Array.from({ length: test.length * m }, (_, k) => means[k % m]) }
  for (const [b, kernel] of kernels.entries()) {
    const { data } = duals[b]
    if (data.every((value) => value === 0)) continue
    const K = opened(kernel)
    const centre = gramCentre(K, rows)
    for (let k = 0; k < data.length; k++) bias[k % m] -= data[k] * centre.means[Math.floor(k / m)]
    if (test.length === 0) continue
    const part = await products.f64(centredCross(K, centre, test), duals[b])
    for (let k = 0; k < part.data.length; k++) predictions.data[k] += part.data[k]
  }
  return { duals, bias, rows, bandWeights, predictions }
}

const siteMeans = (Y: Matrix, rows: Int32Array): Float64Array =>
  Float64Array.from({ length: Y.cols }, (_, j) => {
    const first = Y.data[rows[0] * Y.cols + j]
    // About the first value, so that a constant site has its constant for a mean, to the bit.
    return first + rows.reduce((sum, row) => sum + (Y.data[row * Y.cols + j] - first), 0) / rows.length
  })

/** Predictions of any stimuli from their inner products with the training rows, (stimulus x training row) per band. */
export const predictBanded = async ({ duals, bias }: BandedFit, cross: readonly Matrix[], { products }: Pick<Tools, 'products'>): Promise<Matrix> => {
  const m = bias.length
  const out = { rows: cross[0].rows, cols: m, data: Float64Array.from({ length: cross[0].rows * m }, (_, k) => bias[k % m]) }
  for (const [b, k] of cross.entries()) {
    const part = await products.f64(k, duals[b])
    for (let i = 0; i < part.data.length; i++) out.data[i] += part.data[i]
  }
  return out
}

import type { Matrix } from '../domain/matrix.ts'
import { transpose } from '../numerics/transpose.ts'
import { centredBlock, gramCentre, meanSquaredLength } from './gram.ts'
import type { GramCentre } from './gram.ts'
import type { Tools } from './tools.ts'

/** The activations of a training set, diagonalised: Kc = QΛQ' without the direction of ones, in which centring leaves nothing. */
export interface Diagonalised {
  /** training rows, as indices into all stimuli */
  centre: { rows: Int32Array }
  /** tr(Kc) / n */
  scale: number
  /** n - 1 eigenvalues, ascending; exactly 0 where λ <= n·eps·λmax */
  values: Float64Array
  /** (training row x eigenvector) */
  Q: Matrix
}

/** The same with the responses to it. Every ridge fit on these rows, and on these rows less some, follows for any alpha and site. */
export interface Spectral extends Diagonalised {
  means: Float64Array
  /** variance of each site over the training rows, ddof 0; exactly 0 for a constant site */
  variances: Float64Array
  /** responses about their mean, in coordinates of the eigenvectors, (site x eigenvector) */
  C: Matrix
  /** where Q is no whole basis: the part of the responses that lies outside it, (site x training row) */
  rest?: Matrix
}

/** A training set in dual form: from the Gram matrix, whose means over the training rows predictions need. */
export type TrainingSystem = Spectral & { centre: GramCentre }

/** Centres and diagonalises the training block of K, and takes the responses along. */
export const trainingSystem = async (K: Matrix, Y: Matrix, rows: Int32Array, tools: Tools): Promise<TrainingSystem> =>
  withResponses(await diagonalise(K, rows, tools), Y, tools)

/**
 * The training set on its `components` largest principal components alone, like `keepComponents` of the whole system, but without the
 * other eigenvectors, which take a quarter of the time. Not for what needs the directions outside of them.
 */
export const componentSystem = async (K: Matrix, Y: Matrix, rows: Int32Array, components: number, tools: Tools): Promise<TrainingSystem> => {
  const system = await diagonalise(K, rows, tools, components)
  const scale = system.values.reduce((a, b) => a + b, 0) / rows.length
  return withResponses({ ...system, scale }, Y, tools)
}

/** Centres and diagonalises the training block of K; `components` leaves it at the largest so many eigenvalues. */
export const diagonalise = async (K: Matrix, rows: Int32Array, { la, products }: Tools, components = Infinity): Promise<Diagonalised & { centre: GramCentre }> => {
  if (rows.length < 1) throw new Error('a training set needs a stimulus')
  const centre = gramCentre(K, rows)
  const Kc = centredBlock(K, centre)
  const largest = rows.reduce((max, row) => Math.max(max, K.data[row * K.cols + row]), 0)
  let scale = meanSquaredLength(Kc)
  if (scale <= 4 * rows.length * Number.EPSILON * largest) {
    // Activations that do not vary leave nothing but rounding, which would be fitted like any other pattern.
    Kc.data.fill(0)
    scale = 0
  }
  // Moved below 0, the direction of ones is the first eigenvector, alone, and is dropped whole: left at 0 it would mix with the null
  // space of a rank-deficient Kc, and taking it out afterwards would cancel digits. The second term keeps it clear of rounding.
  const shift = scale + 1e-8 * largest || 1
  for (let i = 0; i < Kc.data.length; i++) Kc.data[i] -= shift / rows.length
  const n = rows.length
  const count = Math.min(n - 1, components)
  const eigen = await la.eighWith(products, Kc, count)
  const vectors = eigen.vectorsT // (eigenvector x training row)
  // What rounding leaves in the null space has to be 0, or small penalties would weigh its directions unequally.
  const least = scale === 0 ? Infinity : n * Number.EPSILON * Math.max(0, eigen.values.at(-1)!)
  const values = eigen.values.map((value) => (value > least ? value : 0))
  return { centre, scale, values, Q: transpose(vectors) }
}

/** The training rows' responses in coordinates of the eigenvectors. */
export const withResponses = async <D extends Diagonalised>(diagonalised: D, Y: Matrix, { products }: Pick<Tools, 'products'>): Promise<D & Spectral> => {
  const { centre, Q } = diagonalised
  const { Yc, means, variances } = centreSites(Y, centre.rows)
  const C = Q.cols > 0 ? await products.f64(Yc, Q) : { rows: Y.cols, cols: 0, data: new Float64Array(0) }
  return { ...diagonalised, means, variances, C }
}

/** The responses of the training rows about their mean, site by site. */
export const centreSites = (Y: Matrix, rows: Int32Array): { Yc: Matrix; means: Float64Array; variances: Float64Array } => {
  const [n, m] = [rows.length, Y.cols]
  const data = new Float64Array(m * n) // (site x training row)
  const [means, variances] = [new Float64Array(m), new Float64Array(m)]
  for (let j = 0; j < m; j++) {
    const values = data.subarray(j * n, (j + 1) * n)
    for (let i = 0; i < n; i++) values[i] = Y.data[rows[i] * m + j]
    // A mean of equal values may miss them by a rounding; a constant site has to centre to exact zeros.
    const constant = values.every((x) => x === values[0])
    means[j] = constant ? values[0] : values.reduce((a, b) => a + b, 0) / n
    let squares = 0
    for (let i = 0; i < n; i++) {
      values[i] -= means[j]
      squares += values[i] * values[i]
    }
    variances[j] = squares / n
  }
  if (!variances.every(Number.isFinite)) throw new Error('responses of training rows must be finite')
  return { Yc: { rows: m, cols: n, data }, means, variances }
}

/** First eigenvalue over 0, among the largest `components` where that is given. */
export const firstKept = ({ values }: Diagonalised, components = Infinity): number => {
  const first = values.findIndex((value) => value > 0)
  return first < 0 ? values.length : Math.max(first, values.length - components)
}

/** Number of dimensions in which the centred activations of the training rows vary. */
export const rankOf = (system: Diagonalised): number => system.values.length - firstKept(system)

/**
 * The system with the activations replaced by their scores on the `components` largest principal components of the training rows: the
 * eigenvectors stay, the smaller eigenvalues become 0. The scale of relative alphas follows.
 */
export const keepComponents = <D extends Diagonalised>(system: D, components: number): D => {
  const from = firstKept(system, components)
  const values = system.values.map((value, i) => (i < from ? 0 : value))
  return { ...system, values, scale: values.reduce((a, b) => a + b, 0) / system.centre.rows.length }
}

/** Rows given by coordinates in the eigenvectors, (any x eigenvector), as vectors over the training rows, (any x training row). */
export const overRows = async (coordinates: Matrix, { Q }: Diagonalised, { products }: Pick<Tools, 'products'>): Promise<Matrix> =>
  Q.cols > 0 ? products.f64(coordinates, Q, { transB: true }) : { rows: coordinates.rows, cols: Q.rows, data: new Float64Array(coordinates.rows * Q.rows) }

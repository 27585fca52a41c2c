import type { Matrix } from '../../domain/matrix.ts'
import { symmetrise, transpose } from '../../numerics/transpose.ts'
import { centreSites } from '../training-system.ts'
import type { Spectral } from '../training-system.ts'
import type { Tools } from '../tools.ts'
import { householderQr } from './householder-qr.ts'
import { svdOfSquare } from './svd.ts'

/** A layer of at most so many units may be fitted in primal form. */
export const MAX_PRIMAL_UNITS = 4096

/** Whether the primal form is the cheaper one: fewer units than training stimuli, and not too many. */
export const usesPrimal = (stimuli: number, units: number): boolean => units < stimuli && units <= MAX_PRIMAL_UNITS

/** A training set in primal form: Xc = U S V', with U as Q, S² as values. */
export interface PrimalSystem extends Spectral {
  /** mean activation of each unit over the training rows */
  unitMeans: Float64Array
  /** V', (singular vector x unit) */
  Vt: Matrix
}

/** Singular values under this share of the largest count as 0. */
export const RCOND = 1e-10

/** With σmin² + α over this share of σmax², X'X serves as well as X: what squaring loses is under 1e-9. */
const SAFE = 2.5e-7

/**
 * Centres the training rows of X (stimulus x unit) and takes them apart, for penalties of at least `leastAlpha` (absolute, or relative
 * to the mean squared length of a row). By the eigenvectors of X'X where these penalties or X itself keep that accurate, else by the QR
 * and SVD of X.
 */
export const primalSystem = async (
  X: Matrix,
  Y: Matrix,
  rows: Int32Array,
  leastAlpha: (scale: number) => number,
  tools: Tools,
): Promise<PrimalSystem> => {
  if (rows.length < 1) throw new Error('a training set needs a stimulus')
  const { products } = tools
  const n = rows.length
  const { centred, unitMeans } = centreUnits(X, rows)
  const scale = centred.data.reduce((sum, x) => sum + x * x, 0) / n
  const { Xt, live } = liveUnits(centred)
  const { values, Ut, Vt } = (await byNormalEquations(Xt, leastAlpha(scale), tools)) ?? (await bySvd(Xt, RCOND, tools))
  const { Yc, means, variances } = centreSites(Y, rows)
  const C = await products.f64(Yc, Ut, { transB: true })
  const inside = await products.f64(C, Ut)
  return {
    centre: { rows },
    scale,
    values: values.map((value) => value * value),
    Q: transpose(Ut),
    means,
    variances,
    C,
    rest: { ...Yc, data: Yc.data.map((y, k) => y - inside.data[k]) },
    unitMeans,
    Vt: overUnits(Vt, live, X.cols),
  }
}

/** The centred activations of the units that vary, (unit x training row): the others would only make X rank-deficient. */
export const liveUnits = ({ rows: n, cols: p, data }: Matrix): { Xt: Matrix; live: number[] } => {
  const whole = transpose({ rows: n, cols: p, data })
  const live = Array.from({ length: p }, (_, k) => k).filter((k) => whole.data.subarray(k * n, (k + 1) * n).some((x) => x !== 0))
  const out = new Float64Array(live.length * n)
  live.forEach((k, c) => out.set(whole.data.subarray(k * n, (k + 1) * n), c * n))
  return { Xt: { rows: live.length, cols: n, data: out }, live }
}

/** Rows over the live units as rows over all, 0 elsewhere. */
export const overUnits = ({ rows, cols, data }: Matrix, live: readonly number[], units: number): Matrix => {
  const out = new Float64Array(rows * units)
  for (let r = 0; r < rows; r++) live.forEach((k, c) => (out[r * units + k] = data[r * cols + c]))
  return { rows, cols: units, data: out }
}

/** Activations of some rows about their mean, (row x unit); a unit that does not vary becomes 0 to the bit. */
export const centreUnits = (X: Matrix, rows: Int32Array): { centred: Matrix; unitMeans: Float64Array } => {
  const [n, p] = [rows.length, X.cols]
  const data = new Float64Array(n * p)
  rows.forEach((row, i) => data.set(X.data.subarray(row * p, (row + 1) * p), i * p))
  const unitMeans = new Float64Array(p)
  const varies = new Uint8Array(p)
  for (let i = 0; i < n; i++)
    for (let k = 0; k < p; k++) {
      unitMeans[k] += data[i * p + k] / n
      if (data[i * p + k] !== data[k]) varies[k] = 1
    }
  for (let k = 0; k < p; k++) if (varies[k] === 0) unitMeans[k] = data[k]
  for (let i = 0; i < n; i++) for (let k = 0; k < p; k++) data[i * p + k] -= unitMeans[k]
  return { centred: { rows: n, cols: p, data }, unitMeans }
}

interface Parts {
  values: Float64Array
  /** (singular vector x training row) */
  Ut: Matrix
  Vt: Matrix
}

/** Null where X'X has lost digits that the penalties do not cover. */
const byNormalEquations = async (Xt: Matrix, leastAlpha: number, { la, products }: Tools): Promise<Parts | null> => {
  const { rows: p, cols: n } = Xt
  if (p === 0) return { values: new Float64Array(0), Ut: { rows: 0, cols: n, data: new Float64Array(0) }, Vt: { rows: 0, cols: 0, data: new Float64Array(0) } }
  const S: Matrix = { rows: p, cols: p, data: new Float64Array(p * p) } // X'X
  await products.addGram(S.data, Xt)
  symmetrise(S.data, p)
  const { values, vectorsT } = await la.eighWith(products, S, p)
  const largest = Math.max(0, values[p - 1])
  const found = values.findIndex((value) => value > Math.max(n, p) * Number.EPSILON * largest)
  const from = found < 0 ? p : found
  // Eigenvalues that pass for 0 may be those of small singular values.
  if ((from === 0 ? values[0] : 0) + leastAlpha < SAFE * largest) return null
  const Vt: Matrix = { rows: p - from, cols: p, data: vectorsT.data.slice(from * p) }
  const Ut = await products.f64(Vt, Xt) // S U'
  const lengths = new Float64Array(p - from)
  for (let c = 0; c < p - from; c++) {
    const row = Ut.data.subarray(c * n, (c + 1) * n)
    // The length of X v is the singular value to more digits than the root of the eigenvalue.
    lengths[c] = Math.sqrt(row.reduce((sum, x) => sum + x * x, 0))
    for (let i = 0; i < n; i++) row[i] /= lengths[c]
  }
  return { values: lengths, Ut, Vt }
}

const bySvd = async (Xt: Matrix, rcond: number, { la, products }: Tools): Promise<Parts> => {
  const { rows: p, cols: n } = Xt
  // Coordinates of 0 change no singular value, and let R be square where units outnumber stimuli.
  const tall = Math.max(n, p)
  const { R, outOfBasis } = await householderQr(withColumns(Xt, tall), products)
  const { values, Ut, Vt } = svdOfSquare(R, rcond, { la })
  return { values, Ut: withColumns(await outOfBasis(withColumns(Ut, tall)), n), Vt }
}

/** The matrix with so many columns: the first of its own, or zeros added. */
export const withColumns = ({ rows, cols, data }: Matrix, count: number): Matrix => {
  const out = new Float64Array(rows * count)
  for (let i = 0; i < rows; i++) out.set(data.subarray(i * cols, i * cols + Math.min(cols, count)), i * count)
  return { rows, cols: count, data: out }
}

import type { Matrix } from '../domain/matrix.ts'
import type { Products } from '../numerics/products.ts'
import { createRandomState } from '../numerics/random/mt19937.ts'
import type { FoldScores, HeldOut } from './scores/fold-scores.ts'
import { mean, median } from './scores/statistics.ts'
import { uniqueSorted } from './splits/unique.ts'

/** Aggregates over sites of r and EV, one value per draw; NaN where a draw leaves them undefined. */
export interface BootstrapDraws {
  correlation: { median: Float64Array; mean: Float64Array }
  explainedVariance: { median: Float64Array; mean: Float64Array }
}

export interface BootstrapOptions {
  draws: number
  seed: number
  /** group of each stimulus, drawn whole; omitted: each stimulus for itself */
  units?: ArrayLike<number | string>
}

/** How often each stimulus is in each draw, (draw x stimulus): n units drawn from n with replacement, draws one after another on one seeded stream. */
export const drawWeights = (n: number, { draws, seed, units }: BootstrapOptions): Uint16Array => {
  const groups = units === undefined ? null : uniqueSorted(units)
  const count = groups?.values.length ?? n
  const random = createRandomState(seed)
  const out = new Uint16Array(draws * n)
  for (let b = 0; b < draws; b++) {
    const times = new Uint16Array(count)
    for (const unit of random.randint(0, count, count)) times[unit]++
    for (let i = 0; i < n; i++) out[b * n + i] = times[groups === null ? i : groups.inverse[i]]
  }
  return out
}

/**
 * Bootstrap over stimuli of a layer's scores, conditional on the fitted models (FORMULAS.md, Intervals): each draw weighs the held-out
 * stimuli by multiplicity, recomputes r and EV within each fold, averages over folds as the point estimate does (pooled where that is
 * pooled, left out where that is undefined), and aggregates over sites. The same seed gives the same draws, so that differences
 * between layers or fits are paired. `responses` is (stimulus x site).
 */
export const bootstrapScores = async (
  folds: readonly HeldOut[],
  responses: Matrix,
  scores: FoldScores,
  options: BootstrapOptions,
  products: Pick<Products, 'f64'>,
): Promise<BootstrapDraws> => {
  const { rows: n, cols: m } = responses
  const { draws } = options
  const weights = drawWeights(n, options)
  const units = options.units === undefined ? null : uniqueSorted(options.units).inverse
  const centre = siteMeans(folds, responses)
  const cells = (): Float64Array => new Float64Array(draws * m)
  const totals: Totals = { r: cells(), rFolds: cells(), ev: cells(), evFolds: cells() }
  const pooled = Array.from({ length: m }, (_, j) => (scores.pooled[j] === 1 ? new Float64Array(6 * draws) : null))
  for (const fold of folds) {
    const w = gatherWeights(weights, n, draws, fold.test)
    const sums = await products.f64(w, stackTerms(fold, responses, centre), { transB: true }) // (draw x 5 terms per site and the weight)
    // A fold that is one group stands in a draw as often as its group: each copy would be a fold of its own.
    const whole = units !== null && new Set(Array.from(fold.test, (i) => units[i])).size === 1
    for (let b = 0; b < draws; b++) {
      const row = sums.data.subarray(b * sums.cols, (b + 1) * sums.cols)
      addFold(row, b, m, whole ? weights[b * n + fold.test[0]] : 1, totals, pooled)
    }
  }
  const both = (): { median: Float64Array; mean: Float64Array } => ({ median: new Float64Array(draws), mean: new Float64Array(draws) })
  const out: BootstrapDraws = { correlation: both(), explainedVariance: both() }
  const [r, ev] = [new Float64Array(m), new Float64Array(m)]
  for (let b = 0; b < draws; b++) {
    for (let j = 0; j < m; j++) {
      const k = b * m + j
      const sums = pooled[j]
      r[j] = Number.isNaN(scores.r[j]) ? NaN : sums !== null ? correlation(sums.subarray(6 * b, 6 * b + 6)) : totals.r[k] / totals.rFolds[k]
      ev[j] = Number.isNaN(scores.ev[j]) ? NaN : totals.ev[k] / totals.evFolds[k]
    }
    out.correlation.median[b] = median(r) ?? NaN
    out.correlation.mean[b] = mean(r) ?? NaN
    out.explainedVariance.median[b] = median(ev) ?? NaN
    out.explainedVariance.mean[b] = mean(ev) ?? NaN
  }
  return out
}

/** (draw x site) sums over folds of a score and of the folds' weights. */
interface Totals {
  r: Float64Array
  rFolds: Float64Array
  ev: Float64Array
  evFolds: Float64Array
}

/** Means over all held-out rows: sums about them lose no digits, and can be added over folds. */
const siteMeans = (folds: readonly HeldOut[], responses: Matrix): { p: Float64Array; y: Float64Array } => {
  const m = responses.cols
  const [p, y] = [new Float64Array(m), new Float64Array(m)]
  let rows = 0
  for (const { test, predictions } of folds) {
    for (let i = 0; i < test.length; i++)
      for (let j = 0; j < m; j++) {
        p[j] += predictions.data[i * m + j]
        y[j] += responses.data[test[i] * m + j]
      }
    rows += test.length
  }
  return { p: p.map((x) => x / rows), y: y.map((x) => x / rows) }
}

const gatherWeights = (weights: Uint16Array, n: number, draws: number, test: ArrayLike<number>): Matrix => {
  const data = new Float64Array(draws * test.length) // (draw x test stimulus)
  for (let b = 0; b < draws; b++) for (let i = 0; i < test.length; i++) data[b * test.length + i] = weights[b * n + test[i]]
  return { rows: draws, cols: test.length, data }
}

/** Rows p, y, pp, yy, py of each site, one after another, and a last row of ones: ((5 site + 1) x test stimulus). */
const stackTerms = ({ test, predictions }: HeldOut, responses: Matrix, centre: { p: Float64Array; y: Float64Array }): Matrix => {
  const [m, t] = [responses.cols, test.length]
  const data = new Float64Array((5 * m + 1) * t)
  for (let i = 0; i < t; i++) {
    for (let j = 0; j < m; j++) {
      const p = predictions.data[i * m + j] - centre.p[j]
      const y = responses.data[test[i] * m + j] - centre.y[j]
      const row = 5 * j * t + i
      data[row] = p
      data[row + t] = y
      data[row + 2 * t] = p * p
      data[row + 3 * t] = y * y
      data[row + 4 * t] = p * y
    }
    data[5 * m * t + i] = 1
  }
  return { rows: 5 * m + 1, cols: t, data }
}

const addFold = (sums: Float64Array, b: number, m: number, foldWeight: number, totals: Totals, pooled: readonly (Float64Array | null)[]): void => {
  const weight = sums[5 * m]
  if (weight === 0) return
  for (let j = 0; j < m; j++) {
    const six = [sums[5 * j], sums[5 * j + 1], sums[5 * j + 2], sums[5 * j + 3], sums[5 * j + 4], weight]
    const sum = pooled[j]
    if (sum !== null) for (let k = 0; k < 6; k++) sum[6 * b + k] += six[k]
    const [r, ev] = [correlation(six), explainedVariance(six)]
    if (!Number.isNaN(r)) {
      totals.r[b * m + j] += foldWeight * r
      totals.rFolds[b * m + j] += foldWeight
    }
    if (!Number.isNaN(ev)) {
      totals.ev[b * m + j] += foldWeight * ev
      totals.evFolds[b * m + j] += foldWeight
    }
  }
}

/** A weighted variance below this share of the raw sum of squares is rounding: the draw holds one stimulus only, or a constant. */
const ROUNDING = 1e-12

const centred = (six: ArrayLike<number>): { pp: number; yy: number; py: number } => {
  const [p, y, pp, yy, py, w] = [six[0], six[1], six[2], six[3], six[4], six[5]]
  return { pp: positive(pp - (p * p) / w, pp), yy: positive(yy - (y * y) / w, yy), py: py - (p * y) / w }
}

const positive = (variance: number, raw: number): number => (variance > ROUNDING * raw ? variance : 0)

const correlation = (six: ArrayLike<number>): number => {
  const { pp, yy, py } = centred(six)
  return pp > 0 && yy > 0 ? Math.max(-1, Math.min(1, py / Math.sqrt(pp * yy))) : NaN
}

const explainedVariance = (six: ArrayLike<number>): number => {
  const { pp, yy, py } = centred(six)
  return yy > 0 ? 1 - (yy + pp - 2 * py) / yy : NaN
}

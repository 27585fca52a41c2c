import type { Matrix } from '../domain/matrix.ts'
import type { Products } from '../numerics/products.ts'
import { foldResponses, pooledEvOf, pooledR2Of } from './scores/fold-scores.ts'
import type { FoldScores, HeldOut } from './scores/fold-scores.ts'
import { eachWeightedSums, siteBlocks } from './weighted-sums.ts'
import type { DrawWeights } from './weighted-sums.ts'

/** Scores of every site in every draw, (draw x site); NaN where a draw, or the score itself, is undefined. */
export interface ResampledScores {
  r: Float64Array
  ev: Float64Array
  r2: Float64Array
  /** with the variances pooled over folds */
  pooledEv: Float64Array
  pooledR2: Float64Array
}

export interface ResampleInput {
  folds: readonly HeldOut[]
  /** (stimulus x site), NaN where a site did not see a stimulus */
  responses: Matrix
  scores: FoldScores
  weights: DrawWeights
  /** number of each stimulus's group, where groups are drawn whole */
  units: ArrayLike<number> | null
}

/**
 * Each draw weighs the held-out stimuli by multiplicity, recomputes r, EV and R² within each fold, and averages over folds as the point
 * estimate does: pooled where that is pooled, left out where that is undefined. EV and R² divide by the variance of a fold's responses:
 * a draw of a fold that has next to none of it left is left out of these, as it would say nothing but that.
 */
export const resampleScores = async (input: ResampleInput, products: Pick<Products, 'f64'>): Promise<ResampledScores> => {
  const { folds, responses, weights } = input
  const { draws } = weights
  const m = responses.cols
  const each = (): Float64Array => new Float64Array(draws * m)
  const out: ResampledScores = { r: each(), ev: each(), r2: each(), pooledEv: each(), pooledR2: each() }
  const centre = siteMeans(folds, responses)
  const longest = Math.max(1, ...folds.map(({ test }) => test.length))
  for (const { from, to } of siteBlocks(m, TERMS, longest, draws)) await resampleBlock(input, centre, from, to, out, products)
  return out
}

/** The scores of sites from … to - 1, written into their columns of `out`. */
const resampleBlock = async ({ folds, responses, scores, weights, units }: ResampleInput, centre: Centre, from: number, to: number, out: ResampledScores, products: Pick<Products, 'f64'>): Promise<void> => {
  const { draws, stimuli, times } = weights
  const [m, width] = [responses.cols, to - from]
  const cells = draws * width
  const sum = (): Float64Array => new Float64Array(cells)
  const [r, rFolds, ev, evFolds, r2, r2Folds] = [sum(), sum(), sum(), sum(), sum(), sum()]
  const [errors, rawErrors, squares, weight, freedom] = [sum(), sum(), sum(), sum(), sum()]
  const pooled = Array.from({ length: width }, (_, j) => (scores.pooled[from + j] === 1 ? new Float64Array(TERMS * draws) : null))
  const moments = createMoments()
  for (const fold of folds) {
    const terms = stackTerms(fold, responses, centre, from, to)
    const least = leastVariances(terms)
    // A fold that is one group stands in a draw as often as its group: each copy would be a fold of its own.
    const whole = units !== null && new Set(Array.from(fold.test, (i) => units[i])).size === 1
    await eachWeightedSums(weights, fold.test, terms, products, (b, sums, row) => {
      const copies = whole ? times[b * stimuli + fold.test[0]] : 1
      for (let j = 0; j < width; j++) {
        const at = row + TERMS * j
        const w = sums[at + WEIGHT]
        if (w === 0) continue
        const cell = b * width + j
        const shift = centre.y[from + j] - centre.p[from + j]
        const ofPooled = pooled[j]
        if (ofPooled !== null) for (let k = 0; k < TERMS; k++) ofPooled[TERMS * b + k] += sums[at + k]
        moments.read(sums, at)
        const { pp, yy, py } = moments
        const correlation = moments.correlation()
        if (!Number.isNaN(correlation)) {
          r[cell] += copies * correlation
          rFolds[cell] += copies
        }
        const error = yy + pp - 2 * py
        const off = (sums[at + 1] - sums[at]) / w + shift
        errors[cell] += error
        rawErrors[cell] += error + w * off ** 2
        squares[cell] += yy
        weight[cell] += w
        freedom[cell] += w - 1
        if (yy / w < least[j] || yy === 0) continue
        ev[cell] += copies * (1 - error / yy)
        evFolds[cell] += copies
        r2[cell] += copies * (1 - (error + w * off * off) / yy)
        r2Folds[cell] += copies
      }
    })
  }
  for (let b = 0; b < draws; b++)
    for (let j = 0; j < width; j++) {
      const [cell, site, target] = [b * width + j, from + j, b * m + from + j]
      const ofPooled = pooled[j]
      if (ofPooled !== null) moments.read(ofPooled, TERMS * b)
      const sums = { errors: errors[cell], rawErrors: rawErrors[cell], responses: squares[cell], weight: weight[cell], freedom: freedom[cell] }
      out.r[target] = Number.isNaN(scores.r[site]) ? NaN : ofPooled === null ? r[cell] / rFolds[cell] : moments.correlation()
      out.ev[target] = Number.isNaN(scores.ev[site]) ? NaN : ev[cell] / evFolds[cell]
      out.r2[target] = Number.isNaN(scores.r2[site]) ? NaN : r2[cell] / r2Folds[cell]
      out.pooledEv[target] = Number.isNaN(scores.pooledEv[site]) ? NaN : pooledEvOf(sums)
      out.pooledR2[target] = Number.isNaN(scores.pooledR2[site]) ? NaN : pooledR2Of(sums)
    }
}

/** Of each site's predictions and responses. */
interface Centre {
  p: Float64Array
  y: Float64Array
}

/** Means over the held-out rows that count for a site: sums about them lose no digits, and can be added over folds. */
const siteMeans = (folds: readonly HeldOut[], responses: Matrix): Centre => {
  const m = responses.cols
  const [p, y, rows] = [new Float64Array(m), new Float64Array(m), new Float64Array(m)]
  for (const fold of folds) {
    const { data, rows: at } = foldResponses(fold, responses)
    for (let i = 0; i < at.length; i++)
      for (let j = 0; j < m; j++) {
        const [predicted, response] = [fold.predictions.data[i * m + j], data[at[i] * m + j]]
        if (Number.isNaN(predicted) || Number.isNaN(response)) continue
        p[j] += predicted
        y[j] += response
        rows[j]++
      }
  }
  return { p: p.map((x, j) => x / rows[j]), y: y.map((x, j) => x / rows[j]) }
}

/** Sums that are kept of each site: p, y, pp, yy, py and the weight. */
const TERMS = 6
const WEIGHT = 5

/** The terms of sites from … to - 1, one site after another, over the fold's stimuli, 0 where one does not count: ((6 terms per site) x test stimulus). */
const stackTerms = (fold: HeldOut, responses: Matrix, centre: Centre, from: number, to: number): Matrix => {
  const { test, predictions } = fold
  const observed = foldResponses(fold, responses)
  const [m, t] = [responses.cols, test.length]
  const data = new Float64Array(TERMS * (to - from) * t)
  for (let i = 0; i < t; i++)
    for (let j = from; j < to; j++) {
      const p = predictions.data[i * m + j] - centre.p[j]
      const y = observed.data[observed.rows[i] * m + j] - centre.y[j]
      if (Number.isNaN(p) || Number.isNaN(y)) continue
      const row = TERMS * (j - from) * t + i
      data[row] = p
      data[row + t] = y
      data[row + 2 * t] = p * p
      data[row + 3 * t] = y * y
      data[row + 4 * t] = p * y
      data[row + WEIGHT * t] = 1
    }
  return { rows: TERMS * (to - from), cols: t, data }
}

/**
 * A draw keeps a fold's EV and R² only where it keeps this share of the variance of the fold's responses. Of ten stimuli a draw may hold
 * three that are alike: a ratio to their variance is arbitrarily far from the score, and a few such draws would decide the interval.
 */
const LEAST_SHARE = 0.25

/** The least variance of each site's responses in a fold that a draw has to keep, from the fold's own terms. */
const leastVariances = ({ data, rows, cols: t }: Matrix): Float64Array => {
  const moments = createMoments()
  return Float64Array.from({ length: rows / TERMS }, (_, j) => {
    const own = Float64Array.from({ length: TERMS }, (_, k) => data.subarray((TERMS * j + k) * t, (TERMS * j + k + 1) * t).reduce((a, b) => a + b, 0))
    moments.read(own, 0)
    return own[WEIGHT] === 0 ? 0 : LEAST_SHARE * (moments.yy / own[WEIGHT])
  })
}

/** A weighted variance below this share of the raw sum of squares is rounding: the draw holds one stimulus only, or a constant. */
const ROUNDING = 1e-12

const positive = (variance: number, raw: number): number => (variance > ROUNDING * raw ? variance : 0)

/** Centred sums of squares of one site at a time: read into one object, as there are millions of them. */
const createMoments = () => {
  const moments = {
    pp: 0,
    yy: 0,
    py: 0,
    read: (sums: Float64Array, at: number): void => {
      const p = sums[at]
      const y = sums[at + 1]
      const w = sums[at + WEIGHT]
      moments.pp = positive(sums[at + 2] - (p * p) / w, sums[at + 2])
      moments.yy = positive(sums[at + 3] - (y * y) / w, sums[at + 3])
      moments.py = sums[at + 4] - (p * y) / w
    },
    correlation: (): number => (moments.pp > 0 && moments.yy > 0 ? Math.max(-1, Math.min(1, moments.py / Math.sqrt(moments.pp * moments.yy))) : NaN),
  }
  return moments
}

import type { Matrix } from '../domain/matrix.ts'
import type { Products } from '../numerics/products.ts'
import { createRandomState } from '../numerics/random/mt19937.ts'
import { foldResponses, pooledEvOf, pooledR2Of } from './scores/fold-scores.ts'
import type { FoldScores, HeldOut, PooledSums } from './scores/fold-scores.ts'
import { expandDraws, expansionOf } from './expand-draws.ts'
import { medianAndMean } from './scores/statistics.ts'
import { uniqueSorted } from './splits/unique.ts'

/** Aggregates over sites of one score, a value per draw; NaN where a draw leaves it undefined. */
export interface AggregateDraws {
  median: Float64Array
  mean: Float64Array
}

/** Scores of every site, (draw x site). */
export interface SiteDraws {
  r: Float64Array
  ev: Float64Array
}

export interface BootstrapDraws {
  correlation: AggregateDraws
  explainedVariance: AggregateDraws
  r2: AggregateDraws
  /** of every site, where asked for */
  sites?: SiteDraws
  /** means over sites of EV and R² with the variances pooled over folds */
  pooledEv: Float64Array
  pooledR2: Float64Array
  /** the same of each subset asked for */
  subsets?: Omit<BootstrapDraws, 'subsets' | 'sites'>[]
}

export interface BootstrapOptions {
  draws: number
  seed: number
  /** group of each stimulus, drawn whole; omitted: each stimulus for itself */
  units?: ArrayLike<number | string>
  /** the units are few, as groups are: draws are spread as Student's t is against the normal distribution */
  few?: boolean
  /** sites to aggregate by themselves too, on the same draws */
  subsets?: readonly (readonly number[])[]
  /** keep the draws of every site too */
  keepSites?: boolean
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
 * stimuli by multiplicity, recomputes r, EV and R² within each fold, averages over folds as the point estimate does (pooled where that
 * is pooled, left out where that is undefined), and aggregates over sites. EV and R² divide by the variance of a fold's responses: a draw
 * of a fold that has next to none of it left is left out of these, as it would say nothing but that. The same seed gives the same draws,
 * so that differences between layers or fits are paired. `responses` is (stimulus x site), NaN where a site did not see a stimulus.
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
  const shift = centre.y.map((y, j) => y - centre.p[j])
  const [r, ev, r2] = [totals(draws * m), totals(draws * m), totals(draws * m)]
  const variances = pooledTotals(draws * m)
  const pooled = Array.from({ length: m }, (_, j) => (scores.pooled[j] === 1 ? new Float64Array(TERMS * draws) : null))
  for (const fold of folds) {
    const w = gatherWeights(weights, n, draws, fold.test)
    const stacked = stackTerms(fold, responses, centre)
    const sums = await products.f64(w, stacked, { transB: true }) // (draw x terms of each site)
    const least = leastVariances(stacked)
    // A fold that is one group stands in a draw as often as its group: each copy would be a fold of its own.
    const whole = units !== null && new Set(Array.from(fold.test, (i) => units[i])).size === 1
    for (let b = 0; b < draws; b++) {
      const copies = whole ? weights[b * n + fold.test[0]] : 1
      for (let j = 0; j < m; j++) {
        const terms = sums.data.subarray(b * sums.cols + TERMS * j, b * sums.cols + TERMS * (j + 1))
        if (terms[WEIGHT] === 0) continue
        const sum = pooled[j]
        if (sum !== null) for (let k = 0; k < TERMS; k++) sum[TERMS * b + k] += terms[k]
        add(r, b * m + j, correlation(terms), copies)
        variances.add(b * m + j, terms, shift[j])
        if (varianceOf(terms) < least[j]) continue
        add(ev, b * m + j, explainedVariance(terms), copies)
        add(r2, b * m + j, determination(terms, shift[j]), copies)
      }
    }
  }
  const expand = options.few === true && options.units !== undefined ? expansionOf(options.units) : null
  const drawn = (score: Float64Array, value: (b: number, j: number) => number): AggregateDraws[] => {
    const sets = [null, ...(options.subsets ?? [])] // first all sites, then the subsets
    const out = sets.map(() => ({ median: new Float64Array(draws), mean: new Float64Array(draws) }))
    const sites = new Float64Array(m)
    for (let b = 0; b < draws; b++) {
      for (let j = 0; j < m; j++) sites[j] = Number.isNaN(score[j]) ? NaN : value(b, j)
      for (const [k, set] of sets.entries()) {
        const aggregate = medianAndMean(set === null ? sites : Float64Array.from(set, (j) => sites[j]))
        out[k].median[b] = aggregate.median ?? NaN
        out[k].mean[b] = aggregate.mean ?? NaN
      }
    }
    return expand === null ? out : out.map(({ median, mean }) => ({ median: expandDraws(median, expand), mean: expandDraws(mean, expand) }))
  }
  const overFolds = ({ sum, folds: count }: Totals) => (b: number, j: number) => sum[b * m + j] / count[b * m + j]
  const averaged = overFolds(r)
  const correlationOf = (b: number, j: number): number => {
    const sums = pooled[j]
    return sums === null ? averaged(b, j) : correlation(sums.subarray(TERMS * b, TERMS * (b + 1)))
  }
  const correlations = drawn(scores.r, correlationOf)
  const [evs, r2s] = [drawn(scores.ev, overFolds(ev)), drawn(scores.r2, overFolds(r2))]
  const pooledEvs = drawn(scores.pooledEv, (b, j) => pooledEvOf(variances.of(b * m + j)))
  const pooledR2s = drawn(scores.pooledR2, (b, j) => pooledR2Of(variances.of(b * m + j)))
  const [all, ...subsets] = correlations.map((drawnR, k) => ({ correlation: drawnR, explainedVariance: evs[k], r2: r2s[k], pooledEv: pooledEvs[k].mean, pooledR2: pooledR2s[k].mean }))
  const ofSites = (value: (b: number, j: number) => number): Float64Array => Float64Array.from({ length: draws * m }, (_, cell) => value(Math.floor(cell / m), cell % m))
  return {
    ...all,
    ...(options.subsets === undefined ? {} : { subsets }),
    ...(options.keepSites ? { sites: { r: ofSites(correlationOf), ev: ofSites(overFolds(ev)) } } : {}),
  }
}

/** (draw x site) sums over folds of a score and of the folds' weights. */
interface Totals {
  sum: Float64Array
  folds: Float64Array
}

const totals = (cells: number): Totals => ({ sum: new Float64Array(cells), folds: new Float64Array(cells) })

const add = ({ sum, folds }: Totals, cell: number, score: number, copies: number): void => {
  if (Number.isNaN(score)) return
  sum[cell] += copies * score
  folds[cell] += copies
}

/** Sums over folds of each (draw, site), of which pooled EV and R² are made. */
const pooledTotals = (cells: number) => {
  const [errors, rawErrors, responses, weight, freedom] = Array.from({ length: 5 }, () => new Float64Array(cells))
  return {
    add: (cell: number, terms: ArrayLike<number>, shift: number): void => {
      const { pp, yy, py } = centred(terms)
      const w = terms[WEIGHT]
      const squares = yy + pp - 2 * py
      errors[cell] += squares
      rawErrors[cell] += squares + w * ((terms[1] - terms[0]) / w + shift) ** 2
      responses[cell] += yy
      weight[cell] += w
      freedom[cell] += w - 1
    },
    of: (cell: number): PooledSums => ({ errors: errors[cell], rawErrors: rawErrors[cell], responses: responses[cell], weight: weight[cell], freedom: freedom[cell] }),
  }
}

/** Means over the held-out rows that count for a site: sums about them lose no digits, and can be added over folds. */
const siteMeans = (folds: readonly HeldOut[], responses: Matrix): { p: Float64Array; y: Float64Array } => {
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

const gatherWeights = (weights: Uint16Array, n: number, draws: number, test: ArrayLike<number>): Matrix => {
  const data = new Float64Array(draws * test.length) // (draw x test stimulus)
  for (let b = 0; b < draws; b++) for (let i = 0; i < test.length; i++) data[b * test.length + i] = weights[b * n + test[i]]
  return { rows: draws, cols: test.length, data }
}

/** Sums that are kept of each site: p, y, pp, yy, py and the weight. */
const TERMS = 6
const WEIGHT = 5

/** The terms of each site, one after another, over the fold's stimuli, 0 where one does not count: ((6 terms per site) x test stimulus). */
const stackTerms = (fold: HeldOut, responses: Matrix, centre: { p: Float64Array; y: Float64Array }): Matrix => {
  const { test, predictions } = fold
  const observed = foldResponses(fold, responses)
  const [m, t] = [responses.cols, test.length]
  const data = new Float64Array(TERMS * m * t)
  for (let i = 0; i < t; i++)
    for (let j = 0; j < m; j++) {
      const p = predictions.data[i * m + j] - centre.p[j]
      const y = observed.data[observed.rows[i] * m + j] - centre.y[j]
      if (Number.isNaN(p) || Number.isNaN(y)) continue
      const row = TERMS * j * t + i
      data[row] = p
      data[row + t] = y
      data[row + 2 * t] = p * p
      data[row + 3 * t] = y * y
      data[row + 4 * t] = p * y
      data[row + WEIGHT * t] = 1
    }
  return { rows: TERMS * m, cols: t, data }
}

/**
 * A draw keeps a fold's EV and R² only where it keeps this share of the variance of the fold's responses. Of ten stimuli a draw may hold
 * three that are alike: a ratio to their variance is arbitrarily far from the score, and a few such draws would decide the interval.
 */
const LEAST_SHARE = 0.25

/** The least variance of each site's responses in a fold that a draw has to keep, from the fold's own terms. */
const leastVariances = ({ data, rows, cols: t }: Matrix): Float64Array =>
  Float64Array.from({ length: rows / TERMS }, (_, j) => {
    const own = Array.from({ length: TERMS }, (_, k) => data.subarray((TERMS * j + k) * t, (TERMS * j + k + 1) * t).reduce((a, b) => a + b, 0))
    return own[WEIGHT] === 0 ? 0 : LEAST_SHARE * varianceOf(own)
  })

const varianceOf = (terms: ArrayLike<number>): number => centred(terms).yy / terms[WEIGHT]

/** A weighted variance below this share of the raw sum of squares is rounding: the draw holds one stimulus only, or a constant. */
const ROUNDING = 1e-12

const centred = (terms: ArrayLike<number>): { pp: number; yy: number; py: number } => {
  const [p, y, pp, yy, py, w] = [terms[0], terms[1], terms[2], terms[3], terms[4], terms[WEIGHT]]
  return { pp: positive(pp - (p * p) / w, pp), yy: positive(yy - (y * y) / w, yy), py: py - (p * y) / w }
}

const positive = (variance: number, raw: number): number => (variance > ROUNDING * raw ? variance : 0)

const correlation = (terms: ArrayLike<number>): number => {
  const { pp, yy, py } = centred(terms)
  return pp > 0 && yy > 0 ? Math.max(-1, Math.min(1, py / Math.sqrt(pp * yy))) : NaN
}

const explainedVariance = (terms: ArrayLike<number>): number => {
  const { pp, yy, py } = centred(terms)
  return yy > 0 ? 1 - (yy + pp - 2 * py) / yy : NaN
}

/** R² from sums about means that differ by `shift`, response less prediction. */
const determination = (terms: ArrayLike<number>, shift: number): number => {
  const { pp, yy, py } = centred(terms)
  const off = (terms[1] - terms[0]) / terms[WEIGHT] + shift
  return yy > 0 ? 1 - (yy + pp - 2 * py + terms[WEIGHT] * off * off) / yy : NaN
}

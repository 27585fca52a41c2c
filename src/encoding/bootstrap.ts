import type { Matrix } from '../domain/matrix.ts'
import type { Products } from '../numerics/products.ts'
import { createRandomState } from '../numerics/random/mt19937.ts'
import { expandDraws, expansionOf } from './expand-draws.ts'
import { resampleScores } from './resample-scores.ts'
import type { FoldScores, HeldOut } from './scores/fold-scores.ts'
import { medianAndMean } from './scores/statistics.ts'
import { uniqueSorted } from './splits/unique.ts'
import type { DrawWeights } from './weighted-sums.ts'

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
  /** drawn of few groups: no normal distribution */
  few: boolean
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
 * Bootstrap over stimuli of a layer's scores, conditional on the fitted models (FORMULAS.md, Intervals): the scores of every draw
 * (resampleScores), aggregated over sites. The same seed gives the same draws, so that differences between layers or fits are paired.
 * `responses` is (stimulus x site), NaN where a site did not see a stimulus. Memory: 40 bytes per draw and site, 2 per draw and stimulus,
 * and blocks of some 100 MB at most.
 */
export const bootstrapScores = async (
  folds: readonly HeldOut[],
  responses: Matrix,
  scores: FoldScores,
  options: BootstrapOptions,
  products: Pick<Products, 'f64'>,
): Promise<BootstrapDraws> => {
  const { draws } = options
  const weights: DrawWeights = { draws, stimuli: responses.rows, times: drawWeights(responses.rows, options) }
  const units = options.units === undefined ? null : uniqueSorted(options.units).inverse
  const { r, ev, r2, pooledEv, pooledR2 } = await resampleScores({ folds, responses, scores, weights, units }, products)
  const expand = options.few === true && options.units !== undefined ? expansionOf(options.units) : null
  const drawn = (values: Float64Array): AggregateDraws[] => aggregateDraws(values, responses.cols, options).map(({ median, mean }) => (expand === null ? { median, mean } : { median: expandDraws(median, expand), mean: expandDraws(mean, expand) }))
  const [correlations, evs, r2s, pooledEvs, pooledR2s] = [r, ev, r2, pooledEv, pooledR2].map(drawn)
  const few = expand !== null
  const [all, ...subsets] = correlations.map((correlation, k) => ({ few, correlation, explainedVariance: evs[k], r2: r2s[k], pooledEv: pooledEvs[k].mean, pooledR2: pooledR2s[k].mean }))
  return { ...all, ...(options.subsets === undefined ? {} : { subsets }), ...(options.keepSites ? { sites: { r, ev } } : {}) }
}

/** Median and mean over sites of each draw's values, (draw x site): of all sites, then of each subset. */
const aggregateDraws = (values: Float64Array, m: number, { draws, subsets = [] }: BootstrapOptions): AggregateDraws[] =>
  [null, ...subsets].map((set) => {
    const [medians, means] = [new Float64Array(draws), new Float64Array(draws)]
    for (let b = 0; b < draws; b++) {
      const ofDraw = values.subarray(b * m, (b + 1) * m)
      const { median, mean } = medianAndMean(set === null ? ofDraw : Float64Array.from(set, (j) => ofDraw[j]))
      medians[b] = median ?? NaN
      means[b] = mean ?? NaN
    }
    return { median: medians, mean: means }
  })

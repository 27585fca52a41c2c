import type { LayerScores } from '../domain/fit-scores.ts'
import type { Matrix, NdArray } from '../domain/matrix.ts'
import type { Products } from '../numerics/products.ts'
import { drawWeights } from './bootstrap.ts'
import type { BootstrapOptions, SiteDraws } from './bootstrap.ts'
import { trialShape } from './ceilings/analytic.ts'
import { expandDraws, expansionOf } from './expand-draws.ts'
import { ratios, usableCeiling } from './scores/ceiled.ts'
import { interval95About, median } from './scores/statistics.ts'
import { eachWeightedSums, siteBlocks } from './weighted-sums.ts'
import type { DrawWeights } from './weighted-sums.ts'

type Ceiled = LayerScores['ceiled']

/** What the sites' ceilings rest on, and how their scores were drawn. */
export interface CeiledDraws {
  /** of r and EV of every site */
  sites: SiteDraws
  ceilings: readonly (number | null)[]
  /** single trials of the analytic ceilings, (stimulus x site x repetition); null: the ceilings are held fixed */
  trials: NdArray | null
  bootstrap: BootstrapOptions
}

/**
 * Intervals of the medians over sites of the ceiled scores: each draw takes the reliability of the same stimuli as the scores, as both
 * err together. The sites are those of the point estimate; one whose reliability a draw leaves at 0 or under has no part in that draw.
 */
export const withCeiledIntervals = async (ceiled: Ceiled, { sites, ceilings, trials, bootstrap }: CeiledDraws, products: Pick<Products, 'f64'>): Promise<Ceiled> => {
  const m = ceilings.length
  const used = ceilings.flatMap((rho, j) => (usableCeiling(rho) === null ? [] : [j]))
  if (used.length === 0) return ceiled
  const rho = trials === null ? null : await reliabilityDraws(trials, bootstrap, products)
  const drawn = (b: number, j: number): number => (rho === null ? ceilings[j]! : rho[b * m + j])
  const interval = (name: keyof Ceiled): [number, number] | null => {
    const scores = name === 'evOverCeiling' ? sites.ev : sites.r
    const draws = Float64Array.from({ length: bootstrap.draws }, (_, b) =>
      median(used.map((j) => {
        const { top, bottom } = ratios[name](scores[b * m + j], drawn(b, j))
        return bottom > 0 ? top / bottom : NaN
      })) ?? NaN,
    )
    const { few, units } = bootstrap
    return interval95About(ceiled[name].median, few === true && units !== undefined ? expandDraws(draws, expansionOf(units)) : draws)
  }
  return {
    rOverSqrtCeiling: { ...ceiled.rOverSqrtCeiling, interval: interval('rOverSqrtCeiling') },
    r2OverCeiling: { ...ceiled.r2OverCeiling, interval: interval('r2OverCeiling') },
    evOverCeiling: { ...ceiled.evOverCeiling, interval: interval('evOverCeiling') },
  }
}

/** Sums that a site's reliability takes over stimuli with at least 2 repetitions: how many, mean response, its square, s² / R. */
const TERMS = 4

/** Analytic reliability of every site in every draw, (draw x site): 1 - mean(s²/R) / var(mean response, ddof 1). NaN where a draw leaves no variance. */
const reliabilityDraws = async (trials: NdArray, bootstrap: BootstrapOptions, products: Pick<Products, 'f64'>): Promise<Float64Array> => {
  const [n, m] = trialShape(trials)
  const { draws } = bootstrap
  const weights: DrawWeights = { draws, stimuli: n, times: drawWeights(n, bootstrap) }
  const all = Int32Array.from({ length: n }, (_, i) => i)
  const out = new Float64Array(draws * m)
  for (const { from, to } of siteBlocks(m, TERMS, n, draws))
    await eachWeightedSums(weights, all, reliabilityTerms(trials, from, to), products, (b, sums, row) => {
      for (let j = from; j < to; j++) {
        const at = row + TERMS * (j - from)
        const count = sums[at]
        const variance = (sums[at + 2] - sums[at + 1] ** 2 / count) / (count - 1)
        out[b * m + j] = count > 1 && variance > 0 ? 1 - sums[at + 3] / count / variance : NaN
      }
    })
  return out
}

/** The terms of sites from … to - 1, about the site's mean, one after another: (4 per site x stimulus). */
const reliabilityTerms = (trials: NdArray, from: number, to: number): Matrix => {
  const [n, m, repetitions] = trialShape(trials)
  const data = new Float64Array(TERMS * (to - from) * n)
  for (let j = from; j < to; j++) {
    const found = Array.from({ length: n }, (_, i) => meanAndNoise(trials.data.subarray((i * m + j) * repetitions, (i * m + j + 1) * repetitions)))
    const seen = found.filter((each) => each !== null)
    const centre = seen.reduce((sum, { mean }) => sum + mean, 0) / seen.length
    for (const [i, each] of found.entries()) {
      if (each === null) continue
      const y = each.mean - centre
      for (const [k, term] of [1, y, y * y, each.noise].entries()) data[(TERMS * (j - from) + k) * n + i] = term
    }
  }
  return { rows: TERMS * (to - from), cols: n, data }
}

/** Mean of the valid trials and s² / R; null with fewer than 2. */
const meanAndNoise = (trials: Float64Array): { mean: number; noise: number } | null => {
  const valid = trials.filter((y) => !Number.isNaN(y))
  const count = valid.length
  if (count < 2) return null
  const mean = valid.reduce((a, b) => a + b, 0) / count
  return { mean, noise: valid.reduce((sum, y) => sum + (y - mean) ** 2, 0) / (count - 1) / count }
}

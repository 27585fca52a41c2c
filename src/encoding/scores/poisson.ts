import type { Matrix } from '../../domain/matrix.ts'
import type { HeldOut } from './fold-scores.ts'
import { mean } from './statistics.ts'

/** Scores of predicted mean counts per site, each in the test folds, then its mean over folds. NaN where undefined; `notes` says why. */
export interface PoissonScores {
  /** mean over trials of 2 (y ln(y / ŷ) - (y - ŷ)), of mean counts over their repetitions */
  deviance: Float64Array
  /** 1 - deviance over that of the test fold's mean count */
  devianceExplained: Float64Array
  /** log likelihood gained over the test fold's mean count, in bits per spike (Pei et al. 2021) */
  bitsPerSpike: Float64Array
  notes: (string | undefined)[]
}

/**
 * Poisson deviance and bits per spike of counts (never of other units). `counts` are mean counts, (stimulus x site), NaN where not seen;
 * `repetitions` tells over how many trials each is a mean (default 1): a sum of R Poisson counts is a Poisson count. Predictions are
 * never clipped, so a site with a prediction that no Poisson count can have (under 0, or 0 where there were spikes) has no score.
 */
export const poissonScores = (folds: readonly HeldOut[], counts: Matrix, repetitions?: Matrix): PoissonScores => {
  const m = counts.cols
  const sites = Array.from({ length: m }, (_, j) => scoreSite(folds, counts, repetitions, j))
  const pick = (key: 'deviance' | 'devianceExplained' | 'bitsPerSpike'): Float64Array => Float64Array.from(sites, (site) => site[key])
  return { deviance: pick('deviance'), devianceExplained: pick('devianceExplained'), bitsPerSpike: pick('bitsPerSpike'), notes: sites.map(({ note }) => note) }
}

interface SitePoisson {
  deviance: number
  devianceExplained: number
  bitsPerSpike: number
  note?: string
}

const undefinedSite = (note: string): SitePoisson => ({ deviance: NaN, devianceExplained: NaN, bitsPerSpike: NaN, note })

const scoreSite = (folds: readonly HeldOut[], counts: Matrix, repetitions: Matrix | undefined, j: number): SitePoisson => {
  const m = counts.cols
  let impossible = 0
  const perFold = folds.flatMap(({ test, predictions }) => {
    const seen = Array.from(test, (row, i) => ({ y: counts.data[row * m + j], p: predictions.data[i * m + j], w: repetitions?.data[row * m + j] ?? 1 })).filter(
      ({ y, p }) => !Number.isNaN(y) && !Number.isNaN(p),
    )
    if (seen.some(({ y }) => y < 0)) throw new Error('counts cannot be negative')
    impossible += seen.filter(({ y, p }) => p < 0 || (p === 0 && y > 0)).length
    const trials = seen.reduce((sum, { w }) => sum + w, 0)
    const spikes = seen.reduce((sum, { w, y }) => sum + w * y, 0)
    if (trials === 0) return []
    const model = seen.reduce((sum, { y, p, w }) => sum + w * unitDeviance(y, p), 0)
    const constant = seen.reduce((sum, { y, w }) => sum + w * unitDeviance(y, spikes / trials), 0)
    // The saturated model's likelihood cancels: half the difference of deviances is the gain in log likelihood.
    return [{ deviance: model / trials, explained: constant > 0 ? 1 - model / constant : NaN, bits: spikes > 0 ? (constant - model) / 2 / (spikes * Math.LN2) : NaN }]
  })
  if (perFold.length === 0) return undefinedSite('no held-out stimulus has both a response and a prediction')
  if (impossible > 0) return undefinedSite(`${impossible} predictions are not over 0, which no Poisson count can have`)
  const over = (values: number[]): number => mean(values) ?? NaN
  const site = { deviance: over(perFold.map((f) => f.deviance)), devianceExplained: over(perFold.map((f) => f.explained)), bitsPerSpike: over(perFold.map((f) => f.bits)) }
  return Number.isNaN(site.bitsPerSpike) ? { ...site, note: 'no spikes' } : site
}

const unitDeviance = (y: number, p: number): number => (y === 0 ? 2 * p : 2 * (y * Math.log(y / p) - (y - p)))

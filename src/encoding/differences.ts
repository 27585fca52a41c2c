import type { PairedDifference } from '../domain/scores.ts'
import type { BootstrapDraws } from './bootstrap.ts'
import { withNormalTail } from './normal-tail.ts'
import type { Evaluation } from './scores/score-layer.ts'
import { interval95About, mean } from './scores/statistics.ts'

/**
 * Difference of two estimates whose draws are of the same stimuli, draw by draw. As intervals are, the draws are moved to lie about the
 * difference. Throws when the draws cannot be pairs.
 */
export const pairedDifference = (a: number | null, b: number | null, drawsA: Float64Array, drawsB: Float64Array): PairedDifference => {
  if (drawsA.length !== drawsB.length) throw new Error(`${drawsA.length} and ${drawsB.length} draws are no pairs: draw both by the same options`)
  if (a === null || b === null) return { difference: null, interval: null, p: null }
  const difference = a - b
  const draws = drawsA.map((x, k) => x - drawsB[k])
  const centre = mean(draws)
  return { difference, interval: interval95About(difference, draws), p: centre === null ? null : twoSided(draws.map((x) => x + difference - centre)) }
}

/** 2 (1 + draws on the rarer side of 0) / (draws + 1), at most 1: two-sided, and never 0. NaN draws are left out. */
export const twoSided = (draws: Float64Array): number | null => {
  const defined = draws.filter((x) => !Number.isNaN(x))
  const [low, high] = [defined.filter((x) => x <= 0).length, defined.filter((x) => x >= 0).length]
  return defined.length === 0 ? null : Math.min(1, (2 * (1 + Math.min(low, high))) / (defined.length + 1))
}

/** The draws of the aggregates that headline r (median over sites), EV and R² (mean over sites). */
export interface HeadlineDraws extends Record<HeadlineScore, Float64Array> {
  /** drawn of few groups: no normal distribution */
  few: boolean
}

type HeadlineScore = 'correlation' | 'explainedVariance' | 'r2'

export const headlineDraws = ({ few, correlation, explainedVariance, r2 }: BootstrapDraws): HeadlineDraws => ({
  few,
  correlation: correlation.median,
  explainedVariance: explainedVariance.mean,
  r2: r2.mean,
})

/** The headline numbers of one set of predictions, with their draws. */
export interface Compared {
  correlation: { median: number | null }
  explainedVariance: { mean: number | null }
  r2?: { mean: number | null }
  draws: HeadlineDraws
}

/** What an evaluation is compared by; null without draws. */
export const comparedOf = ({ correlation, explainedVariance, r2, draws }: Evaluation): Compared | null =>
  draws === null ? null : { correlation, explainedVariance, r2, draws: headlineDraws(draws) }

/** Differences of the aggregates that headline r, EV and R², between scores by the same bootstrap. */
export const pairedDifferences = (a: Compared, b: Compared): Record<HeadlineScore, PairedDifference> => {
  const of = (score: HeadlineScore, own: number | null, other: number | null): PairedDifference => tailedDifference(own, other, a.draws[score], b.draws[score], a.draws.few)
  return {
    correlation: of('correlation', a.correlation.median, b.correlation.median),
    explainedVariance: of('explainedVariance', a.explainedVariance.mean, b.explainedVariance.mean),
    r2: of('r2', a.r2?.mean ?? null, b.r2?.mean ?? null),
  }
}

/** A paired difference whose p goes on where its draws end, unless they are of few groups. */
const tailedDifference = (a: number | null, b: number | null, drawsA: Float64Array, drawsB: Float64Array, few: boolean): PairedDifference => {
  const found = pairedDifference(a, b, drawsA, drawsB)
  return few ? found : withNormalTail(found, drawsA, drawsB)
}

/** Holm's step-down correction: p-values that hold for all of them at once, whatever their dependence. Null stays null and does not count. */
export const holm = (p: readonly (number | null)[]): (number | null)[] => {
  const order = [...p.keys()].filter((k) => p[k] !== null).sort((a, b) => p[a]! - p[b]!)
  const out: (number | null)[] = p.map(() => null)
  let largest = 0
  for (const [rank, k] of order.entries()) out[k] = largest = Math.max(largest, Math.min(1, (order.length - rank) * p[k]!))
  return out
}

import type { Evaluation } from './scores/score-layer.ts'
import { interval95About, mean } from './scores/statistics.ts'

/** One score less another on the same stimuli, with what the shared bootstrap draws say of it. */
export interface PairedDifference {
  difference: number | null
  /** 95 %, of the difference itself, paired by the draws; conditional on the fitted models */
  interval: [number, number] | null
  /** two-sided, of no difference, from the draws; at least 2 / (draws + 1) */
  p: number | null
}

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

/** Differences of the aggregates that headline r, EV and R², between evaluations by the same bootstrap; null where either has no draws. */
export const pairedDifferences = (a: Evaluation, b: Evaluation): Record<'correlation' | 'explainedVariance' | 'r2', PairedDifference> | null => {
  const [x, y] = [a.draws, b.draws]
  if (x === null || y === null) return null
  return {
    correlation: pairedDifference(a.correlation.median, b.correlation.median, x.correlation.median, y.correlation.median),
    explainedVariance: pairedDifference(a.explainedVariance.mean, b.explainedVariance.mean, x.explainedVariance.mean, y.explainedVariance.mean),
    r2: pairedDifference(a.r2.mean, b.r2.mean, x.r2.mean, y.r2.mean),
  }
}

import type { PairedDifference } from '../domain/scores.ts'
import { std } from './scores/statistics.ts'

// Chebyshev coefficients of the logarithm of erfc(z) exp(z²) / t over t = 1 / (1 + z/2) (Press et al., Numerical Recipes, "erfcc").
const COEFFICIENTS = [-1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277]

/** erfc(z) for z >= 0, to 1.2e-7 of its value however small that is. */
export const erfc = (z: number): number => {
  const t = 1 / (1 + 0.5 * z)
  return t * Math.exp(-z * z + COEFFICIENTS.reduceRight((sum, c) => c + t * sum, 0))
}

/** Draws that all are the difference itself have no spread but rounding. */
const ROUNDING = 1e-12
/** A p is never 0. */
const LEAST = 1e-300

/**
 * The p of a difference where its draws end: counted, it cannot be under 2 / (draws + 1), which Holm's correction over 25 pairs alone takes
 * over .05. Where no draw lies beyond 0, p is that of a normal distribution with the draws' standard deviation, if smaller; else as counted.
 */
export const withNormalTail = ({ difference, interval, p }: PairedDifference, drawsA: Float64Array, drawsB: Float64Array): PairedDifference => {
  const draws = drawsA.map((a, k) => a - drawsB[k])
  const [sd, count] = [std(draws, 1), draws.filter((x) => !Number.isNaN(x)).length]
  if (difference === null || p === null || sd === null || sd <= ROUNDING * Math.abs(difference) || p > 2 / (count + 1)) return { difference, interval, p }
  return { difference, interval, p: Math.min(p, Math.max(LEAST, erfc(Math.abs(difference) / sd / Math.SQRT2))) }
}

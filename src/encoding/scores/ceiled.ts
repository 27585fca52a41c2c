import type { Ceiled, LayerScores } from '../../domain/fit.ts'
import type { FurtherSiteScores } from '../../domain/scores.ts'
import { mean, median } from './statistics.ts'

/** Below this reliability a ratio to the ceiling says more about the ceiling's error than about the score. */
export const MIN_CEILING = 0.1

/** A reliability as a ceiling: null where it is missing or under .1 (and so wherever it is negative). */
export const usableCeiling = (rho: number | null): number | null => (rho !== null && rho >= MIN_CEILING ? rho : null)

type Ratio = (score: number, rho: number) => { top: number; bottom: number }

const ceil = (scores: Float64Array, rho: readonly (number | null)[], ratio: Ratio): Ceiled => {
  const parts = Array.from(scores, (score, j) => {
    const ceiling = usableCeiling(rho[j])
    return ceiling === null || Number.isNaN(score) ? null : ratio(score, ceiling)
  })
  const used = parts.filter((part) => part !== null)
  const [top, bottom] = [mean(used.map((part) => part.top)), mean(used.map((part) => part.bottom))]
  return {
    median: median(used.map((part) => part.top / part.bottom)),
    ratioOfMeans: top === null || bottom === null ? null : top / bottom,
    sitesExcluded: parts.length - used.length,
  }
}

/** The ceiled forms of one site's scores; null without a score or a usable ceiling. */
export const ceiledSite = (r: number, ev: number, rho: number | null): Pick<FurtherSiteScores, 'rOverSqrtCeiling' | 'r2OverCeiling' | 'evOverCeiling'> => {
  const ceiling = usableCeiling(rho)
  const over = (score: number, bottom: (c: number) => number): number | null => (ceiling === null || Number.isNaN(score) ? null : score / bottom(ceiling))
  return { rOverSqrtCeiling: over(r, Math.sqrt), r2OverCeiling: over(Math.sign(r) * r * r, (c) => c), evOverCeiling: over(ev, (c) => c) }
}

/**
 * Noise-ceiled scores per site, then the median over sites and the ratio of means (FORMULAS.md, Ceiled): r/√ρ, sign(r)·r²/ρ and EV/ρ,
 * never clipped. Sites whose ρ is missing or under .1 are left out and counted.
 */
export const ceiledScores = (r: Float64Array, ev: Float64Array, rho: readonly (number | null)[]): LayerScores['ceiled'] => ({
  rOverSqrtCeiling: ceil(r, rho, (x, c) => ({ top: x, bottom: Math.sqrt(c) })),
  r2OverCeiling: ceil(r, rho, (x, c) => ({ top: Math.sign(x) * x * x, bottom: c })),
  evOverCeiling: ceil(ev, rho, (x, c) => ({ top: x, bottom: c })),
})

import type { Ceiled, LayerScores } from '../../domain/fit-scores.ts'
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

/** The ceiled forms of a site's score: of r the first two, of EV the last. */
export const ratios = {
  rOverSqrtCeiling: (r, rho) => ({ top: r, bottom: Math.sqrt(rho) }),
  r2OverCeiling: (r, rho) => ({ top: Math.sign(r) * r * r, bottom: rho }),
  evOverCeiling: (ev, rho) => ({ top: ev, bottom: rho }),
} satisfies Record<keyof LayerScores['ceiled'], Ratio>

/** The ceiled forms of one site's scores; null without a score or a usable ceiling. */
export const ceiledSite = (r: number, ev: number, rho: number | null): Record<keyof LayerScores['ceiled'], number | null> => {
  const ceiling = usableCeiling(rho)
  const over = (score: number, ratio: Ratio): number | null => {
    if (ceiling === null || Number.isNaN(score)) return null
    const { top, bottom } = ratio(score, ceiling)
    return top / bottom
  }
  return { rOverSqrtCeiling: over(r, ratios.rOverSqrtCeiling), r2OverCeiling: over(r, ratios.r2OverCeiling), evOverCeiling: over(ev, ratios.evOverCeiling) }
}

/**
 * Noise-ceiled scores per site, then the median over sites and the ratio of means (FORMULAS.md, Ceiled): r/√ρ, sign(r)·r²/ρ and EV/ρ,
 * never clipped. Sites whose ρ is missing or under .1 are left out and counted.
 */
export const ceiledScores = (r: Float64Array, ev: Float64Array, rho: readonly (number | null)[]): LayerScores['ceiled'] => ({
  rOverSqrtCeiling: ceil(r, rho, ratios.rOverSqrtCeiling),
  r2OverCeiling: ceil(r, rho, ratios.r2OverCeiling),
  evOverCeiling: ceil(ev, rho, ratios.evOverCeiling),
})

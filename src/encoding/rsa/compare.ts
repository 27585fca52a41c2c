import { columnMoments, pearsonOf } from '../scores/moments.ts'
import { averageRanks, kendallTauA } from './ranks.ts'
import type { Rdm } from './rdm.ts'

/** How two RDMs are compared, over their upper triangles. */
export type Comparison = 'spearman' | 'pearson' | 'kendall'

/** Pairs of which both RDMs have a value. */
export const sharedPairs = (a: Float64Array, b: Float64Array): [Float64Array, Float64Array] => {
  if (a.length !== b.length) throw new Error(`RDMs of ${a.length} and ${b.length} pairs cannot be compared`)
  const both = (_: number, k: number): boolean => !Number.isNaN(a[k]) && !Number.isNaN(b[k])
  return [a.filter(both), b.filter(both)]
}

/**
 * Agreement of two RDMs over the same stimuli in the same order: Spearman's ρ (ties at their mean rank), Pearson's r, or Kendall's τ-a,
 * which alone does not favour models that predict ties. Pairs that either lacks are left out; null when fewer than 2 remain, or
 * for ρ and r when one does not vary.
 */
export const compareRdms = (a: Rdm, b: Rdm, comparison: Comparison): number | null => {
  const [x, y] = sharedPairs(a.values, b.values)
  if (x.length < 2) return null
  if (comparison === 'kendall') return kendallTauA(x, y)
  const r = comparison === 'pearson' ? correlate(x, y) : correlate(averageRanks(x), averageRanks(y))
  return Number.isNaN(r) ? null : r
}

const correlate = (x: Float64Array, y: Float64Array): number =>
  pearsonOf(
    columnMoments(
      x,
      y,
      1,
      0,
      Int32Array.from(x, (_, i) => i),
    ),
  )

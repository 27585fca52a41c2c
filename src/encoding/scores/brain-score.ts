import { mean, median, std } from './statistics.ts'

/** Brain-Score's aggregate: median over sites in each split, then mean over splits. */
export interface BrainScoreAggregate {
  score: number | null
  /** population std over splits / sqrt(splits): not a standard error */
  errorOverSplits: number | null
}

/** Aggregates raw correlations, one array over sites per split, in Brain-Score's order. NaN sites are left out of a split's median. */
export const brainScoreAggregate = (splits: readonly Float64Array[]): BrainScoreAggregate => meanOverSplits(splits.map((sites) => median(sites)))

/** The same from the median of each split. */
export const meanOverSplits = (medians: readonly (number | null)[]): BrainScoreAggregate => {
  const defined = medians.filter((x) => x !== null)
  const spread = std(defined)
  return { score: mean(defined), errorOverSplits: spread === null ? null : spread / Math.sqrt(defined.length) }
}

/** The score in each revision of Brain-Score's ceiling, by the name that FORMULAS.md gives it. */
export interface BrainScoreRevisions {
  /** the paper's */
  raw: number | null
  'r/c': number | null
  '(r/c)²': number | null
  /** since January 2026 */
  'r²/c': number | null
}

/** Median r against median ceiling. Not clipped: over 1 is possible; the squares hide the sign of r. Null without a ceiling over 0. */
export const brainScoreRevisions = (r: number | null, ceiling: number | null): BrainScoreRevisions => {
  const ceiled = (form: (r: number, c: number) => number): number | null => (r === null || ceiling === null || !(ceiling > 0) ? null : form(r, ceiling))
  return { raw: r, 'r/c': ceiled((r, c) => r / c), '(r/c)²': ceiled((r, c) => (r / c) ** 2), 'r²/c': ceiled((r, c) => (r * r) / c) }
}

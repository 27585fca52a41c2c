import type { Aggregate } from '../../domain/fit-scores.ts'
import { mean, median, std } from './statistics.ts'

/**
 * Aggregates a score over sites: median and mean of the sites' own scores (each a mean over folds), and per split the same two over
 * that split's scores. `error` = population std over splits / sqrt(splits) of the aggregate that `intervalOf` names: errorOverSplits,
 * not a standard error, and null with a single split. NaN sites are left out and counted.
 */
export const aggregate = (
  sites: Float64Array,
  splits: readonly Float64Array[],
  intervalOf: 'median' | 'mean',
  interval: [number, number] | null,
): Aggregate => {
  const perSplit = splits.map((values) => ({ median: median(values), mean: mean(values) }))
  const defined = perSplit.map((split) => split[intervalOf]).filter((x) => x !== null)
  const spread = defined.length < 2 ? null : std(defined)
  return {
    median: median(sites),
    mean: mean(sites),
    error: spread === null ? null : spread / Math.sqrt(defined.length),
    interval,
    intervalOf,
    splits: perSplit,
    sitesExcluded: sites.reduce((count, x) => count + (Number.isNaN(x) ? 1 : 0), 0),
  }
}

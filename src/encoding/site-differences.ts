import type { PairedDifference } from '../domain/scores.ts'
import type { AggregateDraws } from './bootstrap.ts'
import { pairedDifference } from './differences.ts'
import { mean, median } from './scores/statistics.ts'

/** One score of every site (NaN where undefined), and the bootstrap draws of its mean over sites. */
export interface SiteScores {
  sites: Float64Array
  draws: Pick<AggregateDraws, 'mean'>
}

/** `a` less `b`, site by site: the mean over sites with the interval and p of the shared draws, the median, and how many sites each predicts better. Sites without one of the two count nowhere. */
export const siteDifferences = (a: SiteScores, b: SiteScores): { compared: number; mean: PairedDifference; median: number | null; higher: number; lower: number } => {
  const differences = a.sites.map((x, j) => x - b.sites[j]).filter((x) => !Number.isNaN(x))
  return {
    compared: differences.length,
    mean: pairedDifference(mean(a.sites), mean(b.sites), a.draws.mean, b.draws.mean),
    median: median(differences),
    higher: differences.filter((x) => x > 0).length,
    lower: differences.filter((x) => x < 0).length,
  }
}

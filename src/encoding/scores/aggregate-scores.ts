import type { Aggregate } from '../../domain/fit-scores.ts'
import type { BootstrapDraws } from '../bootstrap.ts'
import { aggregate } from './aggregate.ts'
import type { FoldScores } from './fold-scores.ts'
import { interval95About, mean, median } from './statistics.ts'

export interface AggregatedScores {
  correlation: Aggregate
  explainedVariance: Aggregate
  r2: Aggregate
}

/** r, EV and R² over sites, each with the interval of the aggregate that its headline shows; `draws` are of the same sites. */
export const aggregateScores = (scores: FoldScores, draws: BootstrapDraws | null): AggregatedScores => ({
  correlation: aggregate(scores.r, scores.foldR, 'median', draws && interval95About(median(scores.r), draws.correlation.median)),
  explainedVariance: {
    ...aggregate(scores.ev, scores.foldEv, 'mean', draws && interval95About(mean(scores.ev), draws.explainedVariance.mean)),
    pooledOverFolds: pooled(scores.pooledEv, draws && draws.pooledEv),
  },
  r2: { ...aggregate(scores.r2, scores.foldR2, 'mean', draws && interval95About(mean(scores.r2), draws.r2.mean)), pooledOverFolds: pooled(scores.pooledR2, draws && draws.pooledR2) },
})

const pooled = (sites: Float64Array, draws: Float64Array | null): NonNullable<Aggregate['pooledOverFolds']> => {
  const value = mean(sites)
  return { value, interval: draws && interval95About(value, draws) }
}

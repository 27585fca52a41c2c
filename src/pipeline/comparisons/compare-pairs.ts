import type { BackboneDifference, SiteDifference } from '../../domain/comparison.ts'
import type { AdjustedDifference, PairedDifference } from '../../domain/scores.ts'
import { comparedOf, holm, pairedDifferences } from '../../encoding/differences.ts'
import { withNormalTail } from '../../encoding/normal-tail.ts'
import type { Evaluation } from '../../encoding/scores/score-layer.ts'
import { siteDifferences } from '../../encoding/site-differences.ts'

/** A backbone in a region: its nested choice, scored on the stimuli and draws that all share. */
export interface EvaluatedBackbone {
  name: string
  evaluation: Evaluation
}

interface Uncorrected {
  a: string
  b: string
  sites: number
  tests: Record<(typeof tested)[number], PairedDifference>
  perSite: Record<'correlation' | 'explainedVariance', Omit<SiteDifference, 'mean'>>
}

const tested = ['correlation', 'explainedVariance', 'meanCorrelation', 'meanExplainedVariance'] as const

const comparePair = (a: EvaluatedBackbone, b: EvaluatedBackbone): Uncorrected => {
  const [x, y] = [comparedOf(a.evaluation)!, comparedOf(b.evaluation)!]
  const headline = pairedDifferences(x, y)
  // Draws over few groups are no normal distribution.
  const tailed = (found: PairedDifference, drawsA: Float64Array, drawsB: Float64Array): PairedDifference => (x.draws.few ? found : withNormalTail(found, drawsA, drawsB))
  const perSite = (score: 'correlation' | 'explainedVariance') => {
    const of = ({ evaluation: { scores, draws } }: EvaluatedBackbone) => ({ sites: score === 'correlation' ? scores.r : scores.ev, draws: draws![score] })
    return siteDifferences(of(a), of(b))
  }
  const [{ compared, mean: meanCorrelation, ...r }, { mean: meanExplainedVariance, compared: _, ...ev }] = [perSite('correlation'), perSite('explainedVariance')]
  return {
    a: a.name,
    b: b.name,
    sites: compared,
    tests: {
      correlation: headline.correlation,
      explainedVariance: headline.explainedVariance,
      meanCorrelation: tailed(meanCorrelation, a.evaluation.draws!.correlation.mean, b.evaluation.draws!.correlation.mean),
      meanExplainedVariance: tailed(meanExplainedVariance, a.evaluation.draws!.explainedVariance.mean, b.evaluation.draws!.explainedVariance.mean),
    },
    perSite: { correlation: r, explainedVariance: ev },
  }
}

/** All pairs of backbones in one region; p-values after Holm's correction hold for all pairs of the region and score at once. */
export const comparePairs = (region: string, backbones: readonly EvaluatedBackbone[]): BackboneDifference[] => {
  const pairs = backbones.flatMap((a, i) => backbones.slice(i + 1).map((b) => comparePair(a, b)))
  const adjusted = Object.fromEntries(tested.map((test) => [test, holm(pairs.map(({ tests }) => tests[test].p))]))
  return pairs.map(({ a, b, sites, tests, perSite }, k) => {
    const of = (test: (typeof tested)[number]): AdjustedDifference => ({ ...tests[test], pHolm: adjusted[test][k] })
    return {
      region, a, b, sites, correlation: of('correlation'), explainedVariance: of('explainedVariance'),
      perSite: { correlation: { mean: of('meanCorrelation'), ...perSite.correlation }, explainedVariance: { mean: of('meanExplainedVariance'), ...perSite.explainedVariance } },
    } // prettier-ignore
  })
}

import type { FitScores } from '../domain/fit-scores.ts'
import { driftOf, MAX_DRIFT } from '../encoding/ceilings/early-late.ts'
import { mean, median } from '../encoding/scores/statistics.ts'
import { orNull } from '../encoding/scores/vectors.ts'
import type { Population } from './fit-population.ts'
import type { SolverPool } from './solver-pool.ts'
import { SPLIT_HALF, SPLIT_HALF_BRAIN_SCORE } from './solver-tasks.ts'

/**
 * The reliabilities of a fit's sites: the analytic one, which serves as ceiling, and beside it both split-half ones, early against late repetitions, and the explainable
 * variance of a single trial. Null without repetitions.
 */
export const ceilingReport = async (pool: SolverPool, { sites, ceilings, ceilingReasons, trials }: Population): Promise<FitScores['ceiling']> => {
  if (trials === null) return null
  const { splitHalf, earlyLate, brainScore, explainableVariance } = await pool.run('reliabilities', { trials })
  return {
    method: 'analytic',
    median: median(ceilings),
    splitHalf: { ...SPLIT_HALF, median: median(splitHalf.map(({ rho }) => rho)) },
    earlyLate: { median: median(earlyLate.map(({ rho }) => rho)), ...driftOf(ceilings.map((rho) => ({ rho })), earlyLate) },
    'splitHalf-brainscore': { ...SPLIT_HALF_BRAIN_SCORE, score: brainScore.score, errorOverSplits: brainScore.error },
    explainableVariance: { median: median(explainableVariance) },
    sites: sites.map(({ siteId }, j) => {
      const values = {
        rho: ceilings[j],
        splitHalf: splitHalf[j].rho,
        earlyLate: earlyLate[j].rho,
        'splitHalf-brainscore': mean(brainScore.corrected.map((split) => split[j])),
        explainableVariance: orNull(explainableVariance[j]),
      }
      const why: Record<keyof typeof values, string | undefined> = {
        rho: ceilingReasons[j],
        splitHalf: splitHalf[j].reason,
        earlyLate: earlyLate[j].reason,
        'splitHalf-brainscore': 'no split of the repetitions leaves halves that vary',
        explainableVariance: 'the trials do not vary, or no stimulus has 2',
      }
      const reasons = Object.fromEntries(Object.entries(why).filter(([name, reason]) => values[name as keyof typeof values] === null && reason !== undefined)) as Record<string, string>
      return { id: siteId, ...values, ...(Object.keys(reasons).length === 0 ? {} : { reasons }) }
    }),
  }
}

/** What the reliabilities warn of. */
export const ceilingWarnings = (ceiling: FitScores['ceiling']): string[] => {
  if (!ceiling?.earlyLate?.drifts) return []
  const difference = ceiling.earlyLate.difference!
  return [
    `The reliability of early against late repetitions is ${Math.abs(difference).toFixed(2)} ${difference > 0 ? 'under' : 'over'} the ceiling at the median site (over ${MAX_DRIFT} counts): the responses changed in the course of the recording, so the ceiling may be wrong.`,
  ]
}

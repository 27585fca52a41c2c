import type { FitScores } from '../domain/fit.ts'
import { mean, median } from '../encoding/scores/statistics.ts'
import { orNull } from '../encoding/scores/vectors.ts'
import type { Population } from './fit-population.ts'
import type { SolverPool } from './solver-pool.ts'
import { SPLIT_HALF, SPLIT_HALF_BRAIN_SCORE } from './solver-tasks.ts'

/**
 * The reliabilities of a fit's sites: the analytic one, which serves as ceiling, and beside it both split-half ones and the explainable
 * variance of a single trial. Null without repetitions.
 */
export const ceilingReport = async (pool: SolverPool, { sites, ceilings, ceilingReasons, trials }: Population): Promise<FitScores['ceiling']> => {
  if (trials === null) return null
  const { splitHalf, brainScore, explainableVariance } = await pool.run('reliabilities', { trials })
  return {
    method: 'analytic',
    median: median(ceilings),
    splitHalf: { ...SPLIT_HALF, median: median(splitHalf.map(({ rho }) => rho)) },
    'splitHalf-brainscore': { ...SPLIT_HALF_BRAIN_SCORE, score: brainScore.score, errorOverSplits: brainScore.error },
    explainableVariance: { median: median(explainableVariance) },
    sites: sites.map(({ siteId }, j) => {
      const values = {
        rho: ceilings[j],
        splitHalf: splitHalf[j].rho,
        'splitHalf-brainscore': mean(brainScore.corrected.map((split) => split[j])),
        explainableVariance: orNull(explainableVariance[j]),
      }
      const why: Record<keyof typeof values, string | undefined> = {
        rho: ceilingReasons[j],
        splitHalf: splitHalf[j].reason,
        'splitHalf-brainscore': 'no split of the repetitions leaves halves that vary',
        explainableVariance: 'the trials do not vary, or no stimulus has 2',
      }
      const reasons = Object.fromEntries(Object.entries(why).filter(([name, reason]) => values[name as keyof typeof values] === null && reason !== undefined)) as Record<string, string>
      return { id: siteId, ...values, ...(Object.keys(reasons).length === 0 ? {} : { reasons }) }
    }),
  }
}

import type { FitScores } from '../domain/fit.ts'
import { median } from '../encoding/scores/statistics.ts'
import type { Population } from './fit-population.ts'
import type { SolverPool } from './solver-pool.ts'
import { SPLIT_HALF } from './solver-tasks.ts'

/** The reliabilities of a fit's sites: the analytic one, which serves as ceiling, and split-half beside it. Null without repetitions. */
export const ceilingReport = async (pool: SolverPool, { sites, ceilings, trials }: Population): Promise<FitScores['ceiling']> => {
  if (trials === null) return null
  const halves = (await pool.run('splitHalf', { trials })).map(({ rho }) => rho)
  return {
    method: 'analytic',
    median: median(ceilings),
    splitHalf: { ...SPLIT_HALF, median: median(halves) },
    sites: sites.map(({ siteId }, j) => ({ id: siteId, rho: ceilings[j], splitHalf: halves[j] })),
  }
}

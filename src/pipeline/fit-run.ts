import type { ResolvedFit } from '../domain/fit.ts'
import type { ReportProgress } from '../domain/progress.ts'
import type { PipelineContext } from './context.ts'
import type { Population } from './fit-population.ts'
import type { OpenDataset } from './open-dataset.ts'
import type { FindOffer } from './offer.ts'
import type { SolverPool } from './solver-pool.ts'

export interface FitOptions {
  onProgress: ReportProgress
  signal?: AbortSignal
}

/** What the steps of one fit share. */
export interface FitRun extends FitOptions {
  context: PipelineContext
  request: ResolvedFit
  /** finds what the request names */
  find: FindOffer
  dataset: OpenDataset
  population: Population
  pool: SolverPool
}

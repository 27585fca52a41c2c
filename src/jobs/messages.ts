import type { Config } from '../config.ts'
import type { errorToPlain } from '../domain/errors.ts'
import type { FitProgress } from '../domain/fit.ts'
import type { FitResults } from '../storage/repositories/fit-deliveries.ts'

/** From the server to the worker process. */
export type ToWorker = { type: 'start'; config: Config; fitModule: string } | { type: 'stop' }

/** From the worker to a fit process. */
export type ToFit = { type: 'run'; config: Config; fit: string; fitModule: string } | { type: 'cancel' }

/** From a fit process to the worker. */
export type FromFit =
  | { type: 'progress'; progress: FitProgress }
  | { type: 'outcome'; outcome: FitResults }
  /** `retry`: the database was out of reach, the fit itself is not to blame */
  | { type: 'error'; error: ReturnType<typeof errorToPlain>; retry: boolean }
  | { type: 'aborted' }

import type { PipelineContext } from '../pipeline/context.ts'
import { lookAfterFits } from './recovery.ts'
import { superviseWorker, type SupervisorOptions } from './supervisor.ts'

export interface Jobs {
  workerPid(): number | null
  /** Stops the worker; a fit at hand goes back to the queue. To be called before the context is closed. */
  stop(): Promise<void>
}

export interface JobsOptions extends SupervisorOptions {
  /** no worker beside this server, since others work on its queue */
  worker?: boolean
}

/** What a server runs beside answering requests: a supervised worker, and the look-out for fits whose worker was lost. */
export const startJobs = (context: PipelineContext, { worker = true, ...options }: JobsOptions = {}): Jobs => {
  const recovery = lookAfterFits(context, { onNotice: options.onNotice })
  const supervised = worker ? superviseWorker(context.config, options) : null
  return {
    workerPid: () => supervised?.pid() ?? null,
    stop: async () => {
      await recovery.stop()
      await supervised?.stop()
    },
  }
}

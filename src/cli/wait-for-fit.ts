import { setTimeout as delay } from 'node:timers/promises'
import { VentralError } from '../domain/errors.ts'
import type { FitView } from '../pipeline/fits.ts'
import type { Client } from './client.ts'
import { createProgress } from './progress-bar.ts'
import type { Call } from './verb.ts'

const POLL_MS = 500

/** Waits for a fit to succeed, with a progress bar. Throws its error when it failed, and `already-finished` when it was cancelled. */
export const waitForFit = async (client: Client, id: string, call: Pick<Call, 'json' | 'signal'>): Promise<FitView> => {
  const progress = createProgress({ quiet: call.json })
  try {
    for (;;) {
      const fit = await client.json<FitView>(`/fits/${id}`)
      if (fit.status === 'succeeded') return fit
      if (fit.status === 'cancelled') throw new VentralError('already-finished', `Fit ${id} was cancelled.`)
      if (fit.status === 'failed') throw new VentralError(fit.error?.code ?? 'internal', fit.error?.detail ?? `Fit ${id} failed.`, fit.error?.errors)
      if (fit.progress !== null) progress.show(fit.progress)
      await delay(POLL_MS, undefined, { signal: call.signal })
    }
  } finally {
    progress.stop()
  }
}

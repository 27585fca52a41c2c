import { runWorker } from '../../jobs/worker.ts'
import { tell } from '../output.ts'
import type { Verb } from '../verb.ts'

export const worker: Verb = {
  usage: 'worker [--home DIR]',
  summary: 'work on the fits of a running server, or of the database that DATABASE_URL names',
  run: async ({ config, signal }) => {
    tell('The worker waits for fits. Ctrl-C stops it; a fit at hand goes back to the queue.')
    await runWorker(config, { signal, onNotice: tell })
  },
}

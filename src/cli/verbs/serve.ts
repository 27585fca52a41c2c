import { once } from 'node:events'
import { pino } from 'pino'
import { startServer } from '../../server/start.ts'
import { printJson, tell } from '../output.ts'
import type { Verb } from '../verb.ts'

export const serve: Verb = {
  usage: 'serve [--home DIR] [--host HOST] [--port N] [--no-worker] [--json]',
  summary: 'run the service: HTTP API, page and worker',
  options: { 'no-worker': { type: 'boolean' } },
  run: async ({ config, json, flags, signal }) => {
    const logger = pino({ level: config.logLevel }, pino.destination({ dest: 2, sync: true })) // stdout is the script's
    const server = await startServer(config, { logger, worker: flags['no-worker'] !== true })
    if (json) printJson({ url: server.url })
    else tell(`Ventral answers at ${server.url} on ${config.home}. Ctrl-C stops it.`)
    if (!signal.aborted) await once(signal, 'abort')
    await server.close()
  },
}

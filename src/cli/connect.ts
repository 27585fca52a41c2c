import { setTimeout as delay } from 'node:timers/promises'
import { VentralError } from '../domain/errors.ts'
import { findOwner } from '../storage/home.ts'
import { createClient } from './client.ts'
import type { Client } from './client.ts'
import type { Call } from './verb.ts'

const START_PATIENCE_MS = 10_000

/** URL of the server that runs on the data folder, once it listens; null when none runs there. */
export const runningServer = async (home: string, signal: AbortSignal): Promise<string | null> => {
  for (const end = Date.now() + START_PATIENCE_MS; ; await delay(100, undefined, { signal })) {
    const owner = await findOwner(home)
    if (owner === null || owner.url !== null) return owner?.url ?? null
    if (Date.now() > end) throw new VentralError('home-in-use', `The data folder ${home} is in use by process ${owner.pid}, which does not listen. Stop it, or choose another folder with --home.`)
  }
}

/**
 * Runs `work` with a client: of the server that was named, of the one that runs on the data folder, or else of one in this
 * process for just this command, on a free loopback port. `worker`: whether that one is to work on fits.
 */
export const withClient = async <T>({ config, url, signal }: Pick<Call, 'config' | 'url' | 'signal'>, work: (client: Client) => Promise<T>, { worker = false } = {}): Promise<T> => {
  const known = url ?? (await runningServer(config.home, signal))
  if (known !== null) return work(createClient(known, { apiKey: config.apiKey, signal }))
  // Loaded only here: a verb that talks to a running server starts in half the time without the service's code.
  const [{ pino }, { startServer }] = await Promise.all([import('pino'), import('../server/start.ts')])
  const logger = pino({ level: 'warn' }, pino.destination({ dest: 2, sync: true }))
  const server = await startServer({ ...config, host: '127.0.0.1', port: 0 }, { logger, worker })
  try {
    return await work(createClient(server.url, { apiKey: config.apiKey, signal }))
  } finally {
    await server.close()
  }
}

import type { AddressInfo } from 'node:net'
import type { FastifyBaseLogger } from 'fastify'
import type { Config } from '../config.ts'
import { VentralError } from '../domain/errors.ts'
import { startJobs } from '../jobs/start-jobs.ts'
import { openContext } from '../pipeline/context.ts'
import type { PipelineContext } from '../pipeline/context.ts'
import { createLooks } from '../pipeline/inside/looks.ts'
import { createPredictor } from '../pipeline/predict.ts'
import { openFitEventHub } from '../storage/repositories/fit-events.ts'
import { buildApp } from './app.ts'
import { assertMayListen } from './loopback.ts'
import { pipeline } from './pipeline.ts'

export interface RunningServer {
  /** where this machine reaches it */
  url: string
  context: PipelineContext
  close(): Promise<void>
}

export interface StartOptions {
  logger: FastifyBaseLogger
  /** whether fits are worked on here */
  worker?: boolean
}

const anyAddress = new Set(['0.0.0.0', '::'])

const urlOf = ({ address, family, port }: AddressInfo): string => {
  const host = anyAddress.has(address) ? '127.0.0.1' : family === 'IPv6' ? `[${address}]` : address
  return `http://${host}:${port}`
}

const listenError = (error: unknown, { host, port }: Config): unknown => {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') return new VentralError('invalid-value', `Port ${port} of ${host} is taken. Choose another with --port (0 finds a free one).`)
  if (code === 'EACCES') return new VentralError('invalid-value', `This user may not listen on port ${port}. Choose one over 1023 with --port.`)
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return new VentralError('invalid-value', `${host} is not an address of this machine. Choose another with VENTRAL_HOST.`)
  return error
}

/**
 * Opens the data folder, starts the worker and listens. What was opened is closed in reverse, also when a later step
 * fails. Throws `key-required`, `home-in-use`, and `invalid-value` when the port is taken.
 */
export const startServer = async (config: Config, { logger, worker = true }: StartOptions): Promise<RunningServer> => {
  await assertMayListen(config)
  const open: (() => Promise<unknown>)[] = []
  const close = async (): Promise<void> => {
    for (let step = open.pop(); step !== undefined; step = open.pop()) await step().catch((error: unknown) => logger.error({ err: error }, 'closing'))
  }
  const onNotice = (text: string): void => logger.warn(text)
  try {
    const context = await openContext(config, { onNotice })
    open.push(() => context.close())
    const fitWatch = await openFitEventHub(context.db)
    open.push(() => fitWatch.close())
    const predictor = createPredictor(context)
    open.push(() => predictor.close())
    const looks = createLooks(context)
    open.push(() => looks.close())
    const jobs = startJobs(context, { worker, onNotice })
    open.push(() => jobs.stop())
    const app = buildApp({ context, pipeline, predictor, looks, fitWatch }, { host: config.host, port: config.port, apiKey: config.apiKey, rateLimit: config.rateLimit, logger })
    open.push(() => app.close())
    await app.listen({ host: config.host, port: config.port }).catch((error: unknown) => {
      throw listenError(error, config)
    })
    const url = urlOf(app.server.address() as AddressInfo)
    context.home.announce(url)
    return { url, context, close }
  } catch (error) {
    await close()
    throw error
  }
}

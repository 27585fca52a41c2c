import path from 'node:path'
import { errorToPlain, VentralError } from '../domain/errors.ts'
import { openContext, type PipelineContext } from '../pipeline/context.ts'
import type { runFit as RunFit } from '../pipeline/fit.ts'
import { isConnectionError } from '../storage/database-errors.ts'
import { translateFileError } from '../storage/durable-files.ts'
import { openGramCache } from '../storage/gram-cache.ts'
import { newWorkFolder } from '../storage/home.ts'
import type { FromFit, ToFit } from './messages.ts'
import { dieWithParent } from './parent-watch.ts'
import { paceProgress } from './progress.ts'
import { workFolderOf } from './work-folder.ts'

// One fit in a process of its own: its peak memory can be measured and is given back. Started by the worker (delivery.ts).

const cancelling = new AbortController()

const send = (message: FromFit): Promise<void> =>
  new Promise((resolve) => {
    if (process.connected) process.send!(message, () => resolve())
    else resolve()
  })

/** The same context with temporary files and held Gram files in folders of the fit's own: the worker removes them, also when we were killed. */
const inWorkFolder = async (context: PipelineContext, fit: string): Promise<PipelineContext> => {
  const tmp = await newWorkFolder(context.home.folders, workFolderOf(fit))
  const grams = await openGramCache(context.home.folders.grams, context.config.cacheBytes, { holder: path.basename(tmp) })
  return { ...context, grams, home: { ...context.home, folders: { ...context.home.folders, tmp } } }
}

const run = async ({ config, fit, fitModule }: Extract<ToFit, { type: 'run' }>): Promise<void> => {
  let context: PipelineContext | null = null
  try {
    context = await openContext(config, { attach: true })
    const { runFit } = (await import(fitModule)) as { runFit: typeof RunFit }
    const onProgress = paceProgress((progress) => void send({ type: 'progress', progress }))
    const outcome = await runFit(await inWorkFolder(context, fit), fit, { onProgress, signal: cancelling.signal })
    await send({ type: 'outcome', outcome: { ...outcome, peakRssBytes: process.resourceUsage().maxRSS * 1024 } })
  } catch (error) {
    const retry = isConnectionError(error) || (error instanceof VentralError && error.code === 'busy')
    await send(cancelling.signal.aborted ? { type: 'aborted' } : { type: 'error', error: errorToPlain(translateFileError(error)), retry })
  } finally {
    await context?.close().catch(() => {})
  }
  process.exit(0)
}

process.on('message', (message: ToFit) => {
  if (message.type === 'run') void run(message)
  else cancelling.abort(new VentralError('busy', 'The fit was cancelled.'))
})
process.on('disconnect', () => process.exit(1))
// A signal to the whole group (Ctrl-C) is for the server, which ends its worker, which ends us.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
dieWithParent()

import type { Config } from '../config.ts'
import { openBlobStore, type BlobStore } from '../storage/blobs.ts'
import { collectOrphans } from '../storage/blob-references.ts'
import { openDatabase, ownedBy, type Database } from '../storage/database.ts'
import { openGramCache, type GramCache } from '../storage/gram-cache.ts'
import { openHome, type Home } from '../storage/home.ts'
import { migrate } from '../storage/migrate.ts'
import { assertDurable } from '../storage/postgres/settings.ts'
import { openFitQueue, type FitQueue } from '../storage/queue.ts'

/** What every recipe of the pipeline works on. */
export interface PipelineContext {
  config: Config
  home: Home
  db: Database
  blobs: BlobStore
  grams: GramCache
  queue: FitQueue
  close(): Promise<void>
}

export interface ContextOptions {
  /** be a guest beside the server that owns the data folder (worker, fit process) instead of owning it */
  attach?: boolean
  /** told what the operator should know: fallbacks, restarts, errors in the background */
  onNotice?: (text: string) => void
}

/** Opens the data folder, its database, blobs, Gram cache and queue. Throws `home-in-use` when another process owns the folder. */
export const openContext = async (config: Config, { attach = false, onNotice = () => {} }: ContextOptions = {}): Promise<PipelineContext> => {
  const home = await openHome({ home: config.home, blobs: config.blobs, databaseUrl: config.databaseUrl, attach, onNotice })
  const db = openDatabase(home.connection)
  const queue = { current: null as Promise<FitQueue> | null }
  const openQueue = (): Promise<FitQueue> =>
    (queue.current ??= openFitQueue(home.connection, { role: home.owner ? 'keeper' : 'user', onError: (error) => onNotice(`queue: ${error.message}`) }))
  const close = async (): Promise<void> => {
    await queue.current?.then((opened) => opened.close()).catch(() => {})
    await db.close()
    await home.close()
  }
  try {
    if (home.owner) {
      if (home.postgres === null) await assertDurable(db)
      await migrate(db)
    }
    const blobs = await openBlobStore(home.folders.blobs, { sweepOlderThanMs: !home.owner ? null : config.blobs === null ? 0 : 86_400_000 })
    const grams = await openGramCache(home.folders.grams, config.cacheBytes, { sweep: home.owner })
    if (home.owner) {
      await openQueue()
      // A folder that was named by a setting may hold another database's blobs too.
      if (config.blobs === null) await collectOrphans(db, blobs)
    }
    return { config, home, db, blobs, grams, queue: lazyQueue(openQueue), close }
  } catch (error) {
    await close()
    throw error
  }
}

/** The context in which only one owner's rows are there; null: everybody's. */
export const onBehalfOf = (context: PipelineContext, owner: string | null): PipelineContext => (owner === null ? context : { ...context, db: ownedBy(context.db, owner) })

/** A guest that only computes (a fit process) never opens the queue's connections. */
const lazyQueue = (open: () => Promise<FitQueue>): FitQueue => ({
  enqueueFit: async (...args) => (await open()).enqueueFit(...args),
  jobState: async (job) => (await open()).jobState(job),
  work: async (handler) => (await open()).work(handler),
  close: async () => (await open()).close(),
})

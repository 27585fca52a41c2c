import { PgBoss, type Job } from 'pg-boss'
import type { Connection, Queryable } from './database.ts'
import { clientConfig } from './database.ts'
import type { FitRow } from './repositories/fits.ts'

const FITS = 'fits'
const DAY = 86_400

export interface FitJob {
  fit: string
}

/** The durable queue of fits, in the same database as their rows. */
export interface FitQueue {
  /** Adds the fit's job in the transaction that inserted its row, so that there is never one without the other. */
  enqueueFit(tx: Queryable, fit: Pick<FitRow, 'id' | 'job'>, delaySeconds?: number): Promise<void>
  /** Whether the fit's job waits for a worker, is with one, or is no more. */
  jobState(job: string): Promise<'waiting' | 'active' | 'none'>
  /** Handles fits one at a time until the queue is closed. A handler that throws gets the same job again after a pause. */
  work(handler: (job: Job<FitJob>) => Promise<void>): Promise<void>
  close(): Promise<void>
}

export interface QueueOptions {
  /** `keeper`: this process creates the queue and looks after it (one server does); `user`: it sends and works only */
  role: 'keeper' | 'user'
  onError?: (error: Error) => void
}

/** Opens the queue on a pool of its own: a transaction that enqueues must not wait for a connection of the pool it came from. */
export const openFitQueue = async (connection: Connection, { role, onError = () => {} }: QueueOptions): Promise<FitQueue> => {
  const keeper = role === 'keeper'
  const { options, application_name } = clientConfig(connection)
  const boss = new PgBoss({
    ...connection,
    options,
    application_name,
    max: 3,
    schema: 'pgboss',
    migrate: keeper,
    createSchema: keeper,
    supervise: keeper,
    schedule: false,
    useListenNotify: true,
    // A worker on another machine that is cut off is noticed by its heartbeat, within heartbeat + this interval.
    superviseIntervalSeconds: 5,
    monitorIntervalSeconds: 5,
    monitorVacuum: false,
  })
  boss.on('error', onError)
  await boss.start()
  if (keeper) {
    const policy = {
      notify: true,
      // The longest that pg-boss allows: a job that expires is given out again beside the one that still runs. Life is told by the heartbeat.
      expireInSeconds: DAY,
      heartbeatSeconds: 20,
      // The fits row counts crashes and losses and says when it is enough.
      retryLimit: 1_000_000,
      retryDelay: 2,
      retentionSeconds: 365 * DAY,
      deleteAfterSeconds: 7 * DAY,
    }
    await boss.createQueue(FITS, policy)
    await boss.updateQueue(FITS, policy)
  }

  return {
    enqueueFit: async (tx, { id, job }, delaySeconds = 0) => {
      const db = { executeSql: (text: string, values: unknown[] = []) => tx.query(text, values) }
      const data: FitJob = { fit: id }
      const sent = await boss.send(FITS, data, { id: job, db, startAfter: delaySeconds })
      if (sent === null) throw new Error(`the queue did not take job ${job}`)
    },
    jobState: async (job) => {
      const [found] = await boss.findJobs(FITS, { id: job })
      return found === undefined ? 'none' : found.state === 'active' ? 'active' : found.state === 'created' || found.state === 'retry' ? 'waiting' : 'none'
    },
    work: async (handler) => {
      // Without the short notifyPollingInterval, work stalls with notify on and one job at a time.
      const pace = { batchSize: 1, pollingIntervalSeconds: 0.5, notifyPollingIntervalSeconds: 0.5, heartbeatRefreshSeconds: 5 }
      await boss.work<FitJob>(FITS, pace, async ([job]) => handler(job))
    },
    close: () => boss.stop({ graceful: true, timeout: 5_000 }),
  }
}

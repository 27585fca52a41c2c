import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import type { Database, Queryable } from './database.ts'
import { sqlState } from './database-errors.ts'

/** The mark that a living worker is at a fit. */
export interface FitLock {
  release(): Promise<void>
}

const SEED = 7_263_403 // keeps our hashed lock numbers apart from others

/**
 * Marks a fit as being worked on by a session lock: it goes at the very moment the worker dies, so that the fit can be given
 * to another one without waiting for a heartbeat to run out. When the database restarts, the lock is taken anew.
 * Null when another living worker is at it.
 */
export const takeFitLock = async (db: Database, fit: string): Promise<FitLock | null> => {
  const done = new AbortController()

  const take = async (): Promise<pg.Client | null> => {
    const client = await db.session()
    try {
      await client.query(`SET lock_timeout = '3s'`)
      await client.query('SELECT pg_advisory_lock(hashtextextended($1, $2))', [fit, SEED])
      client.once('end', () => void renew())
      return client
    } catch (error) {
      await client.end().catch(() => {})
      if (sqlState(error) === '55P03') return null
      throw error
    }
  }

  const renew = async (): Promise<void> => {
    while (!done.signal.aborted) {
      try {
        current = await take()
        if (done.signal.aborted) await current?.end()
        return // taken, or another worker was faster: the fence tells our fit process
      } catch {
        await delay(200, undefined, { ref: false })
      }
    }
  }

  let current = await take()
  if (current === null) return null
  return {
    release: async () => {
      done.abort()
      await current?.end().catch(() => {})
    },
  }
}

/** Whether no living worker is at the fit. Within a transaction: and none can begin until it ends. */
export const nobodyWorksOn = async (tx: Queryable, fit: string): Promise<boolean> => {
  const { rows } = await tx.query<{ free: boolean }>('SELECT pg_try_advisory_xact_lock(hashtextextended($1, $2)) AS free', [fit, SEED])
  return rows[0].free
}

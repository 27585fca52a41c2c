import type { FitError, FitProgress, ResolvedFit } from '../../domain/fit.ts'
import type { Queryable } from '../database.ts'
import { appendFitEvent } from './fit-events.ts'

/** The right to write a fit's results: that of delivery number `fence`. A later delivery takes it away. */
export interface Delivery {
  fit: string
  fence: number
}

/** What a finished fit leaves: blobs of its scores, its predictions and what it worked on, its encoder, the peak memory of its process. */
export interface FitResults {
  scores: string
  predictions: Record<string, string>
  /** file name -> blob of what it worked on */
  record: Record<string, string>
  encoder: string | null
  peakRssBytes: number
}

export type Begun =
  | { kind: 'begun'; delivery: Delivery; request: ResolvedFit; crashes: number; losses: number }
  /** nothing to do: finished, cancelled, or gone */
  | { kind: 'over' }

/**
 * Starts a delivery: the fit runs and every earlier delivery loses its right to write. Only the fit's current job may start
 * one (`job` null: no matter which). One that was asked to stop is cancelled here; one that was running was lost with its worker.
 */
export const beginDelivery = async (tx: Queryable, fit: string, { job }: { job: string | null }): Promise<Begun> => {
  const { rows } = await tx.query<{ status: string; cancel_requested: boolean; job: string }>(
    'SELECT status, cancel_requested, job FROM fits WHERE id = $1 FOR UPDATE',
    [fit],
  )
  if (rows.length === 0 || !['queued', 'running'].includes(rows[0].status) || (job !== null && rows[0].job !== job)) return { kind: 'over' }
  if (rows[0].cancel_requested) {
    await abandon(tx, fit, 'cancelled', null)
    return { kind: 'over' }
  }
  const begun = await tx.query<{ fence: number; request: ResolvedFit; crashes: number; losses: number }>(
    `UPDATE fits SET status = 'running', fence = fence + 1, losses = losses + CASE WHEN status = 'running' THEN 1 ELSE 0 END,
       started_at = coalesce(started_at, now()) WHERE id = $1 RETURNING fence, request, crashes, losses`,
    [fit],
  )
  if (rows[0].status === 'queued') await appendFitEvent(tx, fit, 'status', { status: 'running' })
  const { fence, request, crashes, losses } = begun.rows[0]
  return { kind: 'begun', delivery: { fit, fence }, request, crashes, losses }
}

/** Locks the fit's row if the delivery still holds the right to write. */
const hold = async (tx: Queryable, { fit, fence }: Delivery): Promise<boolean> =>
  (await tx.query(`SELECT 1 FROM fits WHERE id = $1 AND fence = $2 AND status = 'running' FOR UPDATE`, [fit, fence])).rowCount === 1

const announceEnd = async (tx: Queryable, fit: string, status: 'succeeded' | 'failed' | 'cancelled', data: object): Promise<void> => {
  await tx.query(`DELETE FROM fit_events WHERE fit = $1 AND type = 'progress'`, [fit])
  await appendFitEvent(tx, fit, 'status', { status })
  await appendFitEvent(tx, fit, 'end', { status, ...data })
}

const abandon = async (
  tx: Queryable,
  fit: string,
  status: 'failed' | 'cancelled',
  error: FitError | null,
  stderr: string | null = null,
): Promise<void> => {
  await tx.query('UPDATE fits SET status = $2, error = $3, stderr = coalesce($4, stderr), finished_at = now() WHERE id = $1', [
    fit,
    status,
    error === null ? null : JSON.stringify(error),
    stderr,
  ])
  // An encoder of a fit without scores would be one of which nobody knows how good it is.
  await tx.query('DELETE FROM encoders WHERE fit = $1', [fit])
  await announceEnd(tx, fit, status, error === null ? {} : { error })
}

/** Records progress. False: the delivery has lost its right to write, or the fit is over. */
export const recordProgress = async (tx: Queryable, delivery: Delivery, progress: FitProgress): Promise<boolean> => {
  if (!(await hold(tx, delivery))) return false
  await tx.query('UPDATE fits SET progress = $2 WHERE id = $1', [delivery.fit, JSON.stringify(progress)])
  await appendFitEvent(tx, delivery.fit, 'progress', progress)
  return true
}

/** Ends a fit with its results. False: they were not written, since a later delivery or a cancellation came first. */
export const succeedFit = async (tx: Queryable, delivery: Delivery, results: FitResults): Promise<boolean> => {
  if (!(await hold(tx, delivery))) return false
  await tx.query(
    `UPDATE fits SET status = 'succeeded', scores = $2, predictions = $3, encoder = $4, peak_rss_bytes = $5, record = $6, finished_at = now() WHERE id = $1`,
    [delivery.fit, results.scores, JSON.stringify(results.predictions), results.encoder, results.peakRssBytes, JSON.stringify(results.record)],
  )
  await announceEnd(tx, delivery.fit, 'succeeded', { encoder: results.encoder })
  return true
}

/** Ends a fit with the reason why it failed; `stderr` is kept for the operator. */
export const failFit = async (tx: Queryable, delivery: Delivery, error: FitError, stderr: string | null = null): Promise<boolean> => {
  if (!(await hold(tx, delivery))) return false
  await abandon(tx, delivery.fit, 'failed', error, stderr)
  return true
}

/** Ends a fit that was asked to stop. */
export const cancelFit = async (tx: Queryable, delivery: Delivery): Promise<boolean> => {
  if (!(await hold(tx, delivery))) return false
  await abandon(tx, delivery.fit, 'cancelled', null)
  return true
}

/** Why a delivery ended without an end of the fit: its process died by itself, its worker was lost, or its worker was told to stop. */
export type Interruption = 'crash' | 'loss' | 'stop'

/**
 * Makes an interrupted fit wait again, under a new job that the caller enqueues in the same transaction; the old job is void.
 * Answers it with its counts of crashes and losses; null: the delivery is no longer ours.
 */
export const interruptFit = async (
  tx: Queryable,
  delivery: Delivery,
  why: Interruption,
  stderr: string | null = null,
): Promise<{ id: string; job: string; crashes: number; losses: number } | null> => {
  if (!(await hold(tx, delivery))) return null
  const { rows } = await tx.query<{ id: string; job: string; crashes: number; losses: number }>(
    `UPDATE fits SET status = 'queued', fence = fence + 1, crashes = crashes + $2, losses = losses + $3, stderr = coalesce($4, stderr),
       job = gen_random_uuid() WHERE id = $1 RETURNING id, job, crashes, losses`,
    [delivery.fit, why === 'crash' ? 1 : 0, why === 'loss' ? 1 : 0, stderr],
  )
  await appendFitEvent(tx, delivery.fit, 'status', { status: 'queued' })
  return rows[0]
}

/** What a running delivery has to know: whether it may go on. */
export const deliveryState = async (db: Queryable, { fit, fence }: Delivery): Promise<'go-on' | 'cancel' | 'superseded'> => {
  const { rows } = await db.query<{ cancel_requested: boolean }>(
    `SELECT cancel_requested FROM fits WHERE id = $1 AND fence = $2 AND status = 'running'`,
    [fit, fence],
  )
  return rows.length === 0 ? 'superseded' : rows[0].cancel_requested ? 'cancel' : 'go-on'
}

export interface UnfinishedFit {
  id: string
  status: 'queued' | 'running'
  fence: number
  job: string
  losses: number
  cancelRequested: boolean
  stderr: string | null
}

/** Every fit that waits or runs, the oldest first. */
export const unfinishedFits = async (db: Queryable): Promise<UnfinishedFit[]> => {
  const { rows } = await db.query<UnfinishedFit>(
    `SELECT id, status, fence, job, losses, cancel_requested AS "cancelRequested", stderr FROM fits WHERE status IN ('queued', 'running') ORDER BY seq`,
  )
  return rows
}

/** Gives a waiting fit whose job is no more a new one, which the caller enqueues in the same transaction. Null: no longer so. */
export const renewJob = async (tx: Queryable, { id, job }: Pick<UnfinishedFit, 'id' | 'job'>): Promise<{ id: string; job: string } | null> => {
  const { rows } = await tx.query<{ id: string; job: string }>(
    `UPDATE fits SET job = gen_random_uuid() WHERE id = $1 AND job = $2 AND status = 'queued' RETURNING id, job`,
    [id, job],
  )
  return rows[0] ?? null
}

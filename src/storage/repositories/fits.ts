import { randomUUID } from 'node:crypto'
import type { FitError, FitProgress, FitStatus, ResolvedFit } from '../../domain/fit.ts'
import { VentralError } from '../../domain/errors.ts'
import type { Registration } from '../../domain/registration.ts'
import { ownerOf } from '../database.ts'
import type { Queryable } from '../database.ts'
import { pageBounds, toPage, type Page, type PageRequest } from '../page.ts'
import { appendFitEvent } from './fit-events.ts'

export interface FitRow {
  id: string
  owner: string
  dataset: string
  backbone: string
  request: ResolvedFit
  status: FitStatus
  progress: FitProgress | null
  cancelRequested: boolean
  error: FitError | null
  /** blob of the FitScores as JSON */
  scores: string | null
  /** layer -> blob of its held-out predictions */
  predictions: Record<string, string> | null
  /** file name -> blob of what it worked on; null for fits of before it was kept */
  record: Record<string, string> | null
  encoder: string | null
  peakRssBytes: number | null
  createdAt: string
  startedAt: string | null
  finishedAt: string | null
  /** the queue's job */
  job: string
  registration: Registration | null
}

interface Row {
  id: string
  seq: string
  owner: string
  dataset: string
  backbone: string
  request: ResolvedFit
  status: FitStatus
  progress: FitProgress | null
  cancel_requested: boolean
  error: FitError | null
  scores: string | null
  predictions: Record<string, string> | null
  record: Record<string, string> | null
  encoder: string | null
  peak_rss_bytes: string | null
  created_at: Date
  started_at: Date | null
  finished_at: Date | null
  job: string
  registration: { id: string; sha256: string; registered_at: string } | null
}

const columns = `id, seq, owner, dataset, backbone, request, status, progress, cancel_requested, error, scores, predictions, record, encoder, peak_rss_bytes,
  created_at, started_at, finished_at, job,
  (SELECT to_json(r) FROM (SELECT id, sha256, registered_at FROM registrations WHERE id = fits.registration) AS r) AS registration`

const fromRow = (row: Row): FitRow => ({
  id: row.id,
  owner: row.owner,
  dataset: row.dataset,
  backbone: row.backbone,
  request: row.request,
  status: row.status,
  progress: row.progress,
  cancelRequested: row.cancel_requested,
  error: row.error,
  scores: row.scores,
  predictions: row.predictions,
  record: row.record,
  encoder: row.encoder,
  peakRssBytes: row.peak_rss_bytes === null ? null : Number(row.peak_rss_bytes),
  createdAt: row.created_at.toISOString(),
  startedAt: row.started_at?.toISOString() ?? null,
  finishedAt: row.finished_at?.toISOString() ?? null,
  job: row.job,
  registration: row.registration && { id: row.registration.id, sha256: row.registration.sha256, registeredAt: new Date(row.registration.registered_at).toISOString() },
})

export const isFinished = (status: FitStatus): boolean => status === 'succeeded' || status === 'failed' || status === 'cancelled'

const notFound = (id: string): VentralError => new VentralError('not-found', `There is no fit "${id}". GET /fits lists them.`)

/**
 * Inserts a queued fit. The caller enqueues its job in the same transaction (`queue.enqueueFit`). The dataset's row is
 * locked against deletion; throws `not-found` when it is gone. `conditions`: sha256 of all that its scores depend on; `ofComparison`: asked for by
 * comparisons only.
 */
export const insertFit = async (
  tx: Queryable,
  fit: { id: string; owner: string; request: ResolvedFit; registration?: string; conditions?: string; ofComparison?: boolean },
): Promise<FitRow> => {
  const { request, registration = null, conditions = null, ofComparison = false } = fit
  const found = await tx.query('SELECT 1 FROM datasets WHERE id = $1 AND ($2::text IS NULL OR owner = $2) FOR KEY SHARE', [request.dataset, ownerOf(tx)])
  if (found.rowCount === 0) throw new VentralError('not-found', `There is no dataset "${request.dataset}". GET /datasets lists them.`)
  const { rows } = await tx.query<Row>(
    `INSERT INTO fits (id, owner, dataset, backbone, request, job, registration, conditions, of_comparison) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING ${columns}`,
    [fit.id, fit.owner, request.dataset, request.backbone, JSON.stringify(request), randomUUID(), registration, conditions, ofComparison],
  )
  await appendFitEvent(tx, fit.id, 'status', { status: 'queued' })
  return fromRow(rows[0])
}

/** Throws `not-found`. */
export const getFit = async (db: Queryable, id: string): Promise<FitRow> => {
  const { rows } = await db.query<Row>(`SELECT ${columns} FROM fits WHERE id = $1 AND ($2::text IS NULL OR owner = $2)`, [id, ownerOf(db)])
  if (rows.length === 0) throw notFound(id)
  return fromRow(rows[0])
}

/** Newest first; of one dataset or with one status when given. */
export const listFits = async (db: Queryable, request: PageRequest & { dataset?: string; status?: FitStatus } = {}): Promise<Page<FitRow>> => {
  const { limit, before } = pageBounds(request)
  const { rows } = await db.query<Row>(
    `SELECT ${columns} FROM fits WHERE ($1::bigint IS NULL OR seq < $1) AND ($2::text IS NULL OR dataset = $2) AND ($3::text IS NULL OR status = $3)
       AND ($4::text IS NULL OR owner = $4) ORDER BY seq DESC LIMIT $5`,
    [before, request.dataset ?? null, request.status ?? null, ownerOf(db), limit + 1],
  )
  return toPage(rows, limit, fromRow)
}

/**
 * Asks for a fit to be cancelled. One that still waits is cancelled at once; a running one when its worker sees it.
 * Throws `not-found`, and `already-finished` when there is nothing left to cancel.
 */
export const requestCancel = async (tx: Queryable, id: string): Promise<FitRow> => {
  const { rows } = await tx.query<Row>(`SELECT ${columns} FROM fits WHERE id = $1 AND ($2::text IS NULL OR owner = $2) FOR UPDATE`, [id, ownerOf(tx)])
  if (rows.length === 0) throw notFound(id)
  const [{ status }] = rows
  if (isFinished(status)) throw new VentralError('already-finished', `Fit "${id}" has already ${status === 'cancelled' ? 'been cancelled' : status}.`)
  const queued = status === 'queued'
  const updated = await tx.query<Row>(
    `UPDATE fits SET cancel_requested = true, status = CASE WHEN status = 'queued' THEN 'cancelled' ELSE status END,
       finished_at = CASE WHEN status = 'queued' THEN now() END WHERE id = $1 RETURNING ${columns}`,
    [id],
  )
  if (queued) {
    await appendFitEvent(tx, id, 'status', { status: 'cancelled' })
    await appendFitEvent(tx, id, 'end', { status: 'cancelled' })
  }
  return fromRow(updated.rows[0])
}

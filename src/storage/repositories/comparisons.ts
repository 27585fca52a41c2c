import type { ComparisonFit, ResolvedComparison } from '../../domain/comparison.ts'
import { VentralError } from '../../domain/errors.ts'
import type { FitStatus } from '../../domain/fit.ts'
import { ownerOf } from '../database.ts'
import type { Queryable } from '../database.ts'
import { pageBounds, toPage, type Page, type PageRequest } from '../page.ts'

const LOCK = 7_263_404

/** A fit of a comparison, and when it worked. */
export type ComparisonFitRow = ComparisonFit & { startedAt: string | null; finishedAt: string | null }

export interface ComparisonRow {
  id: string
  owner: string
  dataset: string
  request: ResolvedComparison
  /** blob of the ComparisonScores as JSON; null before they were asked for */
  scores: string | null
  cancelledAt: string | null
  createdAt: string
  /** in the order of the table */
  fits: ComparisonFitRow[]
}

interface Row {
  id: string
  seq: string
  owner: string
  dataset: string
  request: ResolvedComparison
  scores: string | null
  cancelled_at: Date | null
  created_at: Date
  fits: ComparisonFitRow[]
}

const columns = `id, seq, owner, dataset, request, scores, cancelled_at, created_at,
  (SELECT json_agg(json_build_object('name', c.name, 'region', c.region, 'fit', c.fit, 'status', f.status, 'reused', c.reused, 'progress', f.progress,
     'error', f.error, 'startedAt', f.started_at, 'finishedAt', f.finished_at) ORDER BY c.place)
   FROM comparison_fits c JOIN fits f ON f.id = c.fit WHERE c.comparison = comparisons.id) AS fits`

/** As the database writes it in JSON, and as we do. */
const isoTime = (time: string | null): string | null => (time === null ? null : new Date(time).toISOString())

const fromRow = ({ id, owner, dataset, request, scores, cancelled_at, created_at, fits }: Row): ComparisonRow => ({
  id,
  owner,
  dataset,
  request,
  scores,
  cancelledAt: cancelled_at?.toISOString() ?? null,
  createdAt: created_at.toISOString(),
  fits: fits.map((fit) => ({ ...fit, startedAt: isoTime(fit.startedAt), finishedAt: isoTime(fit.finishedAt) })),
})

const notFound = (id: string): VentralError => new VentralError('not-found', `There is no comparison "${id}". GET /comparisons lists them.`)

/** Comparisons are made, cancelled and deleted one after the other: which fits are shared does not change meanwhile. */
export const lockComparisons = async (tx: Queryable): Promise<void> => {
  await tx.query('SELECT pg_advisory_xact_lock($1)', [LOCK])
}

/** Inserts a comparison of fits that are there already. */
export const insertComparison = async (
  tx: Queryable,
  { id, owner, request, fits }: { id: string; owner: string; request: ResolvedComparison; fits: readonly Pick<ComparisonFit, 'name' | 'region' | 'fit' | 'reused'>[] },
): Promise<ComparisonRow> => {
  await tx.query('INSERT INTO comparisons (id, owner, dataset, request) VALUES ($1, $2, $3, $4)', [id, owner, request.dataset, JSON.stringify(request)])
  for (const [place, { name, region, fit, reused }] of fits.entries())
    await tx.query('INSERT INTO comparison_fits (comparison, place, name, region, fit, reused) VALUES ($1, $2, $3, $4, $5, $6)', [id, place, name, region, fit, reused])
  return getComparison(tx, id)
}

/** Throws `not-found`. */
export const getComparison = async (db: Queryable, id: string): Promise<ComparisonRow> => {
  const { rows } = await db.query<Row>(`SELECT ${columns} FROM comparisons WHERE id = $1 AND ($2::text IS NULL OR owner = $2)`, [id, ownerOf(db)])
  if (rows.length === 0) throw notFound(id)
  return fromRow(rows[0])
}

/** Newest first; of one dataset when given. */
export const listComparisons = async (db: Queryable, request: PageRequest & { dataset?: string } = {}): Promise<Page<ComparisonRow>> => {
  const { limit, before } = pageBounds(request)
  const { rows } = await db.query<Row>(
    `SELECT ${columns} FROM comparisons WHERE ($1::bigint IS NULL OR seq < $1) AND ($2::text IS NULL OR dataset = $2) AND ($3::text IS NULL OR owner = $3)
     ORDER BY seq DESC LIMIT $4`,
    [before, request.dataset ?? null, ownerOf(db), limit + 1],
  )
  return toPage(rows, limit, fromRow)
}

/** Keeps the scores' blob, which is in place already (`holdBlobs` in the same transaction). False: the comparison is gone. */
export const keepComparisonScores = async (tx: Queryable, id: string, scores: string): Promise<boolean> =>
  (await tx.query('UPDATE comparisons SET scores = $2 WHERE id = $1', [id, scores])).rowCount === 1

/** Marks a comparison as cancelled. */
export const markCancelled = async (tx: Queryable, id: string): Promise<void> => {
  await tx.query('UPDATE comparisons SET cancelled_at = coalesce(cancelled_at, now()) WHERE id = $1', [id])
}

/** Deletes the row and answers the blob of its scores, so that it can be let go of. Its fits stay. Throws `not-found`. */
export const deleteComparison = async (tx: Queryable, id: string): Promise<string | null> => {
  const { rows } = await tx.query<{ scores: string | null }>('DELETE FROM comparisons WHERE id = $1 AND ($2::text IS NULL OR owner = $2) RETURNING scores', [id, ownerOf(tx)])
  if (rows.length === 0) throw notFound(id)
  return rows[0].scores
}

/** Unfinished fits of a comparison that only comparisons asked for, and none but this one that is not cancelled. To be called under the lock. */
export const fitsOfNoOther = async (tx: Queryable, id: string): Promise<string[]> => {
  const { rows } = await tx.query<{ fit: string }>(
    `SELECT DISTINCT c.fit FROM comparison_fits c JOIN fits f ON f.id = c.fit
     WHERE c.comparison = $1 AND f.of_comparison AND f.status IN ('queued', 'running') AND NOT f.cancel_requested
       AND NOT EXISTS (SELECT 1 FROM comparison_fits o JOIN comparisons oc ON oc.id = o.comparison
                       WHERE o.fit = c.fit AND o.comparison <> c.comparison AND oc.cancelled_at IS NULL)`,
    [id],
  )
  return rows.map(({ fit }) => fit)
}

/** The newest fit of the same conditions that has succeeded or is on its way, held against a cancellation until the transaction ends; null: none. */
export const fitOfConditions = async (tx: Queryable, conditions: string): Promise<{ id: string; status: FitStatus } | null> => {
  const { rows } = await tx.query<{ id: string; status: FitStatus }>(
    `SELECT id, status FROM fits WHERE conditions = $1 AND status IN ('queued', 'running', 'succeeded') AND NOT cancel_requested
       AND ($2::text IS NULL OR owner = $2) ORDER BY (status = 'succeeded') DESC, seq DESC LIMIT 1 FOR SHARE`,
    [conditions, ownerOf(tx)],
  )
  return rows[0] ?? null
}

import { VentralError } from '../../domain/errors.ts'
import type { RdmKind, RdmSummary, RdmView } from '../../domain/rdm.ts'
import { ownerOf } from '../database.ts'
import type { Queryable } from '../database.ts'
import { pageBounds, toPage, type Page, type PageRequest } from '../page.ts'

/** What is told of an RDM beside the row's own columns. */
export type RdmCard = Omit<RdmView, keyof RdmSummary>

export interface NewRdm extends Omit<RdmSummary, 'createdAt'> {
  owner: string
  /** the dataset it is of, or null */
  dataset: string | null
  /** the npz of its values */
  blob: string
  card: RdmCard
}

export interface RdmRow extends NewRdm {
  createdAt: string
}

interface Row extends NewRdm {
  seq: string
  created_at: Date
}

const summaryColumns = 'id, seq, name, kind, n, "by", distance, created_at'
const columns = `${summaryColumns}, owner, dataset, blob, card`

const toSummary = ({ id, name, kind, n, by, distance, created_at }: Row): RdmSummary => ({ id, name, kind, n, by, distance, createdAt: created_at.toISOString() })
const fromRow = (row: Row): RdmRow => ({ ...toSummary(row), owner: row.owner, dataset: row.dataset, blob: row.blob, card: row.card })

const notFound = (id: string): VentralError => new VentralError('not-found', `There is no RDM "${id}". GET /rdms lists them.`)

/** Inserts an RDM whose blob is in place already (`holdBlobs` in the same transaction). */
export const insertRdm = async (tx: Queryable, rdm: NewRdm): Promise<RdmRow> => {
  const { rows } = await tx.query<Row>(
    `INSERT INTO rdms (id, owner, name, kind, n, "by", distance, dataset, blob, card) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING ${columns}`,
    [rdm.id, rdm.owner, rdm.name, rdm.kind, rdm.n, rdm.by, rdm.distance, rdm.dataset, rdm.blob, JSON.stringify(rdm.card)],
  )
  return fromRow(rows[0])
}

/** Throws `not-found`. */
export const getRdm = async (db: Queryable, id: string): Promise<RdmRow> => {
  const { rows } = await db.query<Row>(`SELECT ${columns} FROM rdms WHERE id = $1 AND ($2::text IS NULL OR owner = $2)`, [id, ownerOf(db)])
  if (rows.length === 0) throw notFound(id)
  return fromRow(rows[0])
}

/** Newest first; of one dataset or kind where these are given. */
export const listRdms = async (db: Queryable, request: PageRequest & { dataset?: string; kind?: RdmKind } = {}): Promise<Page<RdmSummary>> => {
  const { limit, before } = pageBounds(request)
  const { rows } = await db.query<Row>(
    `SELECT ${summaryColumns} FROM rdms WHERE ($1::bigint IS NULL OR seq < $1) AND ($2::text IS NULL OR dataset = $2) AND ($3::text IS NULL OR kind = $3)
       AND ($4::text IS NULL OR owner = $4) ORDER BY seq DESC LIMIT $5`,
    [before, request.dataset ?? null, request.kind ?? null, ownerOf(db), limit + 1],
  )
  return toPage(rows, limit, toSummary)
}

/** Deletes the row and answers its blob, so that it can be let go of. Throws `not-found`. */
export const deleteRdm = async (tx: Queryable, id: string): Promise<string> => {
  const { rows } = await tx.query<Row>('DELETE FROM rdms WHERE id = $1 AND ($2::text IS NULL OR owner = $2) RETURNING blob', [id, ownerOf(tx)])
  if (rows.length === 0) throw notFound(id)
  return rows[0].blob
}

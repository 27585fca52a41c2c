import type { DatasetSummary } from '../../domain/dataset.ts'
import { VentralError } from '../../domain/errors.ts'
import { ownerOf } from '../database.ts'
import type { Queryable } from '../database.ts'
import { sqlState } from '../database-errors.ts'
import { pageBounds, toPage, type Page, type PageRequest } from '../page.ts'

/** What a summary says beyond the row's own columns. */
export type DatasetFacts = Omit<DatasetSummary, 'id' | 'name' | 'sha256' | 'createdAt' | 'images'>

export interface NewDataset {
  id: string
  owner: string
  name: string
  sha256: string
  /** blobs: DatasetManifest as JSON, responses as 4-D .npy, the stimuli pack (null: the dataset came without images) */
  manifest: string
  responses: string
  stimuli: string | null
  summary: DatasetFacts
}

export interface DatasetRow extends NewDataset {
  /** ISO 8601 */
  createdAt: string
}

interface Row extends Omit<DatasetRow, 'createdAt'> {
  seq: string
  created_at: Date
}

const columns = 'id, seq, owner, name, sha256, manifest, responses, stimuli, summary, created_at'
const fromRow = ({ seq: _, created_at, ...row }: Row): DatasetRow => ({ ...row, createdAt: created_at.toISOString() })

const notFound = (id: string): VentralError => new VentralError('not-found', `There is no dataset "${id}". GET /datasets lists them.`)

/** The summary that the contract answers. */
export const toDatasetSummary = ({ id, name, sha256, stimuli, summary, createdAt }: DatasetRow): DatasetSummary => ({ id, name, sha256, ...summary, images: stimuli !== null, createdAt })

/** Inserts a dataset whose blobs are in place already (`holdBlobs` in the same transaction). */
export const insertDataset = async (tx: Queryable, dataset: NewDataset): Promise<DatasetRow> => {
  const { rows } = await tx.query<Row>(
    `INSERT INTO datasets (id, owner, name, sha256, manifest, responses, stimuli, summary) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING ${columns}`,
    [dataset.id, dataset.owner, dataset.name, dataset.sha256, dataset.manifest, dataset.responses, dataset.stimuli, JSON.stringify(dataset.summary)],
  )
  return fromRow(rows[0])
}

/** Throws `not-found`. */
export const getDataset = async (db: Queryable, id: string): Promise<DatasetRow> => {
  const { rows } = await db.query<Row>(`SELECT ${columns} FROM datasets WHERE id = $1 AND ($2::text IS NULL OR owner = $2)`, [id, ownerOf(db)])
  if (rows.length === 0) throw notFound(id)
  return fromRow(rows[0])
}

/** Newest first. */
export const listDatasets = async (db: Queryable, request: PageRequest = {}): Promise<Page<DatasetRow>> => {
  const { limit, before } = pageBounds(request)
  const { rows } = await db.query<Row>(
    `SELECT ${columns} FROM datasets WHERE ($1::bigint IS NULL OR seq < $1) AND ($2::text IS NULL OR owner = $2) ORDER BY seq DESC LIMIT $3`,
    [before, ownerOf(db), limit + 1],
  )
  return toPage(rows, limit, fromRow)
}

/** Deletes the row and answers what it was, so that its blobs can be let go of. Throws `not-found`, and `dataset-in-use` when a fit refers to it. */
export const deleteDataset = async (tx: Queryable, id: string): Promise<DatasetRow> => {
  try {
    const { rows } = await tx.query<Row>(`DELETE FROM datasets WHERE id = $1 AND ($2::text IS NULL OR owner = $2) RETURNING ${columns}`, [id, ownerOf(tx)])
    if (rows.length === 0) throw notFound(id)
    return fromRow(rows[0])
  } catch (error) {
    if (sqlState(error) !== '23503') throw error
    throw new VentralError('dataset-in-use', `Dataset "${id}" has fits: their scores would lose what they are about. It stays.`)
  }
}

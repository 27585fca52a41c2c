import type { ActivationsVersion } from '../../domain/activations.ts'
import { VentralError } from '../../domain/errors.ts'
import { ownerOf } from '../database.ts'
import type { Queryable } from '../database.ts'
import { sqlState } from '../database-errors.ts'
import { pageBounds, toPage, type Page, type PageRequest } from '../page.ts'

export interface ActivationsRow extends ActivationsVersion {
  id: string
  owner: string
}

interface Row extends Omit<ActivationsRow, 'createdAt' | 'uploadSha256'> {
  seq: string
  upload_sha256: string
  created_at: Date
}

const columns = 'id, seq, owner, name, dataset, sha256, layers, source, upload_sha256, created_at'
const fromRow = ({ seq: _, upload_sha256, created_at, ...row }: Row): ActivationsRow => ({ ...row, uploadSha256: upload_sha256, createdAt: created_at.toISOString() })

/** Records a version; the same activations once more make it the latest. Throws `not-found` when the dataset is gone. */
export const addActivations = async (tx: Queryable, version: Omit<ActivationsRow, 'createdAt'>): Promise<ActivationsRow> => {
  try {
    const { rows } = await tx.query<Row>(
      `INSERT INTO activations (id, owner, name, dataset, sha256, layers, source, upload_sha256) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
       ON CONFLICT (name, dataset, sha256) DO UPDATE SET seq = nextval('activations_seq_seq'), source = excluded.source,
         upload_sha256 = excluded.upload_sha256, created_at = now()
       RETURNING ${columns}`,
      [version.id, version.owner, version.name, version.dataset, version.sha256, JSON.stringify(version.layers), version.source, version.uploadSha256],
    )
    return fromRow(rows[0])
  } catch (error) {
    if (sqlState(error) !== '23503') throw error
    throw new VentralError('not-found', `There is no dataset "${version.dataset}". GET /datasets lists them.`)
  }
}

/** Versions of a name (of one dataset, where one is given), the latest first; empty when there are none. */
export const versionsOf = async (db: Queryable, name: string, dataset?: string): Promise<ActivationsRow[]> => {
  const { rows } = await db.query<Row>(`SELECT ${columns} FROM activations WHERE name = $1 AND ($2::text IS NULL OR dataset = $2) AND ($3::text IS NULL OR owner = $3) ORDER BY seq DESC`, [name, dataset ?? null, ownerOf(db)])
  return rows.map(fromRow)
}

/** All versions, of one dataset where one is given; the latest first. */
export const listActivations = async (db: Queryable, request: PageRequest & { dataset?: string } = {}): Promise<Page<ActivationsRow>> => {
  const { limit, before } = pageBounds(request)
  const { rows } = await db.query<Row>(
    `SELECT ${columns} FROM activations WHERE ($1::bigint IS NULL OR seq < $1) AND ($2::text IS NULL OR dataset = $2) AND ($3::text IS NULL OR owner = $3)
     ORDER BY seq DESC LIMIT $4`,
    [before, request.dataset ?? null, ownerOf(db), limit + 1],
  )
  return toPage(rows, limit, fromRow)
}

/** Deletes the versions of a name, and answers what they were. Throws `not-found`, and `activations-in-use` when a fit rests on one: then all stay. */
export const deleteActivations = async (tx: Queryable, name: string, dataset?: string): Promise<ActivationsRow[]> => {
  try {
    const { rows } = await tx.query<Row>(`DELETE FROM activations WHERE name = $1 AND ($2::text IS NULL OR dataset = $2) AND ($3::text IS NULL OR owner = $3) RETURNING ${columns}`, [name, dataset ?? null, ownerOf(tx)])
    if (rows.length === 0) throw new VentralError('not-found', `There are no activations "${name}"${dataset === undefined ? '' : ` of dataset "${dataset}"`}. GET /activations lists them.`)
    return rows.map(fromRow)
  } catch (error) {
    if (sqlState(error) !== '23503') throw error
    throw new VentralError('activations-in-use', `Fits rest on the activations "${name}": their scores would lose what they are about. They stay.`)
  }
}

/** The blobs of all activations of a dataset. */
export const activationBlobsOf = async (tx: Queryable, dataset: string): Promise<string[]> => {
  const { rows } = await tx.query<{ sha256: string }>(`SELECT layer.value ->> 'sha256' AS sha256 FROM activations, jsonb_array_elements(layers) AS layer WHERE dataset = $1`, [dataset])
  return rows.map(({ sha256 }) => sha256)
}

/** Notes that a fit rests on a version, which stays from then on. Throws `not-found` when it has gone meanwhile. */
export const referToActivations = async (tx: Queryable, fit: string, { name, dataset, sha256 }: Pick<ActivationsVersion, 'name' | 'dataset' | 'sha256'>): Promise<void> => {
  const { rowCount } = await tx.query(
    `INSERT INTO fit_activations (fit, activations) SELECT $1, id FROM activations WHERE name = $2 AND dataset = $3 AND sha256 = $4
       AND ($5::text IS NULL OR owner = $5) FOR KEY SHARE ON CONFLICT (fit, activations) DO UPDATE SET fit = excluded.fit`,
    [fit, name, dataset, sha256, ownerOf(tx)],
  )
  if (rowCount === 0) throw new VentralError('not-found', `The activations "${name}" were deleted meanwhile. GET /activations lists those that are here.`)
}

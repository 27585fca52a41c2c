import type { WeightsInfo } from '../../domain/backbone.ts'
import { VentralError } from '../../domain/errors.ts'
import type { Queryable } from '../database.ts'

export interface WeightsRow extends WeightsInfo {
  backbone: string
  /** sha256 of the blob with the file's bytes */
  blob: string
  createdAt: string
}

interface Row extends Omit<WeightsRow, 'bytes' | 'createdAt'> {
  bytes: string
  created_at: Date
}

const columns = 'backbone, sha256, blob, source, licence, format, bytes, created_at'
const fromRow = ({ created_at, bytes, ...row }: Row): WeightsRow => ({ ...row, bytes: Number(bytes), createdAt: created_at.toISOString() })

/** Records weights; adding the same bytes again makes them the latest. */
export const addWeights = async (tx: Queryable, weights: Omit<WeightsRow, 'createdAt'>): Promise<WeightsRow> => {
  const { rows } = await tx.query<Row>(
    `INSERT INTO weights (backbone, sha256, blob, source, licence, format, bytes) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (backbone, sha256) DO UPDATE SET seq = nextval('weights_seq_seq'), blob = excluded.blob, source = excluded.source,
       licence = excluded.licence, format = excluded.format, created_at = now()
     RETURNING ${columns}`,
    [weights.backbone, weights.sha256, weights.blob, weights.source, weights.licence, weights.format, weights.bytes],
  )
  return fromRow(rows[0])
}

/** The weights added last for a backbone, or null. */
export const latestWeights = async (db: Queryable, backbone: string): Promise<WeightsRow | null> => {
  const { rows } = await db.query<Row>(`SELECT ${columns} FROM weights WHERE backbone = $1 ORDER BY seq DESC LIMIT 1`, [backbone])
  return rows.length === 0 ? null : fromRow(rows[0])
}

/** Throws `weights-missing`. `sha256` may be shortened to 8 or more digits when that is unambiguous. */
export const getWeights = async (db: Queryable, backbone: string, sha256: string): Promise<WeightsRow> => {
  const { rows } = /^[0-9a-f]{8,64}$/.test(sha256)
    ? await db.query<Row>(`SELECT ${columns} FROM weights WHERE backbone = $1 AND starts_with(sha256, $2) LIMIT 2`, [backbone, sha256])
    : { rows: [] }
  if (rows.length === 1) return fromRow(rows[0])
  const what = rows.length === 0 ? 'are no weights' : 'are several weights'
  throw new VentralError('weights-missing', `There ${what} of ${backbone} with sha256 ${sha256}. GET /backbones/${backbone} shows those that are here.`, [
    { pointer: '/weights', expected: `sha256 of one of the weights of ${backbone}`, found: sha256 },
  ])
}

/** All weights, or those of one backbone; the latest first. */
export const listWeights = async (db: Queryable, backbone?: string): Promise<WeightsRow[]> => {
  const { rows } = await db.query<Row>(`SELECT ${columns} FROM weights WHERE $1::text IS NULL OR backbone = $1 ORDER BY seq DESC`, [backbone ?? null])
  return rows.map(fromRow)
}

/** Deletes all weights of a backbone, and answers their blobs. */
export const deleteWeights = async (tx: Queryable, backbone: string): Promise<string[]> => {
  const { rows } = await tx.query<{ blob: string }>('DELETE FROM weights WHERE backbone = $1 RETURNING blob', [backbone])
  return rows.map(({ blob }) => blob)
}

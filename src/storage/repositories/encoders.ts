import { VentralError } from '../../domain/errors.ts'
import { ownerOf } from '../database.ts'
import type { Queryable } from '../database.ts'
import { pageBounds, toPage, type Page, type PageRequest } from '../page.ts'

/** An encoder: backbone + layer + mapping. `Card` is what the pipeline tells of it: unit, sites, input size, provenance. */
export interface NewEncoder<Card extends object = Record<string, unknown>> {
  id: string
  owner: string
  fit: string
  dataset: string
  backbone: string
  layer: string
  /** file name -> sha256 of its blob */
  files: Record<string, string>
  card: Card
}

export interface EncoderRow<Card extends object = Record<string, unknown>> extends NewEncoder<Card> {
  createdAt: string
}

interface Row extends NewEncoder<object> {
  seq: string
  created_at: Date
}

const columns = 'id, seq, owner, fit, dataset, backbone, layer, files, card, created_at'
const fromRow = <Card extends object>({ seq: _, created_at, ...row }: Row): EncoderRow<Card> => ({
  ...row,
  card: row.card as Card,
  createdAt: created_at.toISOString(),
})

/**
 * Inserts an encoder. A fit has one per layer: when it is there already (a fit that was delivered again), that one keeps
 * its id and takes the new files.
 */
export const insertEncoder = async <Card extends object>(tx: Queryable, encoder: NewEncoder<Card>): Promise<EncoderRow<Card>> => {
  const { rows } = await tx.query<Row>(
    `INSERT INTO encoders (id, owner, fit, dataset, backbone, layer, files, card) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (fit, layer) DO UPDATE SET files = excluded.files, card = excluded.card RETURNING ${columns}`,
    [encoder.id, encoder.owner, encoder.fit, encoder.dataset, encoder.backbone, encoder.layer, JSON.stringify(encoder.files), JSON.stringify(encoder.card)],
  )
  return fromRow(rows[0])
}

/** Throws `not-found`. */
export const getEncoder = async <Card extends object = Record<string, unknown>>(db: Queryable, id: string): Promise<EncoderRow<Card>> => {
  const { rows } = await db.query<Row>(`SELECT ${columns} FROM encoders WHERE id = $1 AND ($2::text IS NULL OR owner = $2)`, [id, ownerOf(db)])
  if (rows.length === 0) throw new VentralError('not-found', `There is no encoder "${id}". GET /encoders lists them.`)
  return fromRow(rows[0])
}

/** The encoder of a fit's layer, or null. */
export const findEncoder = async <Card extends object = Record<string, unknown>>(
  db: Queryable,
  fit: string,
  layer: string,
): Promise<EncoderRow<Card> | null> => {
  const { rows } = await db.query<Row>(`SELECT ${columns} FROM encoders WHERE fit = $1 AND layer = $2 AND ($3::text IS NULL OR owner = $3)`, [fit, layer, ownerOf(db)])
  return rows.length === 0 ? null : fromRow(rows[0])
}

/** Newest first; of one fit when it is given. */
export const listEncoders = async <Card extends object = Record<string, unknown>>(
  db: Queryable,
  request: PageRequest & { fit?: string } = {},
): Promise<Page<EncoderRow<Card>>> => {
  const { limit, before } = pageBounds(request)
  const { rows } = await db.query<Row>(
    `SELECT ${columns} FROM encoders WHERE ($1::bigint IS NULL OR seq < $1) AND ($2::text IS NULL OR fit = $2) AND ($3::text IS NULL OR owner = $3)
     ORDER BY seq DESC LIMIT $4`,
    [before, request.fit ?? null, ownerOf(db), limit + 1],
  )
  return toPage(rows, limit, (row) => fromRow<Card>(row))
}

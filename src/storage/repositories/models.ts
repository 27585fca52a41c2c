import { VentralError } from '../../domain/errors.ts'
import type { ModelSettings } from '../../domain/given-model.ts'
import { ownerOf } from '../database.ts'
import type { Queryable } from '../database.ts'
import { sqlState } from '../database-errors.ts'

export interface ModelCard {
  inputSize: number
  layerCount: number
}

export interface ModelRow {
  name: string
  owner: string
  /** of the file */
  sha256: string
  /** blob of the layer graph without weights */
  manifest: string
  settings: ModelSettings
  card: ModelCard
}

const columns = 'name, owner, sha256, manifest, settings, card'

/** Records a model; answers false where the name is taken. */
export const insertModel = async (tx: Queryable, { name, owner, sha256, manifest, settings, card }: ModelRow): Promise<boolean> => {
  const { rowCount } = await tx.query('INSERT INTO models (name, owner, sha256, manifest, settings, card) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (name) DO NOTHING', [
    name, owner, sha256, manifest, JSON.stringify(settings), JSON.stringify(card),
  ]) // prettier-ignore
  return rowCount === 1
}

/** The model of that name, or null. */
export const findModel = async (db: Queryable, name: string): Promise<ModelRow | null> => {
  const { rows } = await db.query<ModelRow>(`SELECT ${columns} FROM models WHERE name = $1 AND ($2::text IS NULL OR owner = $2)`, [name, ownerOf(db)])
  return rows[0] ?? null
}

/** All models, the first one first. */
export const listModels = async (db: Queryable): Promise<ModelRow[]> => (await db.query<ModelRow>(`SELECT ${columns} FROM models WHERE $1::text IS NULL OR owner = $1 ORDER BY seq`, [ownerOf(db)])).rows

/** Deletes a model and answers what it was; null where there is none. Throws `backbone-in-use` when a fit rests on it. */
export const deleteModel = async (tx: Queryable, name: string): Promise<ModelRow | null> => {
  try {
    const { rows } = await tx.query<ModelRow>(`DELETE FROM models WHERE name = $1 AND ($2::text IS NULL OR owner = $2) RETURNING ${columns}`, [name, ownerOf(tx)])
    return rows[0] ?? null
  } catch (error) {
    if (sqlState(error) !== '23503') throw error
    throw new VentralError('backbone-in-use', `Fits rest on the model "${name}": their scores would lose what they are about. It stays.`)
  }
}

/** Notes that a fit rests on a model, which stays from then on. Throws `not-found` when it has gone meanwhile. */
export const referToModel = async (tx: Queryable, fit: string, { name, sha256 }: Pick<ModelRow, 'name' | 'sha256'>): Promise<void> => {
  const { rowCount } = await tx.query(
    'INSERT INTO fit_models (fit, model) SELECT $1, name FROM models WHERE name = $2 AND sha256 = $3 AND ($4::text IS NULL OR owner = $4) FOR KEY SHARE ON CONFLICT (fit, model) DO UPDATE SET fit = excluded.fit',
    [fit, name, sha256, ownerOf(tx)],
  )
  if (rowCount === 0) throw new VentralError('not-found', `The model "${name}" was deleted meanwhile. GET /backbones lists those that are here.`)
}

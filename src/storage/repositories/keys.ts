import type { ApiKey, Scope } from '../../domain/access.ts'
import { VentralError } from '../../domain/errors.ts'
import type { Queryable } from '../database.ts'
import { pageBounds, toPage, type Page, type PageRequest } from '../page.ts'

export interface KeyRow extends Omit<ApiKey, 'prefix'> {
  secretSha256: Buffer
}

interface Row {
  id: string
  seq: string
  name: string
  owner: string
  scopes: Scope[]
  secret_sha256: Buffer
  status: ApiKey['status']
  created_at: Date
  expires_at: Date | null
  revoked_at: Date | null
  last_used_at: Date | null
  replaced_by: string | null
}

// By the database's clock, which every server shares.
const columns = `id, seq, name, owner, scopes, secret_sha256, created_at, expires_at, revoked_at, last_used_at, replaced_by,
  CASE WHEN revoked_at IS NOT NULL THEN 'revoked' WHEN expires_at <= now() THEN 'expired' ELSE 'active' END AS status`

const fromRow = (row: Row): KeyRow => ({
  id: row.id,
  name: row.name,
  owner: row.owner,
  scopes: row.scopes,
  status: row.status,
  secretSha256: row.secret_sha256,
  createdAt: row.created_at.toISOString(),
  expiresAt: row.expires_at?.toISOString() ?? null,
  revokedAt: row.revoked_at?.toISOString() ?? null,
  lastUsedAt: row.last_used_at?.toISOString() ?? null,
  replacedBy: row.replaced_by,
})

const notFound = (id: string): VentralError => new VentralError('not-found', `There is no key "${id}". GET /keys lists them.`)

export const insertKey = async (tx: Queryable, key: Pick<KeyRow, 'id' | 'name' | 'owner' | 'scopes' | 'secretSha256' | 'expiresAt'>): Promise<KeyRow> => {
  const { rows } = await tx.query<Row>(`INSERT INTO keys (id, name, owner, scopes, secret_sha256, expires_at) VALUES ($1, $2, $3, $4, $5, $6) RETURNING ${columns}`, [
    key.id, key.name, key.owner, key.scopes, key.secretSha256, key.expiresAt,
  ]) // prettier-ignore
  return fromRow(rows[0])
}

/** The key of that id, whatever its state, or null. */
export const findKey = async (db: Queryable, id: string): Promise<KeyRow | null> => {
  const { rows } = await db.query<Row>(`SELECT ${columns} FROM keys WHERE id = $1`, [id])
  return rows.length === 0 ? null : fromRow(rows[0])
}

/** The key of that id, held until the transaction ends. Throws `not-found`. */
export const lockKey = async (tx: Queryable, id: string): Promise<KeyRow> => {
  const { rows } = await tx.query<Row>(`SELECT ${columns} FROM keys WHERE id = $1 FOR UPDATE`, [id])
  if (rows.length === 0) throw notFound(id)
  return fromRow(rows[0])
}

/** Newest first, ended ones as well. */
export const listKeys = async (db: Queryable, request: PageRequest = {}): Promise<Page<KeyRow>> => {
  const { limit, before } = pageBounds(request)
  const { rows } = await db.query<Row>(`SELECT ${columns} FROM keys WHERE $1::bigint IS NULL OR seq < $1 ORDER BY seq DESC LIMIT $2`, [before, limit + 1])
  return toPage(rows, limit, fromRow)
}

/** Ends a key at once; one that was revoked stays as it is. Throws `not-found`. */
export const revokeKey = async (tx: Queryable, id: string): Promise<void> => {
  const { rowCount } = await tx.query('UPDATE keys SET revoked_at = coalesce(revoked_at, now()) WHERE id = $1', [id])
  if (rowCount === 0) throw notFound(id)
}

/** Has a key end after `graceSeconds`, or sooner where it ends anyway, for another one. */
export const replaceKey = async (tx: Queryable, id: string, by: string, graceSeconds: number): Promise<void> => {
  await tx.query(`UPDATE keys SET replaced_by = $2, expires_at = least(expires_at, now() + make_interval(secs => $3)) WHERE id = $1`, [id, by, graceSeconds])
}

/** Notes that a key was used, at most once a minute: a key is read with every request, and written rarely. */
export const touchKey = async (db: Queryable, id: string): Promise<void> => {
  await db.query(`UPDATE keys SET last_used_at = now() WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')`, [id])
}

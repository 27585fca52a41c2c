import type { AuditEntry } from '../../domain/access.ts'
import type { Queryable } from '../database.ts'
import { pageBounds, toPage, type Page, type PageRequest } from '../page.ts'

interface Row extends Omit<AuditEntry, 'at'> {
  seq: string
  at: Date
}

/** Adds an entry. There is no way to change or delete one. */
export const addAuditEntry = async (db: Queryable, { owner, key, address, action, resource, status, code, request }: Omit<AuditEntry, 'at'>): Promise<void> => {
  await db.query('INSERT INTO audit (owner, key, address, action, resource, status, code, request) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)', [owner, key, address, action, resource, status, code, request])
}

export interface AuditQuery extends PageRequest {
  owner?: string
  key?: string
}

/** Newest first; of one owner or key where these are given. */
export const listAuditEntries = async (db: Queryable, query: AuditQuery = {}): Promise<Page<AuditEntry>> => {
  const { limit, before } = pageBounds(query)
  const { rows } = await db.query<Row>(
    `SELECT seq, at, owner, key, address, action, resource, status, code, request FROM audit
     WHERE ($1::bigint IS NULL OR seq < $1) AND ($2::text IS NULL OR owner = $2) AND ($3::text IS NULL OR key = $3) ORDER BY seq DESC LIMIT $4`,
    [before, query.owner ?? null, query.key ?? null, limit + 1],
  )
  return toPage(rows, limit, ({ seq: _, at, ...entry }) => ({ at: at.toISOString(), ...entry }))
}

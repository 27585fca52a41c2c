import { createHash } from 'node:crypto'
import { canonicalJson } from '../../domain/canonical-json.ts'
import { VentralError } from '../../domain/errors.ts'
import type { FitStatus } from '../../domain/fit.ts'
import type { Registration } from '../../domain/registration.ts'
import { ownerOf } from '../database.ts'
import type { Queryable } from '../database.ts'

export interface RegistrationRow extends Registration {
  owner: string
  /** the frozen text, canonical JSON */
  canonical: string
}

interface Row {
  id: string
  owner: string
  canonical: string
  sha256: string
  registered_at: Date
}

const fromRow = ({ registered_at, ...row }: Row): RegistrationRow => ({ ...row, registeredAt: registered_at.toISOString() })

/** Freezes a value, in the transaction that inserts the fit which it is about. There is no way to change or delete a registration. */
export const insertRegistration = async (tx: Queryable, { id, owner, frozen }: { id: string; owner: string; frozen: object }): Promise<RegistrationRow> => {
  const canonical = canonicalJson(frozen)
  const sha256 = createHash('sha256').update(canonical).digest('hex')
  const { rows } = await tx.query<Row>(
    'INSERT INTO registrations (id, owner, canonical, sha256) VALUES ($1, $2, $3, $4) RETURNING id, owner, canonical, sha256, registered_at',
    [id, owner, canonical, sha256],
  )
  return fromRow(rows[0])
}

/** Throws `not-found`. */
export const getRegistration = async (db: Queryable, id: string): Promise<RegistrationRow> => {
  const { rows } = await db.query<Row>('SELECT id, owner, canonical, sha256, registered_at FROM registrations WHERE id = $1 AND ($2::text IS NULL OR owner = $2)', [id, ownerOf(db)])
  if (rows.length === 0)
    throw new VentralError('not-found', `There is no registration "${id}". POST /fit?register=true makes one, and GET /fits/{id} names the one of a fit.`, [
      { pointer: '/registration', expected: 'id of a registration', found: id },
    ])
  return fromRow(rows[0])
}

/**
 * Makes the fits of a registration one after the other until the transaction ends, so that each knows how many came before it.
 * Throws `not-found`.
 */
export const lockRegistration = async (tx: Queryable, id: string): Promise<void> => {
  await getRegistration(tx, id)
  await tx.query('SELECT 1 FROM registrations WHERE id = $1 FOR UPDATE', [id])
}

export interface RegisteredFit {
  id: string
  status: FitStatus
  createdAt: string
}

/** Every fit under a registration, the registered one first. */
export const registeredFits = async (db: Queryable, registration: string): Promise<RegisteredFit[]> => {
  const { rows } = await db.query<{ id: string; status: FitStatus; created_at: Date }>('SELECT id, status, created_at FROM fits WHERE registration = $1 ORDER BY seq', [registration])
  return rows.map(({ id, status, created_at }) => ({ id, status, createdAt: created_at.toISOString() }))
}

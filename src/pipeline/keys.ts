import type { ApiKey, ApiKeyRequest, NewApiKey, Principal } from '../domain/access.ts'
import { VentralError } from '../domain/errors.ts'
import { newId } from '../storage/ids.ts'
import type { Page, PageRequest } from '../storage/page.ts'
import { findKey, insertKey, listKeys as listRows, lockKey, replaceKey, revokeKey as revokeRow, touchKey } from '../storage/repositories/keys.ts'
import type { KeyRow } from '../storage/repositories/keys.ts'
import type { PipelineContext } from './context.ts'
import { hashSecret, isSecret, newSecret, parseKey, prefixOf } from './key-secret.ts'

type Stores = Pick<PipelineContext, 'db'>

const MINUTE_MS = 60_000

const toView = ({ id, name, owner, scopes, status, createdAt, expiresAt, revokedAt, lastUsedAt, replacedBy }: KeyRow): ApiKey => ({
  id, name, prefix: prefixOf(id), owner, scopes, status, createdAt, expiresAt, revokedAt, lastUsedAt, replacedBy,
}) // prettier-ignore

const expiryOf = (expiresAt: string | null | undefined): string | null => {
  if (expiresAt == null) return null
  const time = Date.parse(expiresAt)
  if (!(time > Date.now()))
    throw new VentralError('invalid-value', `"expiresAt" must be a time to come, as in 2030-01-31T00:00:00Z, not "${expiresAt}".`, [{ pointer: '/expiresAt', expected: 'a time to come (ISO 8601)', found: expiresAt }])
  return new Date(time).toISOString()
}

/** Makes a key. The answer holds it whole, and nothing else ever does. */
export const createKey = async ({ db }: Stores, { name, owner, scopes, expiresAt }: ApiKeyRequest): Promise<NewApiKey> => {
  const [id, secret] = [newId(), newSecret()]
  const row = await insertKey(db, { id, name, owner, scopes: [...new Set(scopes)], secretSha256: hashSecret(secret), expiresAt: expiryOf(expiresAt) })
  return { ...toView(row), key: prefixOf(id) + secret }
}

/** Newest first, ended ones as well. */
export const listKeys = async ({ db }: Stores, request: PageRequest): Promise<Page<ApiKey>> => {
  const page = await listRows(db, request)
  return { ...page, items: page.items.map(toView) }
}

/** Ends a key at once. Throws `not-found`. */
export const revokeKey = ({ db }: Stores, id: string): Promise<void> => revokeRow(db, id)

/** As long as the old one was given, from now. */
const sameLifetime = ({ createdAt, expiresAt }: KeyRow): string | null => (expiresAt === null ? null : new Date(Date.now() + Date.parse(expiresAt) - Date.parse(createdAt)).toISOString())

/**
 * A new key in the place of another: same name, owner, scopes and lifetime. The old one ends after `graceSeconds`, so that its users can be
 * given the new one meanwhile. Throws `not-found`, and `invalid-value` for a key that has ended or was rotated before.
 */
export const rotateKey = ({ db }: Stores, id: string, { graceSeconds = 0 }: { graceSeconds?: number } = {}): Promise<NewApiKey> =>
  db.transaction(async (tx) => {
    const old = await lockKey(tx, id)
    const ended = old.replacedBy !== null ? `was rotated to ${old.replacedBy}` : old.status !== 'active' ? `is ${old.status}` : null
    if (ended !== null) throw new VentralError('invalid-value', `The key "${id}" ${ended}: make a new one with POST /keys.`, [{ pointer: '/id', expected: 'the id of an active key', found: id }])
    const [next, secret] = [newId(), newSecret()]
    const { name, owner, scopes } = old
    const row = await insertKey(tx, { id: next, name, owner, scopes, secretSha256: hashSecret(secret), expiresAt: sameLifetime(old) })
    await replaceKey(tx, id, next, graceSeconds)
    return { ...toView(row), key: prefixOf(next) + secret }
  })

const refused = (detail: string): VentralError => new VentralError('key-required', detail)

const unknownKey = 'This key is not known here. Ask whoever runs the server for one.'

/** Who sent a key of the table. Throws `key-required` for one that is unknown, expired or revoked; only who has the secret is told which. */
export const authenticate = async ({ db }: Stores, token: string): Promise<Principal> => {
  const given = parseKey(token)
  const row = given === null ? null : await findKey(db, given.id)
  if (given === null || row === null || !isSecret(given.secret, row.secretSha256)) throw refused(unknownKey)
  if (row.status !== 'active') throw refused(row.status === 'revoked' ? 'This key was revoked.' : `This key expired at ${row.expiresAt!}.`)
  if (row.lastUsedAt === null || Date.parse(row.lastUsedAt) < Date.now() - MINUTE_MS) await touchKey(db, row.id)
  return { owner: row.owner, scopes: row.scopes, key: row.id }
}

import { createHash } from 'node:crypto'
import { canonicalJson } from '../../domain/canonical-json.ts'
import { VentralError } from '../../domain/errors.ts'
import type { Queryable } from '../database.ts'

/** What an Idempotency-Key is unique for, and the sha256 of the body (or of its canonical form) it came with. */
export interface IdempotencyKey {
  owner: string
  route: string
  key: string
  bodySha256: string
}

/** The answer that a repeated request gets again. */
export interface StoredAnswer {
  status: number
  headers: Record<string, string>
  body: unknown
}

/** sha256 of a JSON body that does not depend on the order of its keys. */
export const canonicalSha256 = (body: unknown): string => createHash('sha256').update(canonicalJson(body)).digest('hex')

/**
 * Claims a key within the transaction that does the work. Null: it is ours, do the work and `storeAnswer`. Otherwise the
 * answer that the first request got. A request that is under way with the same key makes this one wait for its commit.
 * Throws `idempotency-key-reused` when the key came with another body.
 */
export const claimIdempotencyKey = async (tx: Queryable, { owner, route, key, bodySha256 }: IdempotencyKey): Promise<StoredAnswer | null> => {
  if (key.length === 0 || key.length > 255)
    throw new VentralError('invalid-request', 'An Idempotency-Key has 1 to 255 characters.', [
      { pointer: 'Idempotency-Key', expected: '1 to 255 characters', found: String(key.length) },
    ])
  const claimed = await tx.query(
    'INSERT INTO idempotency_keys (owner, route, key, body_sha256) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
    [owner, route, key, bodySha256],
  )
  if (claimed.rowCount === 1) return null
  const { rows } = await tx.query<{ body_sha256: string; answer: StoredAnswer | null }>(
    'SELECT body_sha256, answer FROM idempotency_keys WHERE owner = $1 AND route = $2 AND key = $3',
    [owner, route, key],
  )
  const { body_sha256, answer } = rows[0]
  if (body_sha256 !== bodySha256)
    throw new VentralError('idempotency-key-reused', `The Idempotency-Key "${key}" was used for another request to ${route}. Use a new key for a new request.`)
  if (answer === null) throw new Error(`Idempotency-Key ${key} was committed without its answer`)
  return answer
}

/** Keeps the answer for repetitions, in the transaction that claimed the key. */
export const storeAnswer = async (tx: Queryable, { owner, route, key }: IdempotencyKey, answer: StoredAnswer): Promise<void> => {
  await tx.query('UPDATE idempotency_keys SET answer = $4 WHERE owner = $1 AND route = $2 AND key = $3', [owner, route, key, JSON.stringify(answer)])
}

/** The whole of it: `work` runs once per key, inside one transaction with the key; `replayed` tells a repetition. Without a key `work` just runs. */
export const onceInTransaction = async (
  db: { transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> },
  key: IdempotencyKey | null,
  work: (tx: Queryable) => Promise<StoredAnswer>,
): Promise<StoredAnswer & { replayed: boolean }> =>
  db.transaction(async (tx) => {
    const before = key === null ? null : await claimIdempotencyKey(tx, key)
    if (before !== null) return { ...before, replayed: true }
    const answer = await work(tx)
    if (key !== null) await storeAnswer(tx, key, answer)
    return { ...answer, replayed: false }
  })

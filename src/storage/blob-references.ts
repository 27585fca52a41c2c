import { VentralError } from '../domain/errors.ts'
import type { BlobStore } from './blobs.ts'
import type { Database, Queryable } from './database.ts'

const LOCK = 7_263_402

/**
 * In the transaction that inserts a row naming these blobs: keeps them from being deleted until it commits, and makes
 * sure that they are there (one that was stored already may have been let go of by somebody else since).
 */
export const holdBlobs = async (tx: Queryable, blobs: BlobStore, sha256s: string[]): Promise<void> => {
  await tx.query('SELECT pg_advisory_xact_lock_shared($1)', [LOCK])
  const present = await Promise.all(sha256s.map((sha256) => blobs.has(sha256)))
  if (present.includes(false)) throw new VentralError('busy', 'Data that this request shares with something just deleted went with it. Send the request again.')
}

/** Deletes those of the blobs that no row refers to; answers them. To be called after the rows are gone, outside their transaction. */
export const releaseBlobs = async (db: Database, blobs: BlobStore, sha256s: string[]): Promise<string[]> => {
  if (sha256s.length === 0) return []
  return db.transaction(async (tx) => {
    await tx.query('SELECT pg_advisory_xact_lock($1)', [LOCK])
    const { rows } = await tx.query<{ sha256: string }>('SELECT DISTINCT sha256 FROM blob_references WHERE sha256 = ANY($1)', [sha256s])
    const needed = new Set(rows.map((row) => row.sha256))
    const free = [...new Set(sha256s)].filter((sha256) => !needed.has(sha256))
    for (const sha256 of free) await blobs.delete(sha256)
    return free
  })
}

/**
 * Deletes blobs that no row refers to and that are older than `olderThanMs`: what an import or a fit left that was killed
 * between storing its blobs and committing its rows. The age spares the work that is under way.
 */
export const collectOrphans = async (db: Database, blobs: BlobStore, olderThanMs = 24 * 3_600_000): Promise<string[]> => {
  const old: string[] = []
  for await (const { sha256, modifiedMs } of blobs.list()) if (modifiedMs < Date.now() - olderThanMs) old.push(sha256)
  const freed: string[] = []
  for (let i = 0; i < old.length; i += 1000) freed.push(...(await releaseBlobs(db, blobs, old.slice(i, i + 1000))))
  return freed
}

import { releaseBlobs } from '../storage/blob-references.ts'
import type { BlobStore } from '../storage/blobs.ts'
import type { PipelineContext } from './context.ts'

/** Stores a blob as `BlobStore.put` does and answers its sha256. */
export type PutBlob = (...args: Parameters<BlobStore['put']>) => Promise<string>

/**
 * Work that stores blobs and then inserts the row that names them. Afterwards those that no row names go: all of them when the work
 * failed. Not for work that may run twice at once, such as a fit: one run would take away what the other is about to name.
 */
export const withBlobs = async <T>({ db, blobs }: Pick<PipelineContext, 'db' | 'blobs'>, work: (put: PutBlob) => Promise<T>): Promise<T> => {
  const stored: string[] = []
  try {
    return await work(async (...args) => {
      const { sha256 } = await blobs.put(...args)
      stored.push(sha256)
      return sha256
    })
  } finally {
    // Where the database cannot be asked, the sweep of orphans at the next start finds them.
    await releaseBlobs(db, blobs, stored).catch(() => undefined)
  }
}

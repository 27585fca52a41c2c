import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import fs from 'node:fs/promises'
import path from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { VentralError } from '../domain/errors.ts'
import { isMissing, syncFile, syncFolder, translateFileError } from './durable-files.ts'

export interface Blob {
  sha256: string
  bytes: number
}

/** Immutable byte strings, named by their sha256. */
export interface BlobStore {
  /**
   * Stores bytes, a stream, or the file at a path; durable when it resolves. `move` takes the file itself instead of a copy
   * where that is possible. Throws `disk-full`; nothing half-written stays.
   */
  put(source: Uint8Array | string | AsyncIterable<Uint8Array>, options?: { move?: boolean; signal?: AbortSignal }): Promise<Blob>
  /** path of the blob's file, to be read only */
  path(sha256: string): string
  has(sha256: string): Promise<boolean>
  size(sha256: string): Promise<number>
  /** all bytes, or those from `start` up to but without `end` */
  read(sha256: string, range?: { start?: number; end?: number }): Promise<Buffer>
  stream(sha256: string, range?: { start?: number; end?: number }): Readable
  /** whether there was one; rows that refer to it are the caller's concern (`releaseBlobs`) */
  delete(sha256: string): Promise<boolean>
  list(): AsyncIterable<Blob & { modifiedMs: number }>
}

const missing = (sha256: string): VentralError => new VentralError('not-found', `Blob ${sha256} is not in the store: the data folder is incomplete.`)

/**
 * Opens the store in a local folder. `sweepOlderThanMs` removes what killed writers left: 0 for the folder's one owner,
 * a day where several servers write to the folder, null (nothing) for a guest.
 */
export const openBlobStore = async (root: string, { sweepOlderThanMs = null }: { sweepOlderThanMs?: number | null } = {}): Promise<BlobStore> => {
  const incoming = path.join(root, 'incoming') // in the same file system, so that a rename suffices
  await fs.mkdir(incoming, { recursive: true })
  if (sweepOlderThanMs !== null) await sweepFolder(incoming, sweepOlderThanMs)

  const folderOf = (sha256: string): string => {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Error(`not a sha256: ${sha256}`)
    return path.join(root, sha256.slice(0, 2))
  }
  const fileOf = (sha256: string): string => path.join(folderOf(sha256), sha256)
  const statOf = async (sha256: string): Promise<{ size: number } | null> => {
    try {
      return await fs.stat(fileOf(sha256))
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
  }

  /** Renames a whole, synced file to its name; the folders' entries are durable afterwards. */
  const install = async (file: string, { sha256, bytes }: Blob): Promise<Blob> => {
    const folder = folderOf(sha256)
    if ((await fs.mkdir(folder, { recursive: true })) !== undefined) await syncFolder(root)
    await fs.chmod(file, 0o444)
    await fs.rename(file, fileOf(sha256)) // replaces an equal blob, and one that a broken disk cut short
    await syncFolder(folder)
    return { sha256, bytes }
  }

  const write = async (source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, signal?: AbortSignal): Promise<Blob> => {
    const file = path.join(incoming, randomUUID())
    const counted = measure()
    try {
      await pipeline(source, counted.through, createWriteStream(file, { flags: 'wx', flush: true }), { signal })
      return await install(file, counted.result())
    } catch (error) {
      await fs.rm(file, { force: true })
      throw translateFileError(error)
    }
  }

  const moveIn = async (file: string, signal?: AbortSignal): Promise<Blob | null> => {
    const counted = measure()
    await pipeline(createReadStream(file), counted.through, async (chunks) => { for await (const _ of chunks); }, { signal }) // prettier-ignore
    await syncFile(file)
    try {
      return await install(file, counted.result())
    } catch (error) {
      if ((error as { code?: unknown }).code === 'EXDEV') return null
      throw translateFileError(error)
    }
  }

  return {
    put: async (source, { move = false, signal } = {}) => {
      if (source instanceof Uint8Array) return write([source], signal)
      if (typeof source !== 'string') return write(source, signal)
      const moved = move ? await moveIn(source, signal) : null
      if (moved !== null) return moved
      const copied = await write(createReadStream(source), signal)
      if (move) await fs.rm(source, { force: true })
      return copied
    },
    path: fileOf,
    has: async (sha256) => (await statOf(sha256)) !== null,
    size: async (sha256) => {
      const stat = await statOf(sha256)
      if (stat === null) throw missing(sha256)
      return stat.size
    },
    read: async (sha256, { start = 0, end } = {}) => {
      try {
        const handle = await fs.open(fileOf(sha256), 'r')
        try {
          const stop = Math.min(end ?? Infinity, (await handle.stat()).size)
          const buffer = Buffer.allocUnsafe(Math.max(0, stop - start))
          for (let done = 0; done < buffer.length; ) {
            const { bytesRead } = await handle.read(buffer, done, buffer.length - done, start + done)
            if (bytesRead === 0) throw new Error(`blob ${sha256} ended early`)
            done += bytesRead
          }
          return buffer
        } finally {
          await handle.close()
        }
      } catch (error) {
        throw isMissing(error) ? missing(sha256) : error
      }
    },
    stream: (sha256, { start = 0, end } = {}) =>
      end !== undefined && end <= start ? Readable.from([]) : createReadStream(fileOf(sha256), { start, end: end === undefined ? undefined : end - 1 }),
    delete: async (sha256) => {
      try {
        await fs.unlink(fileOf(sha256))
        return true
      } catch (error) {
        if (isMissing(error)) return false
        throw error
      }
    },
    list: async function* () {
      for (const folder of await fs.readdir(root)) {
        if (!/^[0-9a-f]{2}$/.test(folder)) continue
        for (const sha256 of await fs.readdir(path.join(root, folder))) {
          const stat = await fs.stat(path.join(root, folder, sha256)).catch(() => null) // deleted meanwhile
          if (stat !== null && /^[0-9a-f]{64}$/.test(sha256)) yield { sha256, bytes: stat.size, modifiedMs: stat.mtimeMs }
        }
      }
    },
  }
}

const sweepFolder = async (folder: string, olderThanMs: number): Promise<void> => {
  for (const name of await fs.readdir(folder)) {
    const file = path.join(folder, name)
    const stat = await fs.stat(file).catch(() => null)
    if (stat !== null && stat.mtimeMs <= Date.now() - olderThanMs) await fs.rm(file, { force: true })
  }
}

const measure = (): { through: Transform; result: () => Blob } => {
  const hash = createHash('sha256')
  let bytes = 0
  const through = new Transform({
    transform: (chunk: Uint8Array, _, done) => {
      hash.update(chunk)
      bytes += chunk.length
      done(null, chunk)
    },
  })
  return { through, result: () => ({ sha256: hash.digest('hex'), bytes }) }
}

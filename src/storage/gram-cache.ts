import { createHash, randomUUID } from 'node:crypto'
import fs from 'node:fs/promises'
import path from 'node:path'
import { isMissing, syncFile, translateFileError } from './durable-files.ts'

/** A cached file that stays, whatever is evicted meanwhile, until it is released. */
export interface HeldFile {
  path: string
  release(): Promise<void>
}

/** Gram files by cache key, bounded, least recently used first out. Several processes may share it. */
export interface GramCache {
  /** the file of a key, or null; counts as a use */
  acquire(key: string): Promise<HeldFile | null>
  /** stores the file that `write` makes at the path it is given, and holds it. Throws `disk-full`; nothing half-written stays. */
  put(key: string, write: (file: string) => void | Promise<void>): Promise<HeldFile>
  /** forgets a key, for a file that turned out damaged */
  discard(key: string): Promise<void>
}

/** Where a cache's held files lie. */
export const heldGrams = (folder: string): string => path.join(folder, 'held')

/**
 * Opens the cache in a folder. A held file is a hard link of its own: eviction takes away only the name that others find it
 * by, so that no lock is needed and a killed holder blocks nothing. `sweep` (the folder's one owner) removes what such left.
 * `holder` names a folder for the links of one holder, so that they can be removed when it was killed.
 */
export const openGramCache = async (folder: string, maxBytes: number, { sweep = false, holder = '' }: { sweep?: boolean; holder?: string } = {}): Promise<GramCache> => {
  if (sweep) await fs.rm(heldGrams(folder), { recursive: true, force: true })
  const held = path.join(heldGrams(folder), holder)
  await fs.mkdir(held, { recursive: true })

  const fileOf = (key: string): string => path.join(folder, `${createHash('sha256').update(key).digest('hex')}.gram`)

  const hold = (file: string): HeldFile => ({
    path: file,
    release: async () => {
      await fs.rm(file, { force: true })
      await evict()
    },
  })

  const evict = async (): Promise<void> => {
    const names = (await fs.readdir(folder)).filter((name) => name.endsWith('.gram'))
    const stated = await Promise.all(
      names.map(async (name) => {
        const file = path.join(folder, name)
        return { file, stat: await fs.stat(file).catch(() => null) } // gone meanwhile
      }),
    )
    const files = stated
      .flatMap(({ file, stat }) => (stat === null ? [] : [{ file, bytes: stat.size, usedMs: stat.mtimeMs, inUse: stat.nlink > 1 }]))
      .sort((a, b) => a.usedMs - b.usedMs)
    let total = files.reduce((sum, { bytes }) => sum + bytes, 0)
    for (const { file, bytes, inUse } of files) {
      if (total <= maxBytes) return
      if (inUse) continue
      await fs.rm(file, { force: true })
      total -= bytes
    }
  }

  return {
    acquire: async (key) => {
      const link = path.join(held, `${process.pid}-${randomUUID()}.gram`)
      try {
        await fs.link(fileOf(key), link)
      } catch (error) {
        if (isMissing(error)) return null
        throw error
      }
      const now = new Date()
      await fs.utimes(link, now, now)
      return hold(link)
    },
    put: async (key, write) => {
      const link = path.join(held, `${process.pid}-${randomUUID()}.gram`)
      const name = `${link}.name`
      try {
        await write(link)
        await syncFile(link)
        await fs.link(link, name) // a second name that can replace an older file at once
        await fs.rename(name, fileOf(key))
      } catch (error) {
        await Promise.all([link, name].map((file) => fs.rm(file, { force: true })))
        throw translateFileError(error)
      }
      await evict()
      return hold(link)
    },
    discard: (key) => fs.rm(fileOf(key), { force: true }),
  }
}

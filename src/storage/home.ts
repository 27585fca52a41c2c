import fs from 'node:fs'
import fsp from 'node:fs/promises'
import path from 'node:path'
import { VentralError } from '../domain/errors.ts'
import type { Connection } from './database.ts'
import { heldGrams } from './gram-cache.ts'
import { acquireLock, readLock, type LockHolder } from './lock.ts'
import { startEmbeddedPostgres, type EmbeddedPostgres } from './postgres/embedded.ts'

/** Where things lie in the data folder. */
export interface Folders {
  home: string
  lock: string
  postgres: string
  blobs: string
  /** work in progress; emptied whenever the folder gets a new owner */
  tmp: string
  grams: string
}

export const foldersOf = (home: string, blobs: string | null = null): Folders => ({
  home,
  lock: path.join(home, 'lock.json'),
  postgres: path.join(home, 'postgres'),
  blobs: blobs ?? path.join(home, 'blobs'),
  tmp: path.join(home, 'tmp'),
  grams: path.join(home, 'cache', 'grams'),
})

export interface Home {
  folders: Folders
  /** whether this process owns the data folder, or is a guest beside the owner */
  owner: boolean
  connection: Connection
  /** the embedded server, where this process runs it */
  postgres: EmbeddedPostgres | null
  /** tells other processes where the server answers */
  announce(url: string | null): void
  close(): Promise<void>
}

export interface HomeOptions {
  home: string
  /** folder of the blobs, when not in home */
  blobs?: string | null
  databaseUrl?: string | null
  /** be a guest: use the database of the running owner (or of databaseUrl) without taking the folder */
  attach?: boolean
  onNotice?: (text: string) => void
}

/** The running owner of a data folder: its pid and, when it serves, its URL. Null when nobody runs on it. */
export const findOwner = (home: string): Promise<LockHolder | null> => readLock(foldersOf(home).lock)

/**
 * Opens a data folder. The owner takes its lock (else `home-in-use`), empties tmp/ and starts the embedded database, unless
 * databaseUrl names another. A guest finds the database through the lock file; throws `busy` when nobody runs.
 */
export const openHome = async ({ home, blobs = null, databaseUrl = null, attach = false, onNotice }: HomeOptions): Promise<Home> => {
  const folders = foldersOf(home, blobs)
  return attach ? attachTo(folders, databaseUrl) : own(folders, databaseUrl, onNotice)
}

const attachTo = async (folders: Folders, databaseUrl: string | null): Promise<Home> => {
  const connection: Connection | null = databaseUrl === null ? ((await readLock(folders.lock))?.database ?? null) : { connectionString: databaseUrl }
  if (connection === null)
    throw new VentralError(
      'busy',
      `No server runs on ${folders.home}, so its database is not reachable. ` +
        `Start one with "ventral serve --home ${folders.home}", or name a database in DATABASE_URL.`,
    )
  await makeFolders(folders)
  return { folders, owner: false, connection, postgres: null, announce: () => {}, close: async () => {} }
}

const own = async (folders: Folders, databaseUrl: string | null, onNotice?: (text: string) => void): Promise<Home> => {
  await makeFolders(folders)
  const lock = await acquireLock(folders.lock)
  try {
    await emptyFolder(folders.tmp)
    const postgres = databaseUrl === null ? await startEmbeddedPostgres(folders.postgres, { onNotice }) : null
    lock.update({ database: postgres?.connection ?? null })
    return {
      folders,
      owner: true,
      connection: postgres?.connection ?? { connectionString: databaseUrl! },
      postgres,
      announce: (url) => lock.update({ url }),
      close: async () => {
        await postgres?.stop()
        lock.release()
      },
    }
  } catch (error) {
    lock.release()
    throw error
  }
}

const makeFolders = async (folders: Folders): Promise<void> => {
  try {
    // Private: the mode of this folder is what guards the database's socket and the data.
    if (!fs.existsSync(folders.home)) await fsp.mkdir(folders.home, { recursive: true, mode: 0o700 })
    for (const folder of [folders.tmp, folders.grams, folders.blobs]) await fsp.mkdir(folder, { recursive: true })
    await fsp.access(folders.home, fs.constants.R_OK | fs.constants.W_OK | fs.constants.X_OK)
  } catch (error) {
    const { code } = error as { code?: string }
    if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM' || code === 'ENOTDIR' || code === 'EEXIST')
      throw new VentralError(
        'forbidden',
        `The data folder ${folders.home} cannot be written by this user (${code}). Choose another with --home or VENTRAL_HOME, or change its owner.`,
      )
    throw error
  }
}

const emptyFolder = async (folder: string): Promise<void> => {
  for (const name of await fsp.readdir(folder)) await fsp.rm(path.join(folder, name), { recursive: true, force: true })
}

/** A new folder in tmp/ for work in progress; whoever asks for it deletes it. */
export const newWorkFolder = (folders: Folders, purpose: string): Promise<string> => fsp.mkdtemp(path.join(folders.tmp, `${purpose}-`))

/** Removes the folders of a purpose, and the Gram files held in its name: whoever was to delete them was killed. */
export const removeWorkFolders = async (folders: Folders, purpose: string): Promise<void> => {
  for (const parent of [folders.tmp, heldGrams(folders.grams)])
    for (const name of await fsp.readdir(parent)) if (name.startsWith(`${purpose}-`)) await fsp.rm(path.join(parent, name), { recursive: true, force: true })
}

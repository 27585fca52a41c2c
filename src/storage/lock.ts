import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { VentralError } from '../domain/errors.ts'
import type { Connection } from './database.ts'
import { isMissing } from './durable-files.ts'
import { pidSpace, processStart } from './process-identity.ts'

/** What home/lock.json says of the one process that owns the data folder. */
export interface LockHolder {
  /** of this very lock; a takeover names it */
  token: string
  pid: number
  processStart: string
  pidSpace: string
  /** how to connect to the embedded database; null while it starts, or where DATABASE_URL names another */
  database: Extract<Connection, { host: string }> | null
  /** where the server answers; null while there is none */
  url: string | null
}

export interface HomeLock {
  holder(): LockHolder
  update(change: Partial<Pick<LockHolder, 'database' | 'url'>>): void
  release(): void
}

const read = (file: string): LockHolder | null => {
  try {
    const holder = JSON.parse(fs.readFileSync(file, 'utf8')) as LockHolder
    return typeof holder.token === 'string' && /^[\w-]+$/.test(holder.token) && Number.isInteger(holder.pid) ? holder : null
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError) return null
    throw error
  }
}

const connects = (socket: string): Promise<boolean> =>
  new Promise((resolve) => {
    const connection = net.connect(socket)
    connection.setTimeout(500)
    const answer = (yes: boolean): void => {
      connection.destroy()
      resolve(yes)
    }
    connection.on('connect', () => answer(true)).on('error', () => answer(false)).on('timeout', () => answer(true))
  })

/** Whether the holder lives. From another pid namespace (a container on the same folder) only its database's socket can tell. */
const lives = async (holder: LockHolder): Promise<boolean> => {
  if (holder.pidSpace === pidSpace()) return processStart(holder.pid) === holder.processStart
  return holder.database !== null && connects(path.join(holder.database.host, `.s.PGSQL.${holder.database.port}`))
}

/** Writes a file in whole at a name of its own beside `file`; rename or link puts it in place. */
const writeBeside = (file: string, content: LockHolder): string => {
  const beside = `${file}.${randomUUID()}.new`
  fs.writeFileSync(beside, JSON.stringify(content, null, 2) + '\n', { mode: 0o600, flush: true })
  return beside
}

/** Creates `file` with the content unless it exists. A link, unlike a rename, never replaces. */
const create = (file: string, content: LockHolder): boolean => {
  const beside = writeBeside(file, content)
  try {
    fs.linkSync(beside, file)
    return true
  } catch (error) {
    // The owner tidies up: our file may be gone, and then somebody else has the lock.
    if ((error as { code?: unknown }).code === 'EEXIST' || isMissing(error)) return false
    throw error
  } finally {
    fs.rmSync(beside, { force: true })
  }
}

/**
 * Takes `file` for `mine`, from a dead holder too. Of several processes that find the same dead holder, one creates the
 * file named by that holder's token, looks once more and replaces the lock; the others find it taken. Should it die in
 * between, its takeover file is a lock with a dead holder itself. Answers null, or the living holder.
 */
const take = async (file: string, mine: LockHolder): Promise<LockHolder | null> => {
  for (;;) {
    if (create(file, mine)) return null
    const holder = read(file)
    if (holder !== null && (await lives(holder))) return holder
    const token = holder?.token ?? 'unreadable'
    const takeover = path.join(path.dirname(file), `takeover-${token}`)
    const rival = await take(takeover, mine)
    if (rival !== null) return rival
    try {
      if ((read(file)?.token ?? 'unreadable') !== token || !fs.existsSync(file)) continue
      fs.renameSync(writeBeside(file, mine), file)
      return null
    } finally {
      fs.rmSync(takeover, { force: true })
    }
  }
}

/** The living owner of a data folder, or null. */
export const readLock = async (file: string): Promise<LockHolder | null> => {
  const holder = read(file)
  return holder !== null && (await lives(holder)) ? holder : null
}

/** Takes the lock of a data folder. Throws `home-in-use` when a living process has it; one that is just ending gets a moment. */
export const acquireLock = async (file: string, patienceMs = 1_000): Promise<HomeLock> => {
  const start = processStart(process.pid)
  if (start === null) throw new Error('cannot tell when this process began')
  let content: LockHolder = { token: randomUUID(), pid: process.pid, processStart: start, pidSpace: pidSpace(), database: null, url: null }
  const end = Date.now() + patienceMs
  for (let rival = await take(file, content); rival !== null; rival = await take(file, content)) {
    if (Date.now() > end || rival.pid === process.pid)
      throw new VentralError(
        'home-in-use',
        `The data folder ${path.dirname(file)} is in use by process ${rival.pid}${rival.url ? ` (${rival.url})` : ''}. ` +
          'Use that server, stop it, or choose another folder with --home.',
      )
    await delay(50)
  }
  for (const name of fs.readdirSync(path.dirname(file)))
    if (/^takeover-|^lock\.json\..*\.new$/.test(name) && !name.includes(content.token)) fs.rmSync(path.join(path.dirname(file), name), { force: true })
  return {
    holder: () => content,
    update: (change) => {
      content = { ...content, ...change }
      fs.renameSync(writeBeside(file, content), file)
    },
    release: () => {
      if (read(file)?.token === content.token) fs.rmSync(file, { force: true })
    },
  }
}

import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { VentralError } from '../../domain/errors.ts'
import { clientConfig, type Connection } from '../database.ts'
import { syncFolder } from '../durable-files.ts'
import { chooseAccount, type Account } from './account.ts'
import { findBinaries } from './binaries.ts'
import { clearStaleFiles, postmasterStatus, runningPostmaster, stopPostmaster } from './postmaster.ts'
import { assertDurable, serverSettings } from './settings.ts'

export type SocketConnection = Extract<Connection, { host: string }>

export interface EmbeddedPostgres {
  connection: SocketConnection
  /** pid of the server at the moment, for tests and diagnosis */
  pid(): number | null
  stop(): Promise<void>
}

export interface EmbeddedOptions {
  /** told what the operator should know: fallbacks, restarts */
  onNotice?: (text: string) => void
  /** how the server is run; chosen by the platform unless given */
  account?: Account
}

// The path of a unix socket has to fit 108 bytes, of which PostgreSQL's file name takes 20.
const LONGEST_FOLDER = 80
const environment = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' }

/**
 * Starts PostgreSQL on the cluster in `folder`, which is created when it is not there, as a child of this process, and
 * starts it again whenever it dies. A server that an earlier owner left running is shut down first, so that the server is
 * always the child of the folder's owner and goes when that goes. The caller holds the lock of the data folder.
 */
export const startEmbeddedPostgres = async (folder: string, { onNotice = () => {}, account: given }: EmbeddedOptions = {}): Promise<EmbeddedPostgres> => {
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
  const account = given ?? chooseAccount(folder, await findBinaries())
  if (account.notice !== null) onNotice(account.notice)
  const data = path.join(account.folder, 'data')
  const log = path.join(folder, 'server.log')
  const orphan = runningPostmaster(data)
  if (orphan !== null) await stopPostmaster(orphan, 1_500)
  if (!fs.existsSync(path.join(data, 'PG_VERSION'))) await createCluster(account, data)
  const socketFolder = chooseSocketFolder(account)
  const connection: SocketConnection = { host: socketFolder, port: 5432, user: 'ventral', database: 'postgres' }
  const clusterName = `ventral-${createHash('sha256').update(fs.realpathSync(data)).digest('hex').slice(0, 12)}`
  const settings = Object.entries(serverSettings(socketFolder, clusterName)).flatMap(([name, value]) => ['-c', `${name}=${value}`])

  let child: ChildProcess | null = null
  const stopping = new AbortController()

  const launch = async (): Promise<void> => {
    for (const end = Date.now() + 15_000; ; await delay(50)) {
      clearStaleFiles(data, socketFolder)
      const from = openLog(log)
      const [command, args] = account.command(account.binaries.postgres, ['-D', data, ...settings], true)
      // A session of its own: Ctrl-C in the terminal is for us, and we shut the database down when we are done.
      const started = spawn(command, args, { cwd: data, detached: true, stdio: ['ignore', from.fd, from.fd], env: environment, ...account.ids })
      fs.closeSync(from.fd)
      const outcome = await readiness(started, data)
      if (outcome === 'ready') {
        child = started
        started.once('exit', () => void relaunch())
        return
      }
      const reason = typeof outcome === 'string' ? readFrom(log, from.position) : outcome.message
      // Backends of a killed server end by themselves within moments; until then the new one refuses to start.
      if (Date.now() > end || !/pre-existing shared memory|lock file .* already exists/.test(reason))
        throw new VentralError('internal', `The database does not start: ${reason}`)
    }
  }

  const relaunch = async (): Promise<void> => {
    child = null
    for (let pause = 0; !stopping.signal.aborted; pause = Math.min(2 * pause + 100, 5_000)) {
      try {
        await delay(pause, undefined, { signal: stopping.signal })
        onNotice('The database server ended unexpectedly and is started again.')
        await launch()
        return
      } catch (error) {
        if (!stopping.signal.aborted) onNotice(error instanceof Error ? error.message : String(error))
      }
    }
  }

  await launch()
  const client = new pg.Client(clientConfig(connection))
  await client.connect()
  try {
    await assertDurable({ query: async (text, values) => ({ rows: (await client.query(text, values)).rows as never, rowCount: 0 }) })
  } finally {
    await client.end()
  }
  return {
    connection,
    pid: () => child?.pid ?? null,
    stop: async () => {
      stopping.abort()
      const pid = runningPostmaster(data) ?? child?.pid
      if (pid !== undefined) await stopPostmaster(pid, 10_000)
      if (!socketFolder.startsWith(account.folder)) fs.rmSync(path.dirname(socketFolder), { recursive: true, force: true })
    },
  }
}

/** Makes a cluster beside its place and renames it there whole: one that was killed half-way is begun anew. */
const createCluster = async (account: Account, data: string): Promise<void> => {
  const unfinished = `${data}.new`
  fs.rmSync(unfinished, { recursive: true, force: true })
  const locale = ['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C']
  const options = ['--username=ventral', '--auth=trust', '--data-checksums', '--no-instructions', ...locale]
  const [command, args] = account.command(account.binaries.initdb, ['-D', unfinished, ...options], true)
  const made = spawnSync(command, args, { cwd: '/', encoding: 'utf8', env: environment, ...account.ids })
  if (made.status !== 0)
    throw new VentralError('internal', `The database cannot be created in ${data}: ${(made.error?.message ?? made.stderr).trim()}`)
  fs.renameSync(unfinished, data)
  await syncFolder(account.folder)
}

/** Only the folder's mode guards the socket: inside our own 0700 folder, or in a new one of its own where that path is too long. */
const chooseSocketFolder = (account: Account): string => {
  const inside = path.join(account.folder, 'run')
  const folder = Buffer.byteLength(inside) <= LONGEST_FOLDER ? inside : path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'ventral-')), 'run')
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (account.owner !== null) fs.chownSync(folder, account.owner.uid, account.owner.gid)
  return folder
}

/**
 * Resolves when the server takes connections, or with why it never will. It says so in its pid file: trying to connect would
 * only fill its log with refusals.
 */
const readiness = async (child: ChildProcess, data: string): Promise<'ready' | 'exited' | Error> => {
  let failed: 'exited' | Error | null = null
  child.once('exit', () => (failed ??= 'exited'))
  child.once('error', (error) => (failed = error))
  for (const end = Date.now() + 60_000; Date.now() < end; await delay(10)) {
    if (failed !== null) return failed
    if (postmasterStatus(data, child.pid) === 'ready') return 'ready'
  }
  child.kill('SIGQUIT')
  return new Error('it is not ready within a minute')
}

/** The server's own messages go to a file: a pipe would break, and block it, once its parent is dead. */
const openLog = (log: string): { fd: number; position: number } => {
  const size = fs.existsSync(log) ? fs.statSync(log).size : 0
  const fd = fs.openSync(log, size > 5e6 ? 'w' : 'a', 0o600)
  return { fd, position: size > 5e6 ? 0 : size }
}

const readFrom = (file: string, position: number): string => fs.readFileSync(file).subarray(position).toString().trim().slice(-1_000)

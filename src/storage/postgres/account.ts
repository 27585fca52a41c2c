import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { VentralError } from '../../domain/errors.ts'
import type { Binaries } from './binaries.ts'

/** Under which user, from which folders and by which command the database runs. */
export interface Account {
  /** the cluster's parent folder: data and run lie in it */
  folder: string
  binaries: Binaries
  /** command line that runs a binary as this account; `bound` asks the kernel to stop it when this process dies */
  command(binary: string, args: string[], bound: boolean): [string, string[]]
  /** uid and gid for spawn, where no other program changes them */
  ids: { uid: number; gid: number } | Record<string, never>
  /** owner of the folders that the database writes; null: ourselves */
  owner: { uid: number; gid: number } | null
  /** something the operator should know, or null */
  notice: string | null
}

const NOBODY = 65534
// PostgreSQL refuses root. Another uid cannot reach a checkout under a 0700 folder; with just these two capabilities it can.
const capabilities = '-all,+dac_override,+dac_read_search'
const asOther = ({ uid, gid }: { uid: number; gid: number }): string[] => [
  `--reuid=${uid}`,
  `--regid=${gid}`,
  '--clear-groups',
  '--securebits=+no_setuid_fixup',
  `--inh-caps=${capabilities}`,
  `--ambient-caps=${capabilities}`,
  `--bounding-set=${capabilities}`,
]
// SIGINT is PostgreSQL's fast shutdown: what is acknowledged is on disk anyway, and the next start needs no recovery.
const stopWithParent = '--pdeathsig=INT'

const works = (command: string, args: string[]): boolean => spawnSync(command, args, { stdio: 'ignore', timeout: 10_000, env: {} }).status === 0

/** Owner of an existing cluster when that is an ordinary user, else nobody. */
const ownerOf = (data: string): { uid: number; gid: number } => {
  try {
    const { uid, gid } = fs.statSync(data)
    if (uid !== 0) return { uid, gid }
  } catch {
    // no cluster yet
  }
  return { uid: NOBODY, gid: NOBODY }
}

/**
 * Decides how to run the database for the cluster in `folder`. As an ordinary user: as ourselves. As root: under setpriv
 * as another user; where setpriv or a capability is missing: from copies in /var/lib/ventral that another user can reach.
 */
export const chooseAccount = (folder: string, binaries: Binaries): Account => {
  const linux = process.platform === 'linux'
  if (process.getuid?.() !== 0) {
    const setpriv = linux && works('setpriv', [stopWithParent, '--', binaries.initdb, '--version'])
    return {
      folder,
      binaries,
      command: (binary, args, bound) => (setpriv && bound ? ['setpriv', [stopWithParent, '--', binary, ...args]] : [binary, args]),
      ids: {},
      owner: null,
      notice: null,
    }
  }
  const owner = ownerOf(path.join(folder, 'data'))
  if (linux && works('setpriv', [...asOther(owner), stopWithParent, '--', binaries.initdb, '--version']))
    return {
      folder,
      binaries,
      command: (binary, args, bound) => ['setpriv', [...asOther(owner), ...(bound ? [stopWithParent] : []), '--', binary, ...args]],
      ids: {},
      owner,
      notice: null,
    }
  try {
    const account = copiedAccount(folder, binaries)
    const trial = spawnSync(account.binaries.initdb, ['--version'], { stdio: 'ignore', env: {}, ...account.ids })
    if (trial.status !== 0) throw trial.error ?? new Error(`initdb ended with ${trial.status}`)
    return account
  } catch (error) {
    const reason = (error as Error).message
    throw new VentralError(
      'internal',
      `PostgreSQL does not run as root, and no other account can be used here (${reason}). ` +
        'Run Ventral as an ordinary user, or name a database in DATABASE_URL.',
    )
  }
}

/** The fallback of `chooseAccount`; `shelf` is where the copies go. */
export const copiedAccount = (folder: string, binaries: Binaries, shelf = '/var/lib/ventral'): Account => {
  const short = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16)
  const root = path.join(shelf, `postgres-${short(`${binaries.root} ${fs.statSync(binaries.postgres).mtimeMs}`)}`)
  if (!fs.existsSync(root)) {
    const unfinished = `${root}.${process.pid}`
    fs.mkdirSync(shelf, { recursive: true, mode: 0o755 })
    fs.cpSync(binaries.root, unfinished, { recursive: true, verbatimSymlinks: true })
    fs.renameSync(unfinished, root)
  }
  const cluster = path.join(shelf, short(fs.realpathSync(folder)))
  const owner = ownerOf(path.join(cluster, 'data'))
  fs.mkdirSync(cluster, { recursive: true, mode: 0o700 })
  fs.chownSync(cluster, owner.uid, owner.gid) // without dac_override it has to own every folder it writes
  const inRoot = (file: string): string => path.join(root, path.relative(binaries.root, file))
  const copied: Binaries = { root, initdb: inRoot(binaries.initdb), postgres: inRoot(binaries.postgres) }
  return {
    folder: cluster,
    binaries: copied,
    command: (binary, args) => [binary, args],
    ids: owner,
    owner,
    notice: `PostgreSQL does not run as root, and setpriv with capabilities is not available here: the database of ${folder} lies in ${cluster}.`,
  }
}

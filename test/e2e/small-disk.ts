import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import path from 'node:path'
import readline from 'node:readline'
import pg from 'pg'
import type { Test } from 'tap'
import { findOwner } from '../../src/storage/home.ts'
import { temporaryFolder } from '../helper/home.ts'
import type { Service } from './service.ts'

const main = path.resolve(import.meta.dirname, '../../src/cli/main.ts')
// A mount of one's own: as root in a mount namespace, as an ordinary user in a user namespace as well.
const flags = process.getuid?.() === 0 ? ['-m'] : ['-U', '-r', '-m']
const mounted = 'mount -t tmpfs -o "size=$1" none "$0" && shift && exec "$@"'

/** Why no small disk can be had here, or false. */
export const cannotMount = (folder: string): string | false =>
  process.platform === 'linux' && spawnSync('unshare', [...flags, 'sh', '-c', mounted, folder, '1m', 'true'], { stdio: 'ignore' }).status === 0
    ? false
    : 'needs Linux and the right to mount a file system in a namespace'

/** A service whose data folder is a disk of so many bytes; its database is one of another service's server, so that only files can fill the disk. */
export const startOnSmallDisk = async (t: Test, bytes: number, databaseOf: Service, env: Record<string, string>): Promise<Pick<Service, 'url' | 'home'>> => {
  const { database } = (await findOwner(databaseOf.home))!
  const client = new pg.Client(database as pg.ClientConfig)
  await client.connect()
  await client.query('CREATE DATABASE small_disk')
  await client.end()
  const { host, user } = database as { host: string; user: string }
  const home = temporaryFolder(t)
  const command = [process.execPath, main, 'serve', '--home', home, '--port', '0', '--json']
  const child = spawn('unshare', [...flags, 'sh', '-c', mounted, home, String(bytes), ...command], {
    env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', DATABASE_URL: `postgresql://${user}@${encodeURIComponent(host)}/small_disk`, VENTRAL_THREADS: '1', VENTRAL_LOG_LEVEL: 'fatal', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const closed = once(child, 'close')
  t.teardown(async () => {
    child.kill('SIGTERM')
    await closed
  })
  const [line] = (await Promise.race([once(readline.createInterface({ input: child.stdout }), 'line'), closed.then(() => Promise.reject(new Error('serve ended')))])) as string[]
  // The mount is seen by the service only; this is the way to it from outside.
  return { url: (JSON.parse(line) as { url: string }).url, home: path.join(`/proc/${child.pid}/root`, fs.realpathSync(home)) }
}

import { fork, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { openContext, type PipelineContext } from '../../src/pipeline/context.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { processStart } from '../../src/storage/process-identity.ts'
import { chooseAccount, copiedAccount } from '../../src/storage/postgres/account.ts'
import { findBinaries } from '../../src/storage/postgres/binaries.ts'
import { startEmbeddedPostgres } from '../../src/storage/postgres/embedded.ts'
import { runningPostmaster } from '../../src/storage/postgres/postmaster.ts'
import { assertDurable } from '../../src/storage/postgres/settings.ts'
import { getDataset, insertDataset } from '../../src/storage/repositories/datasets.ts'
import { openTestContext, someDataset, temporaryFolder, testConfig } from '../helper/home.ts'

const root = process.getuid?.() === 0
const linux = process.platform === 'linux'

const gone = async (pid: number): Promise<void> => {
  for (const end = Date.now() + 10_000; processStart(pid) !== null; await delay(10)) if (Date.now() > end) throw new Error(`${pid} lives on`)
}

/** The writer, in a process of its own; `acknowledged` fills as it goes. */
const startWriter = async (home: string): Promise<{ child: ChildProcess; postgres: number; acknowledged: string[] }> => {
  const child = fork(path.join(import.meta.dirname, 'doubles', 'writer.ts'), [home], { stdio: ['ignore', 2, 2, 'pipe', 'ipc'] })
  const acknowledged: string[] = []
  let text = ''
  child.stdio[3]?.on('data', (chunk: Buffer) => {
    text += chunk.toString()
    acknowledged.push(...text.split('\n').slice(0, -1))
    text = text.split('\n').at(-1)!
  })
  const [message] = (await once(child, 'message')) as [{ ready: number }]
  return { child, postgres: message.ready, acknowledged }
}
const childrenOf = (pid: number): number[] =>
  spawnSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' })
    .stdout.trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([child, parent]) => (parent === pid ? [child] : []))

t.test('whoever is killed -9 in the middle of writing, the next owner opens within two seconds and every acknowledged row and blob is there', async (t) => {
  const home = path.join(temporaryFolder(t), 'home')
  const kills: [string, (writer: number, postgres: number) => number[]][] = [
    ['the owner', (writer) => [writer]],
    ['the owner, then its database and backends', (writer, postgres) => [writer, postgres, ...childrenOf(postgres)]],
    ['the database first', (writer, postgres) => [postgres, writer]],
    ['the backends, then everything', (writer, postgres) => [...childrenOf(postgres), postgres, writer]],
  ]
  const all: string[] = []
  const openings: number[] = []
  for (let round = 0; round < 4; round++) {
    const [name, victims] = kills[round % kills.length]
    const { child, postgres, acknowledged } = await startWriter(home)
    while (acknowledged.length < 3) await delay(5)
    await delay(100 * Math.random())
    for (const pid of victims(child.pid!, postgres)) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // a backend that has just ended
      }
    }
    await once(child, 'close')
    all.push(...acknowledged)
    const before = Date.now()
    const context = await openContext(testConfig(home))
    const opened = Date.now() - before
    openings.push(opened)
    t.comment(`${name}: opened in ${opened} ms`)
    for (const id of all) {
      const row = await getDataset(context.db, id)
      if ((await context.blobs.read(row.manifest)).toString() !== id) t.fail(`blob of ${id}`)
    }
    await context.close()
  }
  t.ok(openings.toSorted((a, b) => a - b)[1] < 2_000, `within two seconds: ${openings.join(', ')} ms`) // the median, since other tests share the machine
  t.ok(all.length >= 12, `${all.length} rows`)
})

t.test('the database goes with its owner', { skip: linux ? false : 'needs the parent-death signal of Linux' }, async (t) => {
  const { child, postgres } = await startWriter(path.join(temporaryFolder(t), 'home'))
  child.kill('SIGKILL')
  await gone(postgres)
})

t.test('a server that an earlier owner left running is replaced by one of our own', async (t) => {
  const folder = path.join(temporaryFolder(t), 'postgres')
  const account = chooseAccount(folder, await findBinaries())
  const first = await startEmbeddedPostgres(folder, { account })
  await first.stop()
  // as where no parent-death signal exists: without it, in a session of its own
  const settings = ['-c', `unix_socket_directories=${path.join(folder, 'run')}`, '-c', 'listen_addresses=']
  const [command, args] = account.command(account.binaries.postgres, ['-D', path.join(folder, 'data'), ...settings], false)
  const orphan = spawn(command, args, { detached: true, stdio: 'ignore', ...account.ids })
  while (runningPostmaster(path.join(folder, 'data')) !== orphan.pid) await delay(10)
  const next = await startEmbeddedPostgres(folder, { account })
  t.not(next.pid(), orphan.pid)
  await gone(orphan.pid ?? 0)
  await next.stop()
})

t.test('a pid in postmaster.pid that belongs to a zombie or to somebody else does not stop the start', async (t) => {
  const folder = path.join(temporaryFolder(t), 'postgres')
  const first = await startEmbeddedPostgres(folder)
  const file = path.join(folder, 'data', 'postmaster.pid')
  const left = fs.readFileSync(file, 'utf8').split('\n')
  await first.stop()
  const owner = fs.statSync(path.join(folder, 'data')).uid
  // a process of the same user as the server's, as a recycled pid may be
  const other = spawn('sleep', ['60'], { stdio: 'ignore', ...(root ? { uid: owner, gid: owner } : {}) })
  t.teardown(() => other.kill('SIGKILL'))
  for (const pid of [other.pid, process.pid, 2 ** 22 - 1]) {
    fs.writeFileSync(file, [String(pid), ...left.slice(1)].join('\n'))
    if (root) fs.chownSync(file, owner, owner)
    fs.writeFileSync(path.join(folder, 'run', '.s.PGSQL.5432.lock'), [String(pid), ...left.slice(1)].join('\n'))
    const next = await startEmbeddedPostgres(folder)
    await next.stop()
  }
  t.equal(other.exitCode ?? other.signalCode, null, 'and is left alone')
})

t.test('a cluster whose creation was cut short is begun anew', async (t) => {
  const folder = path.join(temporaryFolder(t), 'postgres')
  fs.mkdirSync(path.join(folder, 'data.new', 'base'), { recursive: true })
  fs.writeFileSync(path.join(folder, 'data.new', 'PG_VERSION'), '18')
  const server = await startEmbeddedPostgres(folder)
  await server.stop()
  t.same(fs.readdirSync(folder).toSorted(), ['data', 'run', 'server.log'])
})

t.test('a socket path that is too long is replaced by a short one, which goes with the server', async (t) => {
  const folder = path.join(temporaryFolder(t), 'a-long-name-'.repeat(8), 'postgres')
  const server = await startEmbeddedPostgres(folder)
  t.ok(server.connection.host.length < 80)
  t.equal(fs.statSync(path.dirname(server.connection.host)).mode & 0o777, 0o700)
  await server.stop()
  t.notOk(fs.existsSync(path.dirname(server.connection.host)))
})

t.test('a server that is killed alone is started again, and the pool finds it', async (t) => {
  const context = await openTestContext(t)
  await insertDataset(context.db, someDataset('before'))
  const killed = context.home.postgres!.pid()!
  process.kill(killed, 'SIGKILL')
  await gone(killed)
  // a statement that was under way may fail with `busy`; one that comes afterwards waits for the server
  const answer = await context.db.query('SELECT 1').catch(() => context.db.query('SELECT 1'))
  t.equal(answer.rowCount, 1)
  t.equal((await getDataset(context.db, 'before')).id, 'before')
  t.not(context.home.postgres!.pid(), killed)
})

t.test('a second owner is refused, a guest is let in, and nobody without a server', async (t) => {
  const context = await openTestContext(t)
  await t.rejects(openContext(context.config), { code: 'home-in-use' })
  const guest = await openContext(context.config, { attach: true })
  await insertDataset(guest.db, someDataset('from a guest'))
  await guest.close()
  t.equal((await getDataset(context.db, 'from a guest')).id, 'from a guest')
  await t.rejects(openContext(testConfig(path.join(temporaryFolder(t), 'nobody')), { attach: true }), { code: 'busy', message: /ventral serve/ })
})

t.test('a database elsewhere serves several data folders, whose workers need no server beside them', async (t) => {
  const { connection } = (await openTestContext(t)).home
  const databaseUrl = 'host' in connection ? `postgresql://ventral@localhost:5432/postgres?host=${encodeURIComponent(connection.host)}` : ''
  const open = (attach: boolean): Promise<PipelineContext> => openContext({ ...testConfig(path.join(temporaryFolder(t), 'home')), databaseUrl }, { attach })
  const [one, two, guest] = [await open(false), await open(false), await open(true)]
  t.teardown(() => Promise.all([one.close(), two.close(), guest.close()]))
  t.equal(one.home.postgres, null)
  await insertDataset(one.db, someDataset('elsewhere'))
  t.equal((await getDataset(two.db, 'elsewhere')).id, 'elsewhere')
  t.equal(await guest.queue.jobState('00000000-0000-4000-8000-000000000000'), 'none')
})

t.test('a server that does not sync, or does not check its pages, is refused', async (t) => {
  const context = await openTestContext(t)
  await t.resolves(assertDurable(context.db))
  const unsafe = { query: async () => ({ rows: [{ name: 'fsync', setting: 'off' }] as never, rowCount: 1 }) }
  await t.rejects(assertDurable(unsafe), /without fsync, full_page_writes/)
  const { rows } = await context.db.query<{ synchronous_commit: string }>('SHOW synchronous_commit')
  t.equal(rows[0].synchronous_commit, 'on')
  await context.db.query(`ALTER ROLE ventral SET synchronous_commit = off`)
  const later = openDatabase(context.home.connection)
  t.same((await later.query('SHOW synchronous_commit')).rows, [{ synchronous_commit: 'on' }], 'whatever the role says')
  await later.close()
})

t.test('as root, binaries under a folder that only root can enter are run', { skip: root && linux ? false : 'needs root on Linux' }, async (t) => {
  const closed = temporaryFolder(t) // 0700
  const { root: native } = await findBinaries()
  fs.cpSync(native, path.join(closed, 'native'), { recursive: true, verbatimSymlinks: true })
  const bin = path.join(closed, 'native', 'bin')
  const binaries = { root: path.dirname(bin), initdb: path.join(bin, 'initdb'), postgres: path.join(bin, 'postgres') }
  const folder = path.join(closed, 'home', 'postgres')
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
  const account = chooseAccount(folder, binaries)
  t.equal(account.notice, null)
  const server = await startEmbeddedPostgres(folder, { account })
  t.match(fs.readFileSync(`/proc/${server.pid()}/status`, 'utf8'), /^Uid:\s+65534\s+65534/m)
  await server.stop()
})

t.test('as root without setpriv, copies in a folder of their own are run', { skip: root ? false : 'needs root' }, async (t) => {
  const folder = temporaryFolder(t)
  const shelf = path.join(temporaryFolder(t), 'var')
  fs.chmodSync(path.dirname(shelf), 0o755)
  const notices: string[] = []
  for (let time = 0; time < 2; time++) {
    const account = copiedAccount(folder, await findBinaries(), shelf)
    const server = await startEmbeddedPostgres(folder, { account, onNotice: (text) => notices.push(text) })
    await server.stop()
  }
  t.match(notices, [/PostgreSQL does not run as root/, /lies in/])
  t.equal(fs.readdirSync(shelf).length, 2, 'one copy, one cluster')
})

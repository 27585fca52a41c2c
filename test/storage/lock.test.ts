import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { acquireLock, readLock, type LockHolder } from '../../src/storage/lock.ts'
import { pidSpace, processStart } from '../../src/storage/process-identity.ts'
import { temporaryFolder } from '../helper/home.ts'

const holder = (change: Partial<LockHolder>): LockHolder => ({
  token: 'earlier',
  pid: process.pid,
  processStart: processStart(process.pid)!,
  pidSpace: pidSpace(),
  database: null,
  url: null,
  ...change,
})
const lockFile = (t: Parameters<typeof temporaryFolder>[0], content?: LockHolder | string): string => {
  const file = path.join(temporaryFolder(t), 'lock.json')
  if (content !== undefined) fs.writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}
const deadPid = async (): Promise<number> => {
  const child = spawn('true')
  await once(child, 'exit')
  return child.pid!
}

t.test('a second owner is refused while the first lives, and welcome afterwards', async (t) => {
  const file = lockFile(t)
  const lock = await acquireLock(file)
  lock.update({ url: 'http://127.0.0.1:1234' })
  t.match(await readLock(file), { pid: process.pid, url: 'http://127.0.0.1:1234' })
  await t.rejects(acquireLock(file, 0), { code: 'home-in-use', message: /127\.0\.0\.1:1234/ })
  lock.release()
  t.equal(await readLock(file), null)
  const next = await acquireLock(file)
  lock.release() // a former owner does not free another's lock
  t.match(await readLock(file), { pid: process.pid, token: next.holder().token })
  next.release()
  t.same(fs.readdirSync(path.dirname(file)), [])
})

t.test('the lock of a dead process, of a recycled pid, of an earlier boot, or torn by a power cut is taken over', async (t) => {
  for (const stale of [
    holder({ pid: await deadPid() }),
    holder({ processStart: 'another time' }),
    holder({ pidSpace: 'another boot' }),
    holder({ pidSpace: 'another container', database: { host: '/nonexistent', port: 5432, user: 'x', database: 'x' } }),
    '{"token": "ha',
    '',
  ]) {
    const file = lockFile(t, stale)
    t.equal(await readLock(file), null)
    const lock = await acquireLock(file, 0)
    t.equal((await readLock(file))?.token, lock.holder().token)
    t.same(fs.readdirSync(path.dirname(file)), ['lock.json'])
  }
})

t.test('a zombie holds no lock', { skip: process.platform === 'linux' ? false : 'looks into /proc' }, async (t) => {
  // sh starts a process, becomes sleep before that one ends, and so never waits for it
  const parent = spawn('sh', ['-c', 'sleep 0.3 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] })
  t.teardown(() => parent.kill('SIGKILL'))
  const [text] = (await once(parent.stdout, 'data')) as [Buffer]
  const pid = Number(text.toString())
  while (!fs.readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')) await delay(10)
  t.doesNotThrow(() => process.kill(pid, 0), 'it still looks alive')
  const start = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')[19]
  const file = lockFile(t, holder({ pid, processStart: start }))
  await acquireLock(file, 0)
})

t.test('of many processes that find a dead lock at the same time, one gets it', async (t) => {
  const contender = path.join(import.meta.dirname, 'doubles', 'contender.ts')
  for (let round = 0; round < 2; round++) {
    const file = lockFile(t, holder({ pid: await deadPid() }))
    fs.writeFileSync(path.join(path.dirname(file), 'takeover-earlier'), JSON.stringify(holder({ token: 'died-at-it', pid: await deadPid() })))
    const children = Array.from({ length: 6 }, () => fork(contender, [file]))
    await Promise.all(children.map((child) => once(child, 'message')))
    const answers = children.map((child) => once(child, 'message'))
    for (const child of children) child.send('go')
    const got = (await Promise.all(answers)).map(([message]) => message as string)
    t.same(got.toSorted(), ['home-in-use', 'home-in-use', 'home-in-use', 'home-in-use', 'home-in-use', 'owner'])
    t.equal((await readLock(file))?.pid, children[got.indexOf('owner')].pid)
    await Promise.all(children.map((child) => { child.kill('SIGKILL'); return once(child, 'exit') })) // prettier-ignore
  }
})

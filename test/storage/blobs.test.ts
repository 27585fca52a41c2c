import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import t from 'tap'
import { openBlobStore } from '../../src/storage/blobs.ts'
import { translateFileError } from '../../src/storage/durable-files.ts'
import { openGramCache } from '../../src/storage/gram-cache.ts'
import { temporaryFolder } from '../helper/home.ts'

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const files = (folder: string): string[] => {
  const entries = fs.readdirSync(folder, { recursive: true, withFileTypes: true })
  return entries.flatMap((entry) => (entry.isFile() ? [entry.name] : [])).sort()
}

t.test('bytes, streams and files are stored under their sha256, once', async (t) => {
  const root = temporaryFolder(t)
  const blobs = await openBlobStore(root)
  const bytes = Buffer.from('firing rates')
  const name = sha256(bytes)
  t.same(await blobs.put(bytes), { sha256: name, bytes: 12 })
  t.same(await blobs.put((async function* () { yield bytes.subarray(0, 5); yield bytes.subarray(5) })()), { sha256: name, bytes: 12 }) // prettier-ignore
  const file = path.join(temporaryFolder(t), 'upload')
  fs.writeFileSync(file, bytes)
  t.same(await blobs.put(file), { sha256: name, bytes: 12 })
  t.ok(fs.existsSync(file), 'copied')
  t.same(await blobs.put(file, { move: true }), { sha256: name, bytes: 12 })
  t.notOk(fs.existsSync(file), 'moved')
  t.same(files(root), [name])
  t.equal(fs.readFileSync(blobs.path(name), 'utf8'), 'firing rates')
  t.equal(await blobs.size(name), 12)
  t.same(await blobs.put(Buffer.alloc(0)), { sha256: sha256(Buffer.alloc(0)), bytes: 0 })
})

t.test('ranges are read from start up to but without end', async (t) => {
  const blobs = await openBlobStore(temporaryFolder(t))
  const { sha256: name } = await blobs.put(Buffer.from('0123456789'))
  const streamed = async (range?: { start?: number; end?: number }): Promise<string> => (await blobs.stream(name, range).toArray()).join('')
  for (const [range, want] of [
    [{ start: 2, end: 5 }, '234'],
    [{ start: 8 }, '89'],
    [{ end: 1 }, '0'],
    [{ start: 4, end: 4 }, ''],
    [{ start: 8, end: 99 }, '89'],
  ] as const) {
    t.equal((await blobs.read(name, range)).toString(), want)
    t.equal(await streamed(range), want)
  }
  t.equal(await streamed(), '0123456789')
})

t.test('what is not there is said so, and a name that is no sha256 never becomes a path', async (t) => {
  const blobs = await openBlobStore(temporaryFolder(t))
  const none = 'f'.repeat(64)
  t.equal(await blobs.has(none), false)
  t.equal(await blobs.delete(none), false)
  await t.rejects(blobs.read(none), { code: 'not-found' })
  await t.rejects(blobs.size(none), { code: 'not-found' })
  t.throws(() => blobs.path('../../etc/passwd'), /not a sha256/)
})

t.test('a source that fails or is aborted leaves nothing', async (t) => {
  const root = temporaryFolder(t)
  const blobs = await openBlobStore(root)
  await t.rejects(blobs.put((async function* () { yield Buffer.from('half'); throw new Error('torn') })()), /torn/) // prettier-ignore
  await t.rejects(blobs.put(Buffer.from('x'), { signal: AbortSignal.abort() }))
  await t.rejects(blobs.put(path.join(root, 'no such file')))
  t.same(files(root), [])
})

t.test('a full disk is the user’s error', async (t) => {
  t.match(translateFileError(Object.assign(new Error('no space'), { code: 'ENOSPC' })), { code: 'disk-full' })
  const other = new Error('other')
  t.equal(translateFileError(other), other)
})

// A file system of its own with little room, where this process may mount one.
const smallDisk = (): { folder: string } | { skip: string } => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ventral-full-'))
  if (process.getuid?.() === 0 && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'none', folder]).status === 0) return { folder }
  fs.rmdirSync(folder)
  return { skip: 'needs the right to mount a small file system' }
}
const disk = smallDisk()

t.test('a full disk while storing leaves nothing half-written and the store usable', { skip: 'skip' in disk ? disk.skip : false }, async (t) => {
  const root = 'folder' in disk ? disk.folder : ''
  t.teardown(() => {
    spawnSync('umount', [root])
    fs.rmdirSync(root)
  })
  const blobs = await openBlobStore(root)
  const stream = async function* (): AsyncGenerator<Buffer> {
    for (let i = 0; i < 16; i++) yield Buffer.alloc(65_536, i)
  }
  await t.rejects(blobs.put(stream()), { code: 'disk-full' })
  t.same(files(root), [])
  t.equal((await blobs.put(Buffer.alloc(1000))).bytes, 1000)
  const cache = await openGramCache(path.join(root, 'grams'), 1e9)
  await t.rejects(cache.put('a', gram(1e6)), { code: 'disk-full' })
  t.equal(files(root).length, 1)
})

t.test('the owner sweeps what killed writers left, others what is old', async (t) => {
  const root = temporaryFolder(t)
  fs.mkdirSync(path.join(root, 'incoming'))
  fs.writeFileSync(path.join(root, 'incoming', 'left'), 'x')
  await openBlobStore(root)
  await openBlobStore(root, { sweepOlderThanMs: 3_600_000 })
  t.same(files(root), ['left'])
  await openBlobStore(root, { sweepOlderThanMs: 0 })
  t.same(files(root), [])
})

const gram = (bytes: number) => (file: string) => fs.writeFileSync(file, Buffer.alloc(bytes, 7))
const age = (folder: string, held: { path: string }, seconds: number): void => {
  const inode = fs.statSync(held.path).ino
  const file = fs.readdirSync(folder).find((name) => fs.statSync(path.join(folder, name)).ino === inode)!
  fs.utimesSync(path.join(folder, file), Date.now() / 1000 - seconds, Date.now() / 1000 - seconds)
}

t.test('the Gram cache drops the least recently used, never what is held', async (t) => {
  const folder = temporaryFolder(t)
  const cache = await openGramCache(folder, 250)
  const a = await cache.put('a', gram(100))
  const b = await cache.put('b', gram(100))
  age(folder, a, 100)
  age(folder, b, 50)
  await b.release()
  const c = await cache.put('c', gram(100)) // 300 bytes: a is the oldest but held, so b goes
  t.equal(await cache.acquire('b'), null)
  const a2 = await cache.acquire('a')
  t.equal(fs.statSync(a2!.path).size, 100)
  await Promise.all([a.release(), a2!.release(), c.release()])
  await (await cache.put('d', gram(100))).release() // a was used last before d: c goes
  t.not(await cache.acquire('a').then(async (held) => { await held?.release(); return held }), null) // prettier-ignore
  t.equal(await cache.acquire('c'), null)
})

t.test('a held Gram file can be read after its key was evicted or replaced, and a failed write leaves nothing', async (t) => {
  const folder = temporaryFolder(t)
  const cache = await openGramCache(folder, 1000)
  const held = await cache.put('a', gram(10))
  await cache.discard('a')
  t.equal(await cache.acquire('a'), null)
  const newer = await cache.put('a', gram(20))
  t.equal(fs.readFileSync(held.path).length, 10)
  t.equal(fs.readFileSync((await cache.acquire('a'))!.path).length, 20)
  await held.release()
  await newer.release()
  await t.rejects(cache.put('b', (file) => { fs.writeFileSync(file, 'half'); throw new Error('torn') }), /torn/) // prettier-ignore
  t.equal(await cache.acquire('b'), null)
  t.equal(files(folder).length, 2, 'the newer file under its name, and the hold of it that was not released')
})

t.test('what a killed holder held is freed by the next owner', async (t) => {
  const folder = temporaryFolder(t)
  const cache = await openGramCache(folder, 150)
  await cache.put('a', gram(100)) // never released
  const again = await openGramCache(folder, 150, { sweep: true })
  await (await again.put('b', gram(100))).release()
  t.equal(await again.acquire('a'), null)
})

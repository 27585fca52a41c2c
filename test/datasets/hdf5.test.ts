import fs from 'node:fs'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { maxSlabBytes, openHdf5 } from '../../src/datasets/hdf5/client.ts'
import { encodeFrame, encodeJson, frameKinds, frameReader } from '../../src/datasets/hdf5/frames.ts'
import { isListing, isStrings } from '../../src/datasets/hdf5/protocol.ts'
import { spawnSandboxed } from '../../src/numerics/sandbox.ts'
import { sourceFile } from '../../src/datasets/source-file.ts'
import { refuses, workFolder, writeFile } from './fixtures.ts'

const reference = (name: string) => sourceFile(path.resolve(import.meta.dirname, '../reference/hdf5', name))

t.test('reads numbers and strings of every stored kind', async (t) => {
  const h5 = await openHdf5(reference('kinds.h5'))
  t.teardown(() => h5.close())
  t.same([...h5.objects.keys()].toSorted(), ['big', 'fixed', 'long', 'packed', 'utf8', 'variable'], 'datasets of the root, no groups')
  t.same(await h5.strings('fixed', 0, 2), ['dog', 'caf\u00e9'])
  t.same(await h5.strings('variable', 0, 2), ['dog', 'caf\u00e9'])
  t.same(await h5.strings('utf8', 1, 2), ['caf\u00e9'])
  t.same(await h5.numbers('big', 0, 2), new Float32Array([1.5, -2, 3, 4]))
  t.same(await h5.numbers('packed', 1, 4), new Float64Array([2, 3, 4, 5, 6, 7]), 'a slab across chunks')
  t.same(await h5.numbers('long', 0, 2), new BigInt64Array([-1n, 2n ** 40n]))
  await t.rejects(h5.numbers('packed', 0, 7), RangeError)
  await t.rejects(h5.strings('packed', 0, 2), RangeError)
})

t.test('data outside the file are refused before they are read', async (t) => {
  for (const [name, found] of [
    ['external_link.h5', '/etc/passwd'],
    ['soft_link.h5', '/real'],
    ['virtual.h5', 'virtual dataset'],
  ] as const) {
    await refuses(t, () => openHdf5(reference(name)), 'unsafe-path', name, found)
  }
  for (const [name, found] of [
    ['external_storage.h5', '/etc/passwd'],
    ['own_storage.h5', '/data.h5'],
  ] as const) {
    const h5 = await openHdf5(reference(name))
    await refuses(t, () => h5.numbers('spikes_train', 0, 4), 'unsafe-path', name, found)
    await h5.close()
  }
})

t.test('what cannot be read within bounds is refused', async (t) => {
  await refuses(t, () => openHdf5(reference('huge_chunks.h5')), 'unsupported-format', 'spikes_train', '80000000 bytes')
  await refuses(t, () => openHdf5(reference('filter_lzf.h5')), 'unsupported-format', 'filter 32000')
  const half = await openHdf5(reference('half.h5'))
  await refuses(t, () => half.numbers('spikes_train', 0, 4), 'unsupported-dtype', 'float of 2 bytes')
  await half.close()
  t.ok(maxSlabBytes <= 64e6)
})

t.test('damage: cut off, overwritten, no HDF5 at all', async (t) => {
  const folder = workFolder(t)
  const bytes = fs.readFileSync(reference('kinds.h5').path)
  await refuses(t, () => openHdf5(writeFile(folder, 'cut.h5', bytes.subarray(0, bytes.length / 2))), 'damaged-file', 'cut.h5', 'not an intact HDF5 file')
  await refuses(t, () => openHdf5(writeFile(folder, 'text.h5', 'hello')), 'unsupported-format', 'text.h5 is not an HDF5 file')
  // Whatever single bytes are wrong: an answer or a VentralError, never a crash of this process, never a hang.
  for (let i = 0; i < 8; i++) {
    const wrong = Buffer.from(bytes)
    for (let k = 0; k < 20; k++) wrong[520 + ((i * 7919 + k * 104729) % (bytes.length - 520))] ^= 1 + ((i + k) % 255)
    try {
      const h5 = await openHdf5(writeFile(folder, 'wrong.h5', wrong), { timeoutMs: 5000 })
      for (const { name, type, shape } of h5.objects.values()) if (type === 'float' && shape[0] <= 6) await h5.numbers(name, 0, shape[0])
      await h5.close()
    } catch (error) {
      t.equal((error as Error).name, 'VentralError', (error as Error).message)
    }
  }
})

t.test('a child that takes too long is killed; an abort kills it too', async (t) => {
  await refuses(t, () => openHdf5(reference('kinds.h5'), { timeoutMs: 1 }), 'damaged-file', 'over 0.001 s')
  const abort = new AbortController()
  const h5 = await openHdf5(reference('kinds.h5'), { signal: abort.signal })
  abort.abort(new Error('cancelled'))
  await t.rejects(h5.numbers('packed', 0, 6), { message: 'cancelled' })
  await h5.close()
})

t.test('the sandbox: no environment, no files, no processes, no threads, bounded memory', async (t) => {
  const folder = workFolder(t)
  const run = async (body: string): Promise<string> => {
    const script = writeFile(folder, 'try.mjs', body)
    const descriptor = fs.openSync(reference('half.h5').path, 'r')
    const child = spawnSandboxed({ script: script.path, args: ['x'], readable: [script.path], descriptor })
    fs.closeSync(descriptor)
    child.stdin!.end()
    return text(child.stdout!)
  }
  const tried: unknown = JSON.parse(
    await run(`import fs from 'node:fs'; import { spawnSync } from 'node:child_process'; import { Worker } from 'node:worker_threads'
      const code = (f) => { try { f(); return 'allowed' } catch (e) { return e.code } }
      console.log(JSON.stringify({
        env: Object.keys(process.env), args: process.argv.slice(2), inherited: fs.readSync(3, Buffer.alloc(4), 0, 4, 0),
        read: code(() => fs.readFileSync('/etc/hostname')), reopen: code(() => fs.openSync('/proc/self/fd/3')), list: code(() => fs.readdirSync('/')),
        write: code(() => fs.writeFileSync('${folder}/written', 'x')),
        spawn: code(() => spawnSync('true')), thread: code(() => new Worker('1', { eval: true })),
      }))`),
  )
  const denied = 'ERR_ACCESS_DENIED'
  t.same(tried, { env: [], args: ['x'], inherited: 4, read: denied, reopen: denied, list: denied, write: denied, spawn: denied, thread: denied })
  t.notOk(fs.existsSync(path.join(folder, 'written')))
  const greedy = 'const held = []; for (let i = 0; i < 40; i++) { held.push(Buffer.alloc(5e7, 1)); process.stdout.write(`${i} `) }'
  const blocks = (await run(greedy)).trim().split(' ').length
  t.ok(blocks < 40, `2 GB are not to be had, only ${blocks * 50} MB`, process.platform === 'linux' ? {} : { skip: 'memory limits are Linux only' })
})

t.test('frames: split and joined anywhere, bounded, of known kinds', async (t) => {
  const parts = Buffer.concat([
    ...encodeJson({ a: 1 }),
    ...encodeFrame(frameKinds.bytes, new Uint8Array([1, 2, 3])),
    ...encodeFrame(frameKinds.bytes, new Uint8Array(0)),
  ])
  for (const size of [1, 3, 7, parts.length]) {
    const pieces = Array.from({ length: Math.ceil(parts.length / size) }, (_, i) => parts.subarray(i * size, (i + 1) * size))
    const next = frameReader(
      (async function* () {
        yield* pieces
      })(),
    )
    t.same(JSON.parse((await next(100))!.payload.toString()), { a: 1 })
    t.same([...(await next(3))!.payload], [1, 2, 3])
    t.equal((await next(0))!.payload.length, 0)
    t.equal(await next(100), null)
  }
  const reader = (bytes: Buffer) =>
    frameReader(
      (async function* () {
        yield bytes
      })(),
    )
  await t.rejects(reader(parts)(6), { message: /7 bytes where at most 6/ })
  await t.rejects(reader(Buffer.from([0, 0, 0, 0, 9]))(6), { message: /unknown kind 9/ })
  await t.rejects(reader(parts.subarray(0, 8))(100), { message: /ended within a frame/ })
})

t.test('answers of a child that was taken over are checked', async (t) => {
  const object = { name: 'a', shape: [1], dimensions: [null], attributes: {}, chunks: null, type: 'float', size: 4, signed: false, variableLength: false, utf8: false, filters: [] }
  t.ok(isListing({ objects: [object], groups: [], attributes: {} }))
  for (const wrong of [{ shape: [-1] }, { shape: [1.5] }, { shape: 'x' }, { size: null }, { type: 'object' }, { filters: [null] }, { name: 1 }]) {
    t.notOk(isListing({ objects: [{ ...object, ...wrong }], groups: [], attributes: {} }), JSON.stringify(wrong))
  }
  for (const wrong of [null, [], { objects: null }, { objects: [null] }]) t.notOk(isListing(wrong))
  t.ok(isStrings(['a'], 1))
  for (const wrong of [['a', 'b'], [1], 'a', ['x'.repeat(2000)]]) t.notOk(isStrings(wrong, 1))
})

import fs from 'node:fs'
import t from 'tap'
import { decodeNpy, decodeNpyText, encodeNpy } from '../../src/numerics/npy.ts'
import { decodeNpz, encodeNpz } from '../../src/numerics/npz.ts'

const { archives } = JSON.parse(fs.readFileSync(new URL('../reference/npy/arrays.json', import.meta.url), 'utf8')) as { archives: { name: string; bytes: string }[] }
const example = { weights: encodeNpy(Float32Array.from({ length: 600 }, (_, i) => i), [3, 200]), site_id: encodeNpy(['a', 'ç'], [2]) }
const deflated = Buffer.from(archives.find(({ name }) => name === 'deflated')!.bytes, 'base64')
const directory = deflated.indexOf(Buffer.from('PK\x01\x02', 'latin1'))
const changed = (bytes: Uint8Array, change: (copy: Buffer) => void): Buffer => {
  const copy = Buffer.from(bytes)
  change(copy)
  return copy
}

t.test("NumPy's archives, stored and deflated", async (t) => {
  t.equal(archives.length, 2)
  for (const { name, bytes } of archives) {
    const files = await decodeNpz(Buffer.from(bytes, 'base64'), name)
    t.same([...files.keys()], ['activations', 'stimulus_id'])
    const { shape, data } = decodeNpy(files.get('activations')!, name)
    t.same(shape, [3, 200])
    t.ok(data.every((x, i) => x === i))
    t.same(decodeNpyText(files.get('stimulus_id')!, name).values, ['a', 'b', 'ç'])
  }
})

t.test('what is written is read back, and is the same each time', async (t) => {
  const bytes = await encodeNpz(example)
  const files = await decodeNpz(bytes, 'x')
  t.same([...files.keys()], Object.keys(example))
  for (const [name, array] of Object.entries(example)) t.ok(Buffer.from(files.get(name)!).equals(array), name)
  await new Promise((resolve) => setTimeout(resolve, 10))
  t.ok(Buffer.from(bytes).equals(await encodeNpz(example)))
  t.same(await decodeNpz(await encodeNpz({}), 'x'), new Map())
})

t.test('archives beyond the limits are refused before they are unpacked', async (t) => {
  const bytes = await encodeNpz(example)
  await t.rejects(decodeNpz(bytes, 'a.npz', { maxBytes: 2500 }), { code: 'archive-bomb', message: /a\.npz/ })
  await t.rejects(decodeNpz(bytes, 'a.npz', { maxEntries: 1 }), { code: 'archive-bomb' })
  t.equal((await decodeNpz(bytes, 'a.npz', { maxBytes: 10_000, maxEntries: 2 })).size, 2)
  // A deflated entry that states 10 bytes and unpacks to more.
  await t.rejects(decodeNpz(changed(deflated, (copy) => copy.writeUInt32LE(10, directory + 24)), 'a.npz'), { code: 'damaged-file' })
})

t.test('damaged archives are refused', async (t) => {
  const bytes = Buffer.from(await encodeNpz(example))
  await t.rejects(decodeNpz(changed(deflated, (copy) => (copy[directory + 8] |= 1)), 'a.npz'), { code: 'unsupported-format', message: /password/ })
  const cases: Record<string, Buffer> = {
    empty: Buffer.alloc(0),
    'no archive': Buffer.from('\x93NUMPY and more', 'latin1'),
    'cut off': bytes.subarray(0, bytes.length - 30),
    'a changed value': changed(bytes, (copy) => (copy[500] ^= 1)),
    'an entry twice': changed(await encodeNpz({ a1: example.site_id, a2: example.site_id }), (copy) => {
      for (let at = copy.indexOf('a2.npy'); at >= 0; at = copy.indexOf('a2.npy')) copy.write('a1', at)
    }),
  }
  for (const [what, file] of Object.entries(cases)) await t.rejects(decodeNpz(file, 'a.npz'), { code: 'damaged-file', message: /a\.npz/ }, what)
})

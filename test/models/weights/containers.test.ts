import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { readCheckpoint } from '../../../src/models/weights/open-checkpoint.ts'
import { floats, legacyCheckpoint, op, storage, tensor, zipCheckpoint } from './checkpoint-builder.ts'

const entry = (key: string, elements: number, name = 'w', legacy = false): [Buffer, Buffer] => [op.text(name), tensor(storage(key, elements, { legacy }), { shape: [elements], stride: [1] })]
const good = op.dict(entry('0', 2))

t.test('legacy: storages come in the order of the list of keys', async (t) => {
  const root = op.dict(entry('a', 1, 'first', true), entry('b', 2, 'second', true))
  const read = await readCheckpoint(legacyCheckpoint(root, [['b', 2, floats(5, 6)], ['a', 1, floats(7)]]), 'file.th')
  t.strictSame([...read].map(([name, { data }]) => [name, [...data]]), [['first', [7]], ['second', [5, 6]]])
})

t.test('legacy: a view of a storage (PyTorch before 0.4)', async (t) => {
  const view = storage('a', 4, { view: op.tuple(op.text('v'), op.int(1), op.int(3)) })
  const root = op.dict([op.text('w'), tensor(view, { offset: 1, shape: [2], stride: [1] })])
  const read = await readCheckpoint(legacyCheckpoint(root, [['a', 4, floats(1, 2, 3, 4)]]), 'file.th')
  t.strictSame([...read.get('w')!.data], [3, 4])
})

t.test('legacy: what does not add up is damaged', async (t) => {
  const cases: [RegExp, Buffer][] = [
    [/no tensor uses/, legacyCheckpoint(good, [['0', 2, floats(1, 2)], ['9', 1, floats(1)]])],
    [/is missing/, legacyCheckpoint(good, [])],
    [/holds 1 elements/, legacyCheckpoint(good, [['0', 1, floats(1)]])],
    [/lists the storage "0" twice/, legacyCheckpoint(good, [['0', 2, floats(1, 2)], ['0', 2, floats(1, 2)]])],
    [/of -1 elements runs past the end/, legacyCheckpoint(good, [['0', -1, floats(1, 2)]])],
    [/runs past the end/, legacyCheckpoint(good, [['0', 2 ** 50, floats(1, 2)]])],
    [/both float32 and float64/, legacyCheckpoint(op.dict(entry('0', 2), [op.text('v'), tensor(storage('0', 2, { type: 'DoubleStorage' }), { shape: [2], stride: [1] })]), [['0', 2, floats(1, 2)]])],
  ]
  for (const [message, file] of cases) await t.rejects(readCheckpoint(file, 'file.pth'), { code: 'damaged-file', message })
})

t.test('another byte order is refused in both containers', async (t) => {
  await t.rejects(readCheckpoint(legacyCheckpoint(good, [['0', 2, floats(1, 2)]], { littleEndian: false }), 'file.pth'), { code: 'unsupported-format', message: /big-endian/ })
  const zip = await zipCheckpoint(good, { 0: floats(1, 2) }, { extra: { 'archive/byteorder': Buffer.from('big') } })
  await t.rejects(readCheckpoint(zip, 'file.pth'), { code: 'unsupported-format', message: /"big"/ })
})

t.test('zip: what PyTorch never writes is refused', async (t) => {
  const records = { 0: floats(1, 2) }
  await t.rejects(readCheckpoint(await zipCheckpoint(good, records, { compress: true }), 'f'), { code: 'unsupported-format', message: /compressed/ })
  await t.rejects(readCheckpoint(await zipCheckpoint(good, records, { extra: { 'archive/constants.pkl': floats(1) } }), 'f'), { code: 'unsupported-format', message: /TorchScript/ })
  await t.rejects(readCheckpoint(await zipCheckpoint(good, records, { extra: { 'other/data.pkl': floats(1) } }), 'f'), { code: 'unsupported-format', message: /several data\.pkl/ })
  await t.rejects(readCheckpoint(await zipCheckpoint(good, records, { extra: { 'archive/data/0': floats(8, 9) } }), 'f'), { code: 'damaged-file', message: /twice/ })
})

t.test('zip: a changed description does not pass for the original', async (t) => {
  const file = await zipCheckpoint(good, { 0: floats(1, 2) })
  const at = file.indexOf('storage')
  file.write('stprage', at)
  await t.rejects(readCheckpoint(file, 'f'), { code: 'damaged-file', message: /data\.pkl does not match its checksum/ })
})

t.test('other files are named for what they are', async (t) => {
  const cases: [Buffer, RegExp][] = [
    [Buffer.from('\x89HDF\r\n\x1a\n', 'latin1'), /HDF5/],
    [Buffer.from('<!DOCTYPE html>'), /web page/],
    [Buffer.from('version https://git-lfs.github.com/spec/v1\n'), /LFS pointer/],
    [Buffer.concat([Buffer.alloc(257), Buffer.from('ustar')]), /tar checkpoint/],
    [Buffer.from('hello'), /no checkpoint/],
    [await zipCheckpoint(good).then((zip) => Buffer.from(zip.toString('latin1').replaceAll('data.pkl', 'data.abc'), 'latin1')), /without a data\.pkl/],
  ]
  for (const [bytes, message] of cases) await t.rejects(readCheckpoint(bytes, 'file'), { code: 'unsupported-format', message })
})

t.test('paths: a missing file and a folder are said to be so', async (t) => {
  const folder = t.testdir({ empty: {} })
  await t.rejects(readCheckpoint(path.join(folder, 'none.pth'), 'none.pth'), { code: 'not-found', message: /none\.pth cannot be read \(ENOENT\)/ })
  await t.rejects(readCheckpoint(path.join(folder, 'empty'), 'empty'), { code: 'not-found', message: /not a file/ })
})

t.test('a refused file is closed', { skip: process.platform === 'linux' ? false : 'counts descriptors in /proc' }, async (t) => {
  const file = path.join(t.testdir(), 'bad.pth')
  fs.writeFileSync(file, Buffer.from('PK\x03\x04 not a zip'))
  const count = () => fs.readdirSync('/proc/self/fd').length
  const before = count()
  for (let i = 0; i < 20; i++) await t.rejects(readCheckpoint(file, 'bad.pth'), { code: 'damaged-file' })
  t.ok(count() - before < 10, 'no descriptor per refusal stays open')
})

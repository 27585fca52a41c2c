import fs from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { decodeNpy, decodeNpyText, encodeNpy, openNpy, openNpyWriter, readNpyFile, readNpyHeader, readNpyRows } from '../../src/numerics/npy.ts'

interface Saved {
  name: string
  bytes: string
  shape: number[]
  values: (number | string)[] | null
}
const reference = JSON.parse(fs.readFileSync(new URL('../reference/npy/arrays.json', import.meta.url), 'utf8')) as { files: Saved[] }
const saved = reference.files.map((file) => ({ ...file, bytes: Buffer.from(file.bytes, 'base64') }))
const isText = ({ name }: { name: string }): boolean => /^(text|bytes)/.test(name)
const numeric = saved.filter((file) => file.values !== null && !isText(file))
const numbers = (values: (number | string)[] | null): number[] => values!.map((value) => (value === 'inf' ? Infinity : value === '-inf' ? -Infinity : Number(value)))
const same = (found: ArrayLike<number>, expected: ArrayLike<number>): boolean =>
  found.length === expected.length && Array.from(found).every((x, i) => x === expected[i] || (Number.isNaN(x) && Number.isNaN(expected[i])))
const cut = <T>(bytes: Buffer, change: (copy: Buffer) => T): Buffer => {
  const copy = Buffer.from(bytes)
  change(copy)
  return copy
}
const plain = saved.find(({ name }) => name === '<f8 C')!

/** An .npy file with any header text. */
const withHeader = (text: string, data = Buffer.alloc(0), version = 1): Buffer => {
  const length = Buffer.alloc(version === 1 ? 2 : 4)
  if (version === 1) length.writeUInt16LE(text.length)
  else length.writeUInt32LE(text.length)
  return Buffer.concat([Buffer.from('\x93NUMPY', 'latin1'), Buffer.of(version, 0), length, Buffer.from(text, 'latin1'), data])
}

t.test('every type, order and format that NumPy writes', async (t) => {
  t.equal(numeric.length, 44 + 9)
  for (const { name, bytes, shape, values } of numeric) {
    const before = Buffer.from(bytes)
    const { shape: found, data } = decodeNpy(bytes, name)
    t.same(found, shape, name)
    t.ok(data instanceof Float64Array && same(data, numbers(values)), name)
    t.ok(before.equals(bytes), `${name} is left alone`)
  }
})

t.test('text', async (t) => {
  for (const { name, bytes, shape, values } of saved.filter(isText)) {
    t.same(decodeNpyText(bytes, name), { shape, values }, name)
    t.throws(() => decodeNpy(bytes, name), { code: 'unsupported-dtype' })
  }
  t.throws(() => decodeNpyText(plain.bytes, 'ids.npy'), { code: 'unsupported-dtype', message: /ids\.npy/ })
  const wrong = withHeader("{'descr': '<U1', 'fortran_order': False, 'shape': (1,), }", Buffer.of(0, 0, 0x11, 0))
  t.throws(() => decodeNpyText(wrong, 'ids.npy'), { code: 'damaged-file', message: /code point/ })
  const bytes = withHeader("{'descr': '|S2', 'fortran_order': False, 'shape': (1,), }", Buffer.of(0xc3, 0x28))
  t.throws(() => decodeNpyText(bytes, 'ids.npy'), { code: 'damaged-file', message: /UTF-8/ })
})

t.test('types that are not read are named', async (t) => {
  const refused = saved.filter(({ name }) => name.startsWith('refused'))
  t.equal(refused.length, 6)
  for (const { name, bytes } of refused) t.throws(() => decodeNpy(bytes, 'responses.npy'), { code: 'unsupported-dtype', message: /responses\.npy/ }, name)
  t.throws(() => decodeNpy(saved.find(({ name }) => name === 'refused: objects')!.bytes, 'x'), { errors: [{ pointer: 'x', found: '|O' }] })
  const large = encodeNpy(BigInt64Array.of(1n, 2n ** 53n), [2])
  t.throws(() => decodeNpy(large, 'x'), { code: 'unsupported-dtype', message: /9007199254740992/ })
  for (const descr of ['|f8', 'f8', '<f3', '<i16', '<U0', '<U9999999', '<f8,<f8', '', '<V8', '|S0'])
    t.throws(() => decodeNpy(withHeader(`{'descr': '${descr}', 'fortran_order': False, 'shape': (0,), }`), 'x'), { code: 'unsupported-dtype' }, descr)
})

t.test('damaged and hostile files are refused', async (t) => {
  const { bytes } = plain
  const header = (text: string, data?: Buffer<ArrayBuffer>) => withHeader(text, data)
  const good = "'descr': '<f8', 'fortran_order': False, 'shape': "
  const cases: Record<string, Buffer> = {
    empty: Buffer.alloc(0),
    'another file': Buffer.from('PK\x03\x04 and more of it'),
    'cut in the header': bytes.subarray(0, 40),
    'cut before the length': withHeader('', undefined, 2).subarray(0, 10),
    'cut in the data': bytes.subarray(0, bytes.length - 1),
    'more than its data': Buffer.concat([bytes, Buffer.alloc(8)]),
    'version 4': cut(bytes, (copy) => (copy[6] = 4)),
    'header of 4 GB': withHeader('x'.repeat(100), undefined, 2).fill(0xff, 8, 12),
    'header of 1 MB': withHeader(' '.repeat(2 ** 20), undefined, 2),
    'huge shape': header(`{${good}(4294967296, 4294967296), }`),
    'huge shape of nothing': header(`{${good}(0, 99999999999999999999), }`),
    'negative extent': header(`{${good}(-1,), }`, Buffer.alloc(8)),
    'fraction of an extent': header(`{${good}(1.5,), }`),
    '65 axes': header(`{${good}(${'1, '.repeat(65)}), }`, Buffer.alloc(8)),
    code: header(`{${good}__import__('os').system('true'), }`),
    'call as a key': header(`{print('x'): 1, ${good}(0,), }`),
    'no shape': header("{'descr': '<f8', 'fortran_order': False, }"),
    'shape twice': header(`{${good}(0,), 'shape': (0,), }`),
    'another key': header(`{${good}(0,), 'more': True, }`),
    'text after it': header(`{${good}(0,), } + 1`),
    'unclosed shape': header(`{${good}(0,`),
    'unclosed string': header("{'descr': '<f8"),
    'order that is a number': header("{'descr': '<f8', 'fortran_order': 0, 'shape': (0,), }"),
    'no dictionary': header('()'),
  }
  for (const [what, file] of Object.entries(cases)) t.throws(() => decodeNpy(file, 'responses.npy'), { code: 'damaged-file', message: /^responses\.npy is not a whole \.npy file/ }, what)
})

t.test('any change of the header is read the same way or refused, never anything else', async () => {
  const { bytes } = plain
  fc.assert(
    fc.property(fc.nat(127), fc.nat(255), (at, value) => {
      const changed = cut(bytes, (copy) => (copy[at] = value))
      try {
        return decodeNpy(changed, 'x').data.length === 12
      } catch (error) {
        return ['damaged-file', 'unsupported-dtype'].includes((error as { code: string }).code)
      }
    }),
    { numRuns: 2000 },
  )
})

t.test('headers as other programs write them', async (t) => {
  const data = Buffer.from(Float64Array.of(1, 2).buffer)
  for (const text of ['{"shape": (2L,), "fortran_order": False, "descr": "<f8"}', "{'fortran_order':False,'descr':'=f8','shape':(2)}   ", "{ 'shape' : ( 2 , ) , 'descr' : '<f8' , 'fortran_order' : True }\n"])
    t.same([...decodeNpy(withHeader(text, data), 'x').data], [1, 2], text)
})

t.test('what is written is read back, and starts where NumPy expects it', async (t) => {
  const arrays = [
    { data: Float64Array.of(1, NaN, -0, Infinity, 5e-324, 6), shape: [2, 3], descr: '<f8' },
    { data: Float32Array.of(1.5, 2.5), shape: [2], descr: '<f4' },
    { data: Int32Array.of(-1, 2), shape: [1, 2, 1], descr: '<i4' },
    { data: BigInt64Array.of(-5n), shape: [], descr: '<i8' },
    { data: new Float64Array(0), shape: [0, 7], descr: '<f8' },
  ]
  for (const { data, shape, descr } of arrays) {
    const bytes = encodeNpy(data, shape)
    const header = readNpyHeader(bytes, 'x')
    t.equal(header.descr, descr)
    t.equal(header.dataOffset % 64, 0)
    t.same(decodeNpy(bytes, 'x').shape, shape)
    t.ok(same(decodeNpy(bytes, 'x').data, Array.from<number | bigint, number>(data, Number)), descr)
  }
  const texts = ['stimulus 1', '', 'é🐒', '한']
  t.same(decodeNpyText(encodeNpy(texts, [2, 2]), 'x'), { shape: [2, 2], values: texts })
  t.equal(readNpyHeader(encodeNpy([], [0]), 'x').descr, '<U1')
  t.throws(() => encodeNpy(Float64Array.of(1, 2), [3]), /needs 3 values/)
  // Byte for byte what NumPy writes for the same array.
  const one = saved.find(({ name }) => name === 'one axis')!
  t.ok(one.bytes.equals(encodeNpy(Float64Array.of(0, 1, 2, 3, 4), [5])))
})

t.test('parts of a file', async (t) => {
  const folder = t.testdir()
  for (const { name, bytes, shape, values } of numeric.filter(({ shape }) => shape.length > 0)) {
    const file = path.join(folder, 'a.npy')
    fs.writeFileSync(file, bytes)
    const expected = numbers(values)
    const rowSize = shape.slice(1).reduce((a, b) => a * b, 1)
    const open = await openNpy(file, 'a.npy')
    for (const [from, to] of [[0, shape[0]], [0, 0], [Math.min(1, shape[0]), shape[0]], [0, Math.min(1, shape[0])]]) {
      t.ok(same(await open.rows(from, to), expected.slice(from * rowSize, to * rowSize)), `${name}, rows ${from} to ${to}`)
      t.ok(same(await readNpyRows(file, open.header, from, to), expected.slice(from * rowSize, to * rowSize)), name)
    }
    if (!open.header.fortranOrder && expected.length > 1) t.ok(same(await open.elements(1, expected.length - 1), expected.slice(1, -1)), `${name}, elements`)
    await t.rejects(open.rows(0, shape[0] + 1), RangeError)
    await t.rejects(open.elements(1, 0), RangeError)
    await open.close()
    const whole = await readNpyFile(file)
    t.same(whole.shape, shape)
    t.ok(same(whole.data, expected), `${name}, whole`)
  }
})

t.test('a file is refused before anything is read of it', async (t) => {
  const folder = t.testdir({ short: plain.bytes.subarray(0, -8), text: encodeNpy(['a'], [1]) })
  await t.rejects(openNpy(path.join(folder, 'short'), 'short.npy'), { code: 'damaged-file', message: /short\.npy/ })
  await t.rejects(readNpyFile(path.join(folder, 'text'), 'text.npy'), { code: 'unsupported-dtype' })
  const huge = path.join(folder, 'huge')
  fs.writeFileSync(huge, withHeader("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }"))
  await t.rejects(readNpyFile(huge, 'huge.npy'), { code: 'damaged-file' })
})

t.test('more than one chunk', async (t) => {
  const folder = t.testdir()
  const [rows, cols] = [5, 2 ** 20] // 40 MB of float64: three chunks
  const data = Float64Array.from({ length: rows * cols }, (_, i) => i)
  const file = path.join(folder, 'large.npy')
  fs.writeFileSync(file, encodeNpy(data, [rows, cols]))
  const { data: found } = await readNpyFile(file)
  t.ok(found.length === data.length && found.every((x, i) => x === i))
})

t.test('rows written one block after another', async (t) => {
  const folder = t.testdir()
  const file = path.join(folder, 'rows.npy')
  const writer = await openNpyWriter(file, [2, 3], 'f4')
  t.same(decodeNpy(fs.readFileSync(file), 'rows').shape, [0, 2, 3], 'a whole file from the start')
  const values = Float32Array.from({ length: 30 }, (_, i) => i / 7)
  await Promise.all([writer.append(values.subarray(0, 12)), writer.append(Float64Array.from(values.subarray(12)))])
  await t.rejects(writer.append(new Float32Array(5)), /no whole rows of 6/)
  t.same(await writer.close(), [5, 2, 3])
  const { shape, data } = decodeNpy(fs.readFileSync(file), 'rows')
  t.same(shape, [5, 2, 3])
  t.ok(same(data, values))
  t.equal(readNpyHeader(fs.readFileSync(file), 'rows').dataOffset % 64, 0)
  await writer.discard()
  t.ok(fs.existsSync(file), 'discard after close keeps the file')

  const wide = await openNpyWriter(file, [1], 'f8')
  await wide.append(Float64Array.of(0.1, NaN))
  await wide.close()
  t.ok(same((await readNpyFile(file)).data, [0.1, NaN]), 'an existing file is replaced')

  const dropped = await openNpyWriter(path.join(folder, 'dropped.npy'), [1], 'f8')
  await dropped.discard()
  t.notOk(fs.existsSync(path.join(folder, 'dropped.npy')))
  await t.rejects(openNpyWriter(path.join(folder, 'no', 'folder.npy'), [1], 'f8'), { code: 'ENOENT' })
})

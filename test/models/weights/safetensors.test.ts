import t from 'tap'
import type { VentralError } from '../../../src/domain/errors.ts'
import { readCheckpoint } from '../../../src/models/weights/open-checkpoint.ts'
import { floats, safetensors } from './checkpoint-builder.ts'

const read = (header: Record<string, unknown> | string, data: Buffer) => readCheckpoint(safetensors(header, data), 'w.safetensors')
const entry = (dtype: string, shape: number[], begin: number, end: number) => ({ dtype, shape, data_offsets: [begin, end] })

t.test('tensors of every dtype, in the order of the header, beside metadata', async (t) => {
  const data = Buffer.alloc(31)
  floats(1.5, -2).copy(data, 0)
  data.writeUInt16LE(0x3c01, 8) // half: 1 + 2^-10
  data.writeUInt16LE(0xc040, 10) // bfloat16: -3
  data.writeDoubleLE(0.1, 12)
  data.writeBigInt64LE(-5n, 20)
  data.writeInt8(-7, 28)
  data.writeUInt8(200, 29)
  data.writeUInt8(1, 30)
  const got = await read({
    __metadata__: { format: 'pt' },
    last: entry('BOOL', [1], 30, 31), single: entry('F32', [2, 1], 0, 8), half: entry('F16', [1], 8, 10), brain: entry('BF16', [1], 10, 12),
    double: entry('F64', [], 12, 20), long: entry('I64', [1], 20, 28), small: entry('I8', [1], 28, 29), byte: entry('U8', [1], 29, 30), none: entry('F32', [0, 3], 8, 8),
  }, data)
  t.strictSame([...got].map(([name, { shape, data: values }]) => [name, shape, [...values]]), [
    ['last', [1], [1]], ['single', [2, 1], [1.5, -2]], ['half', [1], [1 + 2 ** -10]], ['brain', [1], [-3]], ['double', [], [Math.fround(0.1)]],
    ['long', [1], [-5]], ['small', [1], [-7]], ['byte', [1], [200]], ['none', [0, 3], []],
  ])
})

t.test('a key named __proto__ is only a key', async (t) => {
  const got = await read('{"__proto__":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', floats(3))
  t.strictSame([...got.keys()], ['__proto__'])
})

const eight = floats(1, 2)
const refused: [what: string, header: Record<string, unknown> | string, code: string, message: RegExp][] = [
  ['a length that does not follow from the shape', { a: entry('F32', [3], 0, 8) }, 'damaged-file', /"a" takes 8 bytes.*need 12/],
  ['a gap', { a: entry('F32', [1], 4, 8) }, 'damaged-file', /begins at byte 4/],
  ['an overlap', { a: entry('F32', [2], 0, 8), b: entry('F32', [1], 4, 8) }, 'damaged-file', /"b" begins at byte 4 where byte 8/],
  ['data past the end', { a: entry('F32', [4], 0, 16) }, 'damaged-file', /take 16 bytes and 8/],
  ['bytes that no tensor names', { a: entry('F32', [1], 0, 4) }, 'damaged-file', /take 4 bytes and 8/],
  ['a negative side', { a: entry('F32', [-2], 0, 8) }, 'damaged-file', /states no shape/],
  ['offsets the wrong way round', { a: entry('F32', [2], 8, 0) }, 'damaged-file', /no data_offsets/],
  ['an entry that is no object', { a: 3 }, 'damaged-file', /"a" states no dtype/],
  ['an 8-bit float', { a: entry('F8_E4M3', [8], 0, 8) }, 'unsupported-dtype', /"F8_E4M3"/],
  ['a dtype of Object.prototype', { a: entry('constructor', [2], 0, 8) }, 'unsupported-dtype', /constructor/],
  ['a header that is no JSON', '{"a":', 'damaged-file', /not valid JSON/],
]
for (const [what, header, code, message] of refused) {
  t.test(`refused: ${what}`, async (t) => { await t.rejects(read(header, eight), { name: 'VentralError', code, message }) })
}

t.test('a cut file is damaged, wherever the cut', async (t) => {
  const good = safetensors({ a: entry('F32', [2], 0, 8) }, eight)
  let refused = 0
  for (let size = 10; size < good.length; size++) {
    await readCheckpoint(good.subarray(0, size), 'w').catch((error: VentralError) => { refused += Number(error.code === 'damaged-file') })
  }
  t.equal(refused, good.length - 10)
})

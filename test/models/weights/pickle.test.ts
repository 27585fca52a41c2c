import t from 'tap'
import { readCheckpoint } from '../../../src/models/weights/open-checkpoint.ts'
import { floats, legacyCheckpoint, op, storage, tensor, zipCheckpoint } from './checkpoint-builder.ts'

const read = async (root: Buffer, records: Record<string, Buffer> = { 0: floats(1, 2, 3, 4) }) => readCheckpoint(await zipCheckpoint(root, records), 'file.pth')
const w = op.text('w')
const whole = tensor(storage('0', 4), { shape: [2, 2], stride: [2, 1] })

t.test('the builder makes what the reader reads, so that the refusals below are for their own reason', async (t) => {
  const got = (await read(op.dict([w, whole]))).get('w')!
  t.strictSame([got.shape, got.dtype, [...got.data]], [[2, 2], 'float32', [1, 2, 3, 4]])
})

t.test('an OrderedDict made from a list of pairs (Python 2)', async (t) => {
  const got = await read(op.call(op.global('collections', 'OrderedDict'), op.list(op.list(w, whole))))
  t.strictSame([...got.get('w')!.data], [1, 2, 3, 4])
})

t.test('a recalled value is the same tensor', async (t) => {
  const got = await read(op.dict([w, op.put(whole, 7)], [op.text('v'), op.get(7)]))
  t.strictSame([...got.get('v')!.data], [1, 2, 3, 4])
})

const refused: [what: string, root: Buffer, code: string, message: RegExp][] = [
  ['a module of torch', op.dict([w, op.call(op.global('torch', 'load'), op.text('x'))]), 'unsafe-checkpoint', /"torch\.load"/],
  ['a name that continues an allowed one', op.global('torch._utils', '_rebuild_tensor_v2.__globals__'), 'unsafe-checkpoint', /__globals__/],
  ['an allowed class by way of another module', op.global('collections', 'OrderedDict.fromkeys'), 'unsafe-checkpoint', /fromkeys/],
  ['a name of Object.prototype', op.global('torch', 'constructor'), 'unsafe-checkpoint', /torch\.constructor/],
  ['a global named by the stack', op.raw(op.text('os'), op.text('system'), 0x93), 'unsafe-checkpoint', /"os\.system"/],
  ['calling a storage type', op.call(op.global('torch', 'FloatStorage'), op.int(4)), 'unsafe-checkpoint', /calls torch\.FloatStorage/],
  ['calling a tensor', op.raw(whole, op.tuple(), 'R'), 'unsafe-checkpoint', /no allowed class/],
  ['INST', op.raw('(', 'i', 'os\nsystem\n'), 'unsafe-checkpoint', /INST/],
  ['NEWOBJ', op.raw(op.global('collections', 'OrderedDict'), op.tuple(), 0x81), 'unsafe-checkpoint', /NEWOBJ/],
  ['an extension code', op.raw(0x82, 1), 'unsafe-checkpoint', /EXT1/],
  ['attributes of a tensor', op.raw(whole, op.dict(), 'b'), 'unsafe-checkpoint', /sets attributes/],
  ['a quantised storage', op.dict([w, tensor(storage('0', 4, { type: 'QInt8Storage' }), { shape: [4], stride: [1] })]), 'unsupported-dtype', /torch\.QInt8Storage/],
  ['a tensor of sixteen huge sides', tensor(storage('0', 4), { shape: Array<number>(16).fill(2 ** 31 - 1), stride: Array<number>(16).fill(0) }), 'unsafe-checkpoint', /repeats a storage/],
  ['a tensor of seventeen sides', tensor(storage('0', 4), { shape: Array<number>(17).fill(1), stride: Array<number>(17).fill(1) }), 'unsafe-checkpoint', /at most 16/],
  ['a negative stride', tensor(storage('0', 4), { offset: 3, shape: [4], stride: [-1] }), 'unsafe-checkpoint', /stride/],
  ['sizes and strides that differ in number', tensor(storage('0', 4), { shape: [2, 2], stride: [1] }), 'unsafe-checkpoint', /2 sizes and 1 strides/],
  ['a view outside its storage', tensor(storage('0', 4, { view: op.tuple(op.text('v'), op.int(2), op.int(3)) }), { shape: [1], stride: [1] }), 'unsafe-checkpoint', /view reaches outside/],
  ['an unknown opcode', op.raw(0xff), 'damaged-file', /0xff/],
  ['an empty stack', op.raw('a'), 'damaged-file', /empty stack/],
  ['a memo never kept', op.raw('h', 9), 'damaged-file', /memo 9/],
  ['a mark that is missing', op.raw('t'), 'damaged-file', /no mark/],
  ['a text longer than the file', op.raw('X', 0xff, 0xff, 0xff, 0x7f), 'damaged-file', /middle of a value/],
  ['a list in place of a dict', op.list(whole), 'unsupported-format', /no state_dict/],
  ['a dict without tensors', op.dict([op.text('epoch'), op.int(3)]), 'unsupported-format', /"epoch"/],
]
for (const [what, root, code, message] of refused) {
  t.test(`refused: ${what}`, async (t) => {
    await t.rejects(read(root), { name: 'VentralError', code, message })
    const records: [string, number, Buffer][] = root.includes('FloatStorage') ? [['0', 4, floats(1, 2, 3, 4)]] : []
    await t.rejects(readCheckpoint(legacyCheckpoint(root, records), 'file.pth'), { name: 'VentralError', code, message }, 'in the legacy container too')
  })
}

t.test('recalling one long list many times is refused before it fills the memory', async (t) => {
  const pairs = op.list(...Array.from({ length: 1000 }, (_, i) => op.list(op.int(i), op.none)))
  const dict = op.call(op.global('collections', 'OrderedDict'), op.get(0))
  await t.rejects(read(op.list(op.put(pairs, 0), ...Array<Buffer>(300).fill(dict))), { code: 'unsafe-checkpoint', message: /over 200000 entries/ })
})

t.test('a pickle of millions of steps is refused', async (t) => {
  await t.rejects(read(op.raw(Buffer.alloc(2_100_000, '}'))), { code: 'unsafe-checkpoint', message: /over 2000000 steps/ })
})

t.test('many tensors that each expand a little are refused together', async (t) => {
  const wide = op.put(tensor(storage('0', 4), { shape: [60_000], stride: [0] }), 0)
  const root = op.dict([w, wide], ...Array.from({ length: 400 }, (_, i): [Buffer, Buffer] => [op.text(`w${i}`), op.get(0)]))
  await t.rejects(read(root), { code: 'unsafe-checkpoint', message: /unpack to \d+ bytes/ })
})

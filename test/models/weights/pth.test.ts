import fs from 'node:fs'
import t from 'tap'
import { VentralError } from '../../../src/domain/errors.ts'
import { openSource } from '../../../src/models/weights/byte-source.ts'
import { readCheckpoint } from '../../../src/models/weights/open-checkpoint.ts'
import { isTensor, isTuple } from '../../../src/models/weights/pickle-values.ts'
import type { PickleValue, TensorRef } from '../../../src/models/weights/pickle-values.ts'
import { readPickledCheckpoint } from '../../../src/models/weights/pth.ts'
import { readTensors } from '../../../src/models/weights/tensor-data.ts'
import { needs, shared, sharedJson } from '../../helper/shared.ts'

interface ExpectedTensor { tensor: true; dtype: string; shape: number[]; values: (number | string | boolean)[]; parameter?: true }
interface Expected {
  files: Record<string, { expect: string; content?: 'wrapped' | 'plain'; why?: string }>
  wrapped: Record<string, unknown>
  plain: Record<string, unknown>
}

const fixture = (name: string) => shared('reference', 'pth', name)
const present = needs('reference', 'pth', 'expected.json')
const expected = present.skip ? null : sharedJson<Expected>('reference', 'pth', 'expected.json')
const files = Object.entries(expected?.files ?? {})

/** Values are compared as float32, which is what the reader hands out; -0 and NaN count. */
const asSingle = (value: number | string | boolean): number => Math.fround(Number(value))

const findTensors = (value: PickleValue, found = new Set<TensorRef>()): Set<TensorRef> => {
  if (value instanceof Map) for (const inner of value.values()) findTensors(inner, found)
  else if (Array.isArray(value)) for (const inner of value) findTensors(inner, found)
  else if (isTuple(value)) for (const inner of value.items) findTensors(inner, found)
  else if (isTensor(value)) found.add(value)
  return found
}

/** The pickled value in the form of expected.json; tensors by the values read. */
const plain = (value: PickleValue, values: Map<TensorRef, Float32Array>): unknown => {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, inner]) => [String(key as string | number), plain(inner, values)]))
  if (Array.isArray(value)) return value.map((inner) => plain(inner, values))
  if (isTuple(value)) return { tuple: value.items.map((inner) => plain(inner, values)) }
  if (isTensor(value)) return { dtype: value.storage.dtype, shape: [...value.shape], parameter: value.parameter, values: [...values.get(value)!] }
  return typeof value === 'bigint' ? Number(value) : value
}

const asExpected = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(asExpected)
  if (value === null || typeof value !== 'object') return value
  if ('tensor' in value) {
    const { dtype, shape, values, parameter = false } = value as ExpectedTensor
    return { dtype, shape, parameter, values: values.map(asSingle) }
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, asExpected(inner)]))
}

for (const [name, { content }] of files.filter(([, { expect }]) => expect === 'load')) {
  t.test(`${name}: every value as PyTorch loads it`, async (t) => {
    for (const input of [fixture(name), fs.readFileSync(fixture(name))]) {
      const source = await openSource(input, name)
      const { root, findRecord } = await readPickledCheckpoint(source)
      const refs = new Map([...findTensors(root)].map((ref): [TensorRef, TensorRef] => [ref, ref]))
      const values = await readTensors(source, refs, findRecord)
      await source.close()
      t.strictSame(plain(root, values), asExpected(expected![content!]))
    }
  })

  t.test(`${name}: readCheckpoint gives the state_dict`, async (t) => {
    const state = content === 'wrapped' ? expected!.wrapped.state_dict as Record<string, ExpectedTensor> : expected!.plain as Record<string, ExpectedTensor>
    const read = await readCheckpoint(fixture(name), name)
    t.strictSame([...read.keys()], Object.keys(state))
    for (const [key, { shape, dtype, values }] of Object.entries(state)) {
      const got = read.get(key)!
      t.strictSame([got.shape, got.dtype, [...got.data]], [shape, dtype, values.map(asSingle)], key)
    }
  })
}

/** Code of the refusal, and what its sentence has to name. */
const refusals: Record<string, [code: string, names: RegExp]> = {
  'hostile_system_zip.pth': ['unsafe-checkpoint', /"posix\.system"/],
  'hostile_system_legacy.pth': ['unsafe-checkpoint', /"posix\.system"/],
  'hostile_bare.pkl': ['unsafe-checkpoint', /"posix\.system"/],
  'hostile_hidden_eval.pth': ['unsafe-checkpoint', /eval"/],
  'hostile_getattr.pth': ['unsafe-checkpoint', /getattr"/],
  'hostile_out_of_bounds.pth': ['unsafe-checkpoint', /size \(2, 3\).*outside its storage of 4/],
  'hostile_negative_offset.pth': ['unsafe-checkpoint', /offset is -2/],
  'hostile_expand_bomb.pth': ['unsafe-checkpoint', /1000000000000/],
  'hostile_short_storage.pth': ['damaged-file', /"archive\/data\/0" holds 8 bytes/],
  'hostile_missing_storage.pth': ['damaged-file', /"archive\/data\/0" is missing/],
  'truncated_zip_60pct.pth': ['damaged-file', /zip container/],
  'truncated_zip_tail.pth': ['damaged-file', /zip container/],
  'truncated_legacy_60pct.pth': ['damaged-file', /ends at byte 5735/],
  'truncated_legacy_tail.pth': ['damaged-file', /past the end at byte 9553/],
  'damaged_crc_zip.pth': ['damaged-file', /storage "0" do not match their checksum/],
  'empty.pth': ['unsupported-format', /is empty/],
  'not_a_checkpoint.pth': ['unsupported-format', /no checkpoint/],
}

t.test('every fixture to be refused is refused by name, and nothing ran', present, async (t) => {
  const refused = files.filter(([, { expect }]) => expect.startsWith('refuse')).map(([name]) => name)
  t.strictSame(refused.toSorted(), Object.keys(refusals).toSorted(), 'the table here covers them all')
  for (const name of refused) {
    const [code, names] = refusals[name]
    await t.rejects(readCheckpoint(fixture(name), name), { name: 'VentralError', code, message: names }, name)
    await t.rejects(readCheckpoint(fs.readFileSync(fixture(name)), name), { name: 'VentralError', code, message: names }, `${name} as bytes`)
  }
  t.notOk(fs.existsSync('/tmp/ventral_hostile_pickle_ran'))
})

t.test('keys named __proto__ and constructor are keys and nothing else', present, async (t) => {
  const read = await readCheckpoint(fixture('hostile_proto_keys.pth'), 'hostile_proto_keys.pth')
  t.strictSame([...read.keys()], ['__proto__', 'constructor', 'w'])
  t.equal(({} as Record<string, unknown>).shape, undefined)
})

for (const name of ['good_plain_zip.pth', 'good_plain_legacy.pth', 'good_wrapped_zip_protocol4.pth']) {
  t.test(`${name} with any byte changed or cut is read or refused, never a crash`, present, async (t) => {
    const good = fs.readFileSync(fixture(name))
    const outcomes = { read: 0, refused: 0 }
    const attempt = async (bytes: Buffer, what: string) => {
      try {
        await readCheckpoint(bytes, name)
        outcomes.read++
      } catch (error) {
        outcomes.refused++
        if (!(error instanceof VentralError) || error.code === 'internal') t.fail(`${what}: ${String(error)}`)
      }
    }
    // every byte of the legacy description; a stride over the rest
    const stride = Math.max(1, Math.floor(good.length / 1500))
    for (let at = 0; at < good.length; at += stride) {
      const changed = Buffer.from(good)
      changed[at] ^= 1 << (at % 8)
      changed[(at * 31) % good.length] ^= 0xff
      await attempt(changed, `bytes ${at} and ${(at * 31) % good.length} changed`)
    }
    for (let at = 0; at < good.length; at += 4 * stride) await attempt(good.subarray(0, at), `cut at ${at}`)
    t.ok(outcomes.refused > 100)
  })
}

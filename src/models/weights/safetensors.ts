import type { ByteSource } from './byte-source.ts'
import type { Checkpoint, TensorInfo } from './checkpoint.ts'
import { damaged, quoted, unsupportedDtype } from './checkpoint-errors.ts'
import { dtypeBytes } from './dtypes.ts'
import type { Dtype } from './dtypes.ts'
import type { TensorRef } from './pickle-values.ts'
import { elementsOf, readTensors } from './tensor-data.ts'

const dtypes: Record<string, Dtype> = {
  F64: 'float64', F32: 'float32', F16: 'float16', BF16: 'bfloat16', I64: 'int64', I32: 'int32', I16: 'int16', I8: 'int8', U8: 'uint8', BOOL: 'bool',
}

/** The format allows 100 MB of header; a header of 10,000 tensors takes 1 MB. */
const MAX_HEADER = 32e6

interface Field { dtype: Dtype; shape: number[]; begin: number; end: number }

/** Whether the first bytes look like a safetensors header: its length, then a JSON object. */
export const looksLikeSafetensors = (head: Uint8Array, size: number): boolean => {
  if (head.length < 10 || head[8] !== 0x7b) return false
  const length = Buffer.from(head).readBigUInt64LE()
  return length >= 2n && (length <= BigInt(size) || length <= BigInt(MAX_HEADER))
}

const isCounts = (value: unknown): value is number[] => Array.isArray(value) && value.length <= 16 && value.every((n) => Number.isSafeInteger(n) && (n as number) >= 0)

const parseField = (file: string, name: string, value: unknown): Field => {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as { dtype?: unknown; shape?: unknown; data_offsets?: unknown }
  const wrong = (what: string) => damaged(file, `the header's entry ${quoted(name)} ${what}`)
  if (typeof dtype !== 'string') throw wrong('states no dtype')
  if (!Object.hasOwn(dtypes, dtype)) throw unsupportedDtype(file, quoted(name), quoted(dtype))
  if (!isCounts(shape)) throw wrong('states no shape')
  if (!isCounts(offsets) || offsets.length !== 2 || offsets[1] < offsets[0]) throw wrong('states no data_offsets')
  const [begin, end] = offsets
  const expected = elementsOf(shape) * dtypeBytes[dtypes[dtype]]
  if (end - begin !== expected) throw wrong(`takes ${end - begin} bytes where its shape and dtype need ${expected}`)
  return { dtype: dtypes[dtype], shape, begin, end }
}

/** The format wants the data gapless: together with the lengths this also rules out overlaps and what lies outside. */
const checkCoverage = (file: string, fields: Map<string, Field>, bytes: number): void => {
  let at = 0
  for (const [name, { begin, end }] of [...fields].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== at) throw damaged(file, `the data of ${quoted(name)} begins at byte ${begin} where byte ${at} was expected`)
    at = end
  }
  if (at !== bytes) throw damaged(file, `its tensors take ${at} bytes and ${bytes} are there`)
}

const readHeader = (source: ByteSource): { fields: Map<string, Field>; start: number } => {
  const length = Number(source.read(0, 8).readBigUInt64LE())
  if (length > MAX_HEADER || 8 + length > source.size) throw damaged(source.name, `its header states ${length} bytes`, `at most ${Math.min(MAX_HEADER, source.size - 8)} bytes`)
  const text = source.read(8, length).toString('utf8')
  let header: unknown
  try {
    header = JSON.parse(text)
  } catch {
    throw damaged(source.name, 'its header is not valid JSON')
  }
  // a Map, so that a key such as __proto__ is only a name
  const entries = Object.entries(header as Record<string, unknown>).filter(([name]) => name !== '__metadata__')
  return { fields: new Map(entries.map(([name, value]) => [name, parseField(source.name, name, value)])), start: 8 + length }
}

/** Strides of an array in C order. */
export const contiguous = (shape: readonly number[]): number[] => shape.map((_, axis) => elementsOf(shape.slice(axis + 1)))

/** A `.safetensors` file as a checkpoint. VentralErrors: damaged-file, unsupported-dtype. Format: huggingface/safetensors, README. */
export const openSafetensors = (source: ByteSource): Checkpoint => {
  const { fields, start } = readHeader(source)
  checkCoverage(source.name, fields, source.size - start)
  const tensors = new Map([...fields].map(([name, { shape, dtype }]): [string, TensorInfo] => [name, { shape, dtype }]))
  const ref = (name: string): TensorRef => {
    const { shape, dtype } = fields.get(name)!
    const count = elementsOf(shape)
    return { kind: 'tensor', storage: { kind: 'storage', key: name, dtype, total: count, offset: 0, count }, offset: 0, shape, stride: contiguous(shape), parameter: false }
  }
  return {
    format: 'safetensors',
    tensors,
    load: (names = tensors.keys()) => readTensors(source, new Map([...names].map((name) => [name, ref(name)])), ({ key }) => {
      const { begin, end } = fields.get(key)!
      return { position: start + begin, bytes: end - begin, crc: null }
    }),
    close: () => source.close(),
  }
}

import type { TensorProto } from '../../numerics/onnx/schema.ts'
import { dataLocations, dataTypes } from '../../numerics/onnx/schema.ts'
import type { RawTensor } from '../onnx/assembler.ts'
import { sizeOf } from '../shapes.ts'
import { broken, quoted, unfit } from './refusals.ts'

const elementBytes: Readonly<Record<number, number>> = {
  [dataTypes.float32]: 4, [dataTypes.uint8]: 1, [dataTypes.int8]: 1, [dataTypes.uint16]: 2, [dataTypes.int16]: 2, [dataTypes.int32]: 4, [dataTypes.int64]: 8,
  [dataTypes.bool]: 1, [dataTypes.float16]: 2, [dataTypes.float64]: 8, [dataTypes.uint32]: 4, [dataTypes.uint64]: 8, [dataTypes.bfloat16]: 2,
} // prettier-ignore

export const dataTypeName = (type: number | undefined): string => Object.entries(dataTypes).find(([, value]) => value === type)?.[0] ?? `type ${type ?? 'unknown'}`

/** Largest and smallest integers that stand for "to the end": INT64_MAX is no JavaScript number, and any bound past an axis means the same. */
export const clampInteger = (value: number): number => Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, value))

const bytesOf = (values: { buffer: ArrayBufferLike; byteOffset: number; byteLength: number }): Uint8Array => new Uint8Array(values.buffer, values.byteOffset, values.byteLength)

/** The typed fields of a tensor without raw bytes, as raw bytes; null where its type is kept in none of them. */
const fromFields = ({ dataType, floatData = [], int32Data = [], int64Data = [], doubleData = [], uint64Data = [] }: TensorProto): Uint8Array | null => {
  switch (dataType) {
    case dataTypes.float32:
      return bytesOf(Float32Array.from(floatData))
    case dataTypes.float64:
      return bytesOf(Float64Array.from(doubleData))
    case dataTypes.int64:
      return bytesOf(BigInt64Array.from(int64Data, (value) => BigInt(clampInteger(value))))
    case dataTypes.uint64:
      return bytesOf(BigUint64Array.from(uint64Data, (value) => BigInt(clampInteger(value))))
    case dataTypes.uint32:
      return bytesOf(Uint32Array.from(uint64Data))
    case dataTypes.int32:
      return bytesOf(Int32Array.from(int32Data))
    case dataTypes.int16:
    case dataTypes.uint16:
    case dataTypes.float16:
    case dataTypes.bfloat16:
      return bytesOf(Uint16Array.from(int32Data))
    case dataTypes.int8:
    case dataTypes.uint8:
    case dataTypes.bool:
      return bytesOf(Uint8Array.from(int32Data))
    default:
      return null
  }
}

/** A tensor's elements as raw bytes, which are a view of the file's where it has them so. VentralError damaged-file, unsupported-format. */
export const rawTensor = (tensor: TensorProto, name: string, where: string): RawTensor => {
  const { dims = [], dataType, rawData, dataLocation } = tensor
  if (dataLocation === dataLocations.external || tensor.externalData?.length)
    throw unfit(where, `keeps ${quoted(name)} in another file`, 'One file is read: save it with its weights inside (onnx.save_model(…, save_as_external_data=False)).', 'weights inside the file')
  if (dataType === dataTypes.string) throw unfit(where, `holds strings (${quoted(name)})`, 'Only numbers are read.', 'tensors of numbers')
  const size = elementBytes[dataType ?? -1]
  if (size === undefined) throw unfit(where, `holds ${quoted(name)} in elements of ${dataTypeName(dataType)}`, 'Export it with float32 weights.', 'float32 weights')
  if (!dims.every((side) => Number.isSafeInteger(side) && side >= 0)) throw broken(where, `${quoted(name)} has the shape ${dims.join(' x ').slice(0, 100)}`)
  const bytes = sizeOf(dims) * size
  const data = rawData !== undefined && (rawData.length > 0 || bytes === 0) ? rawData : fromFields(tensor)
  if (data?.length !== bytes) throw broken(where, `${quoted(name)} of shape ${dims.join(' x ').slice(0, 100)} has ${data?.length ?? 0} bytes, not ${bytes}`)
  return { shape: dims, dataType: dataType!, data }
}

/** The values of a float32 tensor in an array of their own. */
export const toFloats = ({ data }: RawTensor): Float32Array => new Float32Array(Uint8Array.from(data).buffer)

/** The values of a small int64 tensor; null where it is something else. */
export const toIntegers = ({ dataType, data }: RawTensor): number[] | null =>
  dataType === dataTypes.int64 ? Array.from(new BigInt64Array(Uint8Array.from(data).buffer), Number) : null

export const fromIntegers = (values: readonly number[]): RawTensor => ({ shape: [values.length], dataType: dataTypes.int64, data: bytesOf(BigInt64Array.from(values, (value) => BigInt(clampInteger(value)))) })

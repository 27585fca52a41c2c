import { damaged, elementTypes } from './elements.ts'
import type { Element } from './elements.ts'

const { int8, uint8, int16, uint16, int32, uint32, single, double, int64, uint64 } = elementTypes

interface NumberType {
  bytes: number
  read: (view: DataView, at: number, littleEndian: boolean) => number | bigint
}

const numberTypes = new Map<number, NumberType>([
  [int8, { bytes: 1, read: (view, at) => view.getInt8(at) }],
  [uint8, { bytes: 1, read: (view, at) => view.getUint8(at) }],
  [int16, { bytes: 2, read: (view, at, le) => view.getInt16(at, le) }],
  [uint16, { bytes: 2, read: (view, at, le) => view.getUint16(at, le) }],
  [int32, { bytes: 4, read: (view, at, le) => view.getInt32(at, le) }],
  [uint32, { bytes: 4, read: (view, at, le) => view.getUint32(at, le) }],
  [single, { bytes: 4, read: (view, at, le) => view.getFloat32(at, le) }],
  [double, { bytes: 8, read: (view, at, le) => view.getFloat64(at, le) }],
  [int64, { bytes: 8, read: (view, at, le) => view.getBigInt64(at, le) }],
  [uint64, { bytes: 8, read: (view, at, le) => view.getBigUint64(at, le) }],
])

/** How many numbers an element holds. Throws `damaged-file` where it holds none, or a part of one. */
export const countNumbers = ({ type, data }: Element, where: string): number => {
  const bytes = numberTypes.get(type)?.bytes
  if (bytes === undefined) throw damaged(where, `an element of type ${type}`, 'numbers')
  if (data.length % bytes !== 0) throw damaged(where, `${data.length} bytes`, `numbers of ${bytes} bytes`)
  return data.length / bytes
}

/** The numbers of an element; MATLAB stores an array in a smaller type where its values allow. */
export const readNumbers = (element: Element, littleEndian: boolean, where: string): Float64Array<ArrayBuffer> => {
  const count = countNumbers(element, where)
  const { bytes, read } = numberTypes.get(element.type)!
  const view = new DataView(element.data.buffer, element.data.byteOffset, element.data.byteLength)
  const out = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    const value = Number(read(view, i * bytes, littleEndian))
    if (bytes === 8 && element.type !== double && !Number.isSafeInteger(value)) throw damaged(where, `the integer ${value}`, 'integers of at most 2^53')
    out[i] = value
  }
  return out
}

import { MAGIC } from './header.ts'

export type NpyData = Float32Array | Float64Array | Int32Array | BigInt64Array | readonly string[]

/** A format 1.0 header whose data start at a multiple of 64, as NumPy writes it; `atLeast` leaves room for a longer shape. */
export const encodeHeader = (descr: string, shape: readonly number[], atLeast = 0): Buffer => {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`
  const dictionary = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`
  const total = Math.max(atLeast, Math.ceil((10 + dictionary.length + 1) / 64) * 64)
  const head = Buffer.alloc(10)
  MAGIC.copy(head)
  head[6] = 1
  head.writeUInt16LE(total - 10, 8)
  return Buffer.concat([head, Buffer.from(`${dictionary.padEnd(total - 11)}\n`, 'latin1')])
}

/** An array in C order as an .npy file in memory: little-endian, text as <U with the longest element's length. */
export const encodeNpy = (data: NpyData, shape: readonly number[]): Uint8Array => {
  const count = shape.reduce((a, b) => a * b, 1)
  if (data.length !== count) throw new Error(`shape (${shape.join(', ')}) needs ${count} values, not ${data.length}`)
  if (data instanceof Float64Array) return whole('<f8', shape, data)
  if (data instanceof Float32Array) return whole('<f4', shape, data)
  if (data instanceof Int32Array) return whole('<i4', shape, data)
  if (data instanceof BigInt64Array) return whole('<i8', shape, data)
  return encodeText(data, shape)
}

const whole = (descr: string, shape: readonly number[], data: ArrayBufferView): Uint8Array =>
  Buffer.concat([encodeHeader(descr, shape), new Uint8Array(data.buffer, data.byteOffset, data.byteLength)])

const encodeText = (texts: readonly string[], shape: readonly number[]): Uint8Array => {
  const points = texts.map((text) => Array.from(text, (character) => character.codePointAt(0)!))
  const width = points.reduce((max, { length }) => Math.max(max, length), 1)
  const data = new Uint32Array(width * texts.length)
  points.forEach((codes, i) => data.set(codes, i * width))
  return whole(`<U${width}`, shape, data)
}

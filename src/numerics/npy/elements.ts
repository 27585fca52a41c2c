import { VentralError } from '../../domain/errors.ts'
import type { NpyType } from './descr.ts'
import { unsupported } from './descr.ts'

/** float16 bits as a number: sign, 5 bits of exponent, 10 of fraction. */
export const fromHalf = (bits: number): number => {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 31) return fraction ? NaN : sign * Infinity
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25)
}

const fromBigInts = (values: BigInt64Array | BigUint64Array, out: Float64Array, where: string): void => {
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i])
    if (!Number.isSafeInteger(value))
      throw new VentralError('unsupported-dtype', `${where} holds the integer ${values[i]}, which float64 cannot hold exactly. Save it as float64 if that does not matter.`, [
        { pointer: where, expected: 'integers up to 2^53 - 1', found: String(values[i]) },
      ])
    out[i] = value
  }
}

/** Elements as float64, exactly. `bytes` are whole elements of a numeric type and may be changed; `where` names the file in messages. */
export const toFloat64 = (bytes: Uint8Array, { kind, itemSize, littleEndian, descr }: NpyType, where: string): Float64Array<ArrayBuffer> => {
  // Typed arrays need aligned memory of their own.
  const own = bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes)
  const buffer = Buffer.from(own.buffer, own.byteOffset, own.byteLength)
  if (!littleEndian && itemSize === 2) buffer.swap16()
  if (!littleEndian && itemSize === 4) buffer.swap32()
  if (!littleEndian && itemSize === 8) buffer.swap64()
  const count = own.length / itemSize
  const as = <T>(View: new (buffer: ArrayBufferLike, offset: number, length: number) => T): T => new View(own.buffer, own.byteOffset, count)
  switch (kind + itemSize) {
    case 'f8':
      return Float64Array.from(as(Float64Array))
    case 'f4':
      return Float64Array.from(as(Float32Array))
    case 'f2':
      return Float64Array.from(as(Uint16Array), fromHalf)
    case 'i1':
      return Float64Array.from(as(Int8Array))
    case 'i2':
      return Float64Array.from(as(Int16Array))
    case 'i4':
      return Float64Array.from(as(Int32Array))
    case 'u1':
      return Float64Array.from(own)
    case 'u2':
      return Float64Array.from(as(Uint16Array))
    case 'u4':
      return Float64Array.from(as(Uint32Array))
    case 'i8':
    case 'u8': {
      const out = new Float64Array(count)
      fromBigInts(kind === 'i' ? as(BigInt64Array) : as(BigUint64Array), out, where)
      return out
    }
    default:
      throw unsupported(descr, where)
  }
}

/** Values of an array stored with its first axis fastest, in C order. */
export const toCOrder = (values: Float64Array, shape: readonly number[]): Float64Array<ArrayBuffer> => {
  const out = new Float64Array(values.length)
  const last = shape.length - 1
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((a, b) => a * b, 1))
  const index = shape.map(() => 0)
  let from = 0
  for (let at = 0; at < out.length; ) {
    for (let i = 0; i < shape[last]; i++) out[at++] = values[from + i * strides[last]]
    for (let axis = last - 1; axis >= 0; axis--) {
      from += strides[axis]
      if (++index[axis] < shape[axis]) break
      from -= shape[axis] * strides[axis]
      index[axis] = 0
    }
  }
  return out
}

import type { NdArray } from '../../domain/matrix.ts'
import { unsupported } from './descr.ts'
import { toCOrder, toFloat64 } from './elements.ts'
import { damaged, readNpyHeader } from './header.ts'
import type { NpyHeader } from './header.ts'

/** Refuses a file whose size is not what its header says. */
export const checkSize = ({ count, itemSize, dataOffset, shape }: NpyHeader, size: number, where: string): void => {
  const [expected, found] = [count * itemSize, size - dataOffset]
  if (expected !== found) throw damaged(where, `${found} bytes of data`, `${expected} bytes for shape (${shape.join(', ')})`)
}

/** The array of a whole .npy file in memory, as float64 in C order. VentralError damaged-file, unsupported-dtype. */
export const decodeNpy = (bytes: Uint8Array, where: string): NdArray => {
  const header = readNpyHeader(bytes, where)
  if (header.kind === 'U' || header.kind === 'S') throw unsupported(header.descr, where)
  checkSize(header, bytes.length, where)
  // A copy, also where bytes is a Buffer, whose slice is none: swapping bytes may change it.
  const values = toFloat64(new Uint8Array(bytes.subarray(header.dataOffset)), header, where)
  return { shape: header.shape, data: header.fortranOrder && header.shape.length > 1 ? toCOrder(values, header.shape) : values }
}

/**
 * The text elements of a whole .npy file of type U (UTF-32) or S (bytes, read as UTF-8), without the NULs that pad them,
 * in C order. VentralError damaged-file, unsupported-dtype.
 */
export const decodeNpyText = (bytes: Uint8Array, where: string): { shape: number[]; values: string[] } => {
  const header = readNpyHeader(bytes, where)
  const { kind, itemSize, littleEndian, count, dataOffset, shape } = header
  if (kind !== 'U' && kind !== 'S') throw unsupported(header.descr, where, 'text (U or S)')
  if (header.fortranOrder && shape.length > 1) throw unsupported('text in Fortran order', where, 'text in C order')
  checkSize(header, bytes.length, where)
  const data = Buffer.from(bytes.buffer, bytes.byteOffset + dataOffset, count * itemSize)
  const element = (i: number): string => {
    const part = data.subarray(i * itemSize, (i + 1) * itemSize)
    return kind === 'U' ? fromUtf32(part, littleEndian, where) : fromUtf8(part, where)
  }
  return { shape, values: Array.from({ length: count }, (_, i) => element(i)) }
}

const fromUtf32 = (part: Buffer, littleEndian: boolean, where: string): string => {
  const points: number[] = []
  for (let at = 0; at < part.length; at += 4) {
    const point = littleEndian ? part.readUInt32LE(at) : part.readUInt32BE(at)
    if (point > 0x10ffff) throw damaged(where, `code point ${point}`, 'Unicode text')
    points.push(point)
  }
  return String.fromCodePoint(...points.slice(0, points.findLastIndex((point) => point !== 0) + 1))
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const fromUtf8 = (part: Buffer, where: string): string => {
  try {
    return utf8.decode(part.subarray(0, part.findLastIndex((byte) => byte !== 0) + 1))
  } catch {
    throw damaged(where, 'bytes that are not UTF-8', 'text')
  }
}

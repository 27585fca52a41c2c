import type { Hdf5Library, Metadata } from './library.ts'
import { maxStringBytes } from './protocol.ts'

/** A string at a place in the library's memory: up to NUL or the field's end, space padding removed, in the stated character set. */
const stringAt = (library: Hdf5Library, pointer: number, size: number, metadata: Metadata): string => {
  const field = library.HEAPU8.subarray(pointer, pointer + size)
  const end = field.indexOf(0)
  const text = Buffer.from(end < 0 ? field : field.subarray(0, end)).toString(metadata.cset === 1 ? 'utf8' : 'latin1')
  return metadata.strpad === 2 ? text.trimEnd() : text
}

/** The strings of a block; those of variable length are pointers into the library's memory. */
export const stringsAt = (library: Hdf5Library, pointer: number, metadata: Metadata, items: number, maxBytes = maxStringBytes): string[] =>
  Array.from({ length: items }, (_, i) => {
    const at = pointer + i * metadata.size
    if (!metadata.vlen) return stringAt(library, at, Math.min(metadata.size, maxBytes), metadata)
    const target = new DataView(library.HEAPU8.buffer).getUint32(at, true)
    return target === 0 ? '' : stringAt(library, target, maxBytes, metadata)
  })

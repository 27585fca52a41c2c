import type { Hdf5Library } from './library.ts'
import { maxAttributeBytes, readAttributes } from './protocol.ts'
import type { Hdf5Attributes } from './protocol.ts'
import { stringsAt } from './strings.ts'

const integer = 0
const float = 1
const string = 3

const numberAt = (library: Hdf5Library, pointer: number, { type, size, signed }: { type: number; size: number; signed: boolean }): number | null => {
  const view = new DataView(library.HEAPU8.buffer, pointer, size)
  if (type === float) return size === 4 ? view.getFloat32(0, true) : size === 8 ? view.getFloat64(0, true) : null
  if (size === 8) return Number(signed ? view.getBigInt64(0, true) : view.getBigUint64(0, true))
  if (size === 4) return signed ? view.getInt32(0, true) : view.getUint32(0, true)
  if (size === 2) return signed ? view.getInt16(0, true) : view.getUint16(0, true)
  return size === 1 ? (signed ? view.getInt8(0) : view.getUint8(0)) : null
}

/** A text or a single number; null for all else, and for what JSON does not hold (a fill value of NaN marks what is NaN anyway). */
const attributeOf = (library: Hdf5Library, file: bigint, path: string, name: string): string | number | null => {
  const metadata = library.get_attribute_metadata(file, path, name)
  const items = (metadata.shape ?? []).reduce((product, side) => product * side, 1)
  if (items !== 1 || metadata.size > maxAttributeBytes || ![integer, float, string].includes(metadata.type)) return null
  const pointer = library._malloc(Math.max(8, metadata.size))
  try {
    library.HEAPU8.fill(0, pointer, pointer + metadata.size)
    library.get_attribute_data(file, path, name, BigInt(pointer))
    if (metadata.type === string) return stringsAt(library, pointer, metadata, 1, maxAttributeBytes)[0]
    const value = numberAt(library, pointer, metadata)
    return Number.isFinite(value) ? value : null
  } finally {
    library._free(pointer)
  }
}

export const attributesOf = (library: Hdf5Library, file: bigint, path: string): Hdf5Attributes => {
  const names = new Set(library.get_attribute_names(file, path))
  const attributes: Hdf5Attributes = {}
  for (const name of readAttributes) {
    const value = names.has(name) ? attributeOf(library, file, path, name) : null
    if (value !== null) attributes[name] = value
  }
  return attributes
}

/** The name of the first dimension scale attached to each axis, without its groups. */
export const dimensionsOf = (library: Hdf5Library, file: bigint, path: string, axes: number): (string | null)[] =>
  Array.from({ length: axes }, (_, axis) => {
    const scale = library.get_attached_scales(file, path, axis)[0]
    return scale === undefined ? null : scale.slice(scale.lastIndexOf('/') + 1)
  })

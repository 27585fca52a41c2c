import { VentralError } from '../../domain/errors.ts'

/** Types of data elements (MAT-File Format, table 1-1). */
export const elementTypes = {
  int8: 1, uint8: 2, int16: 3, uint16: 4, int32: 5, uint32: 6, single: 7, double: 9, int64: 12, uint64: 13,
  matrix: 14, compressed: 15, utf8: 16, utf16: 17, utf32: 18,
} as const // prettier-ignore

export interface Element {
  type: number
  data: Buffer
}

export const damaged = (where: string, found: string, expected: string): VentralError =>
  new VentralError('damaged-file', `${where} is damaged: ${found} where ${expected} should be. Save the MAT-file again, or copy it again if the copy may be cut off.`, [
    { pointer: where, expected, found },
  ])

/** The data elements of a stretch of bytes, one after another. */
export interface ElementReader {
  where: string
  littleEndian: boolean
  /** bytes that follow */
  left: () => number
  /** Throws `damaged-file` where no whole element follows. */
  next: (expected: string) => Element
}

const TAG = 8

export const readElements = (bytes: Buffer, littleEndian: boolean, where: string): ElementReader => {
  let at = 0
  const u32 = (offset: number): number => (littleEndian ? bytes.readUInt32LE(offset) : bytes.readUInt32BE(offset))
  return {
    where,
    littleEndian,
    left: () => bytes.length - at,
    next: (expected) => {
      if (bytes.length - at < TAG) throw damaged(where, bytes.length === at ? 'the end' : `${bytes.length - at} bytes`, expected)
      const first = u32(at)
      // A small element: its length stands in the upper half of the tag, its data in the place of the length.
      const small = first >>> 16
      if (small !== 0) {
        if (small > 4) throw damaged(where, `a small element of ${small} bytes`, `at most 4 bytes (${expected})`)
        const data = bytes.subarray(at + 4, at + 4 + small)
        at += TAG
        return { type: first & 0xffff, data }
      }
      const length = u32(at + 4)
      if (length > bytes.length - at - TAG) throw damaged(where, `${bytes.length - at - TAG} bytes`, `an element of ${length} (${expected})`)
      const data = bytes.subarray(at + TAG, at + TAG + length)
      // All but compressed elements fill up to 8 bytes; the last one of a stretch may not.
      const padded = first === elementTypes.compressed ? length : Math.ceil(length / 8) * 8
      at = Math.min(bytes.length, at + TAG + padded)
      return { type: first, data }
    },
  }
}

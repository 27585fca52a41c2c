import zlib from 'node:zlib'
import { VentralError } from '../../domain/errors.ts'
import { damaged, elementTypes, readElements } from './elements.ts'
import { readMatrix } from './read-matrix.ts'
import type { MatVariable } from './values.ts'

export interface Mat5Limits {
  /** bytes that all compressed variables may unpack to */
  totalBytes: number
  /** unpacked / packed size, of what unpacks to more than `ratioFloor` */
  ratio: number
  ratioFloor: number
}

export const mat5Limits: Mat5Limits = { totalBytes: 2 ** 30, ratio: 200, ratioFloor: 2 ** 27 }

const HEADER = 128
const HDF5 = Buffer.from('\x89HDF\r\n\x1a\n', 'latin1')

const unsupported = (where: string, found: string): VentralError =>
  new VentralError('unsupported-format', `${where} is ${found}. Save it in MATLAB with save('-v7', …), or in Python with scipy.io.savemat.`, [{ pointer: where, expected: 'a MAT-file of version 5 to 7', found }])

/** Whether the bytes begin like a MAT-file of version 5 to 7. */
const byteOrder = (bytes: Buffer, where: string): boolean => {
  if (bytes.subarray(0, 8).equals(HDF5) || bytes.subarray(512, 520).equals(HDF5)) throw unsupported(where, 'a MAT-file of version 7.3 (HDF5)')
  if (bytes.length < HEADER) throw damaged(where, `${bytes.length} bytes`, `a header of ${HEADER}`)
  const mark = bytes.toString('latin1', 126, 128)
  if (mark !== 'IM' && mark !== 'MI') throw unsupported(where, 'no MAT-file of version 5 to 7')
  const littleEndian = mark === 'IM'
  const version = littleEndian ? bytes.readUInt16LE(124) : bytes.readUInt16BE(124)
  if (version !== 0x0100) throw unsupported(where, version === 0x0200 ? 'a MAT-file of version 7.3 (HDF5)' : `a MAT-file of version 0x${version.toString(16)}`)
  return littleEndian
}

const unpack = (packed: Buffer, where: string, limits: Mat5Limits, before: number): Buffer => {
  const most = Math.min(limits.totalBytes - before, Math.max(limits.ratioFloor, limits.ratio * packed.length))
  try {
    return zlib.inflateSync(packed, { maxOutputLength: Math.max(1, most) })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw new VentralError('archive-bomb', `${where} holds a variable that unpacks to over ${most} bytes: it was refused. Save fewer or smaller variables in it.`, [
        { pointer: where, expected: `at most ${most} bytes`, found: 'more' },
      ])
    throw damaged(where, `compressed data that cannot be unpacked (${(error as Error).message})`, 'a variable')
  }
}

/**
 * The variables of a MAT-file of version 5 to 7, one after another. Nothing is run. `where` names the file in messages.
 * Errors: `unsupported-format` (version 4 or 7.3), `damaged-file`, `archive-bomb`.
 */
export function* readMat5(bytes: Buffer, where: string, limits: Mat5Limits = mat5Limits): Generator<MatVariable> {
  const littleEndian = byteOrder(bytes, where)
  const reader = readElements(bytes.subarray(HEADER), littleEndian, where)
  let unpacked = 0
  while (reader.left() > 0) {
    const { type, data } = reader.next('a variable')
    if (type === elementTypes.matrix) yield readMatrix(data, littleEndian, where)
    else if (type === elementTypes.compressed) {
      const inner = unpack(data, where, limits, unpacked)
      unpacked += inner.length
      const element = readElements(inner, littleEndian, where).next('a variable')
      if (element.type !== elementTypes.matrix) throw damaged(where, `an element of type ${element.type}`, 'a variable')
      yield readMatrix(element.data, littleEndian, where)
    } else throw damaged(where, `an element of type ${type}`, 'a variable')
  }
}

import fs from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import type { NdArray } from '../../domain/matrix.ts'
import { checkSize } from './decode.ts'
import { unsupported } from './descr.ts'
import { toCOrder, toFloat64 } from './elements.ts'
import { damaged, HEADER_BYTES, readNpyHeader } from './header.ts'
import type { NpyHeader } from './header.ts'

/** Bytes read at once. */
const CHUNK = 2 ** 24
/** Small reads after which other work gets a turn. */
const READS_PER_TURN = 512

/** An open .npy file of numbers, of which any part is read as float64. */
export interface NpyFile {
  header: NpyHeader
  /** elements from … to, counted as they lie in the file (in Fortran order: C order of the reversed axes) */
  elements: (from: number, to: number) => Promise<Float64Array<ArrayBuffer>>
  /** indices from … to of the first axis with all of the others, in C order, whatever the file's order */
  rows: (from: number, to: number) => Promise<Float64Array<ArrayBuffer>>
  close: () => Promise<void>
}

/**
 * Opens an .npy file to read parts of it, so that an array may be larger than memory. `where` names it in messages.
 * VentralError damaged-file (also when its size is not what the header says), unsupported-dtype.
 */
export const openNpy = async (path: string, where = path): Promise<NpyFile> => {
  const file = await fs.promises.open(path, 'r')
  try {
    const start = Buffer.alloc(HEADER_BYTES)
    const { bytesRead } = await file.read(start, 0, start.length, 0)
    const header = readNpyHeader(start.subarray(0, bytesRead), where)
    if (header.kind === 'U' || header.kind === 'S') throw unsupported(header.descr, where)
    checkSize(header, (await file.stat()).size, where)
    return reader(file, header, where)
  } catch (error) {
    await file.close()
    throw error
  }
}

const reader = (file: fs.promises.FileHandle, header: NpyHeader, where: string): NpyFile => {
  const { itemSize, dataOffset, shape, fortranOrder, count } = header
  const rowCount = shape[0] ?? 1
  const rowSize = rowCount === 0 ? 0 : count / rowCount

  const elements = async (from: number, to: number): Promise<Float64Array<ArrayBuffer>> => {
    if (!(0 <= from && from <= to && to <= count)) throw new RangeError(`elements ${from} to ${to} of ${count}`)
    const out = new Float64Array(to - from)
    const step = CHUNK / itemSize
    const bytes = Buffer.alloc(Math.min(CHUNK, (to - from) * itemSize))
    for (let at = from; at < to; at += step) {
      const part = bytes.subarray(0, Math.min(step, to - at) * itemSize)
      await readFully(file, part, dataOffset + at * itemSize, where)
      out.set(toFloat64(part, header, where), at - from)
    }
    return out
  }

  /** In Fortran order the wanted rows are one short run for each index of the other axes. */
  const gather = async (from: number, to: number): Promise<Float64Array<ArrayBuffer>> => {
    const run = (to - from) * itemSize
    const bytes = Buffer.alloc(run * rowSize)
    for (let line = 0; line < rowSize; line++) {
      // Synchronous: there may be a million of these, and each is a few microseconds from the page cache.
      readFullySync(file.fd, bytes.subarray(line * run, (line + 1) * run), dataOffset + (line * rowCount + from) * itemSize, where)
      if (line % READS_PER_TURN === READS_PER_TURN - 1) await setImmediate()
    }
    return toCOrder(toFloat64(bytes, header, where), [to - from, ...shape.slice(1)])
  }

  return {
    header,
    elements,
    rows: (from, to) => {
      if (!(0 <= from && from <= to && to <= rowCount)) return Promise.reject(new RangeError(`rows ${from} to ${to} of ${rowCount}`))
      return fortranOrder && shape.length > 1 && !(from === 0 && to === rowCount) ? gather(from, to) : wholeRows(from, to)
    },
    close: () => file.close(),
  }

  async function wholeRows(from: number, to: number): Promise<Float64Array<ArrayBuffer>> {
    const values = await elements(from * rowSize, to * rowSize)
    return fortranOrder && shape.length > 1 ? toCOrder(values, [to - from, ...shape.slice(1)]) : values
  }
}

/** Rows from … to of the first axis of a file whose header is at hand, in C order. For many parts of one file, openNpy opens it once. */
export const readNpyRows = async (path: string, header: NpyHeader, from: number, to: number): Promise<Float64Array<ArrayBuffer>> => {
  const file = await fs.promises.open(path, 'r')
  try {
    return await reader(file, header, path).rows(from, to)
  } finally {
    await file.close()
  }
}

/** The whole array of an .npy file, as float64 in C order. Errors as openNpy. */
export const readNpyFile = async (path: string, where = path): Promise<NdArray> => {
  const file = await openNpy(path, where)
  try {
    return { shape: file.header.shape, data: await file.rows(0, file.header.shape[0] ?? 1) }
  } finally {
    await file.close()
  }
}

const readFully = async (file: fs.promises.FileHandle, target: Buffer, position: number, where: string): Promise<void> => {
  for (let done = 0; done < target.length; ) {
    const { bytesRead } = await file.read(target, done, target.length - done, position + done)
    if (bytesRead === 0) throw damaged(where, 'the end of the file', `${target.length - done} more bytes`)
    done += bytesRead
  }
}

const readFullySync = (fd: number, target: Buffer, position: number, where: string): void => {
  for (let done = 0; done < target.length; ) {
    const bytesRead = fs.readSync(fd, target, done, target.length - done, position + done)
    if (bytesRead === 0) throw damaged(where, 'the end of the file', `${target.length - done} more bytes`)
    done += bytesRead
  }
}

import fs from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { throwIfAborted } from '../domain/progress.ts'
import { openNpy } from '../numerics/npy.ts'
import type { NpyFile } from '../numerics/npy.ts'

/** Bytes of a Fortran array that are turned around in memory at a time. */
const SLAB_BYTES = 64e6
/** Small writes after which other work gets a turn. */
const WRITES_PER_TURN = 512

/** A matrix (row x column) of which whole rows are read, as float64. `columns[k]` is the place of its k-th value in C order of the array's own axes. */
export interface RowReader {
  rows(from: number, to: number): Promise<Float64Array>
  columns: Int32Array | null
  close(): Promise<void>
}

/**
 * Opens an .npy array of any order for reading by rows, whatever its size. One in Fortran order, whose rows lie scattered over the
 * whole file, is first turned around into the file `scratch`, column slab by column slab. Errors: those of openNpy.
 */
export const openRows = async (file: string, where: string, scratch: string, signal?: AbortSignal): Promise<RowReader> => {
  const npy = await openNpy(file, where)
  const { fortranOrder, shape } = npy.header
  if (!fortranOrder || shape.length < 2) return { rows: npy.rows, columns: null, close: npy.close }
  try {
    await turnAround(npy, scratch, signal)
  } finally {
    await npy.close()
  }
  return readerOf(scratch, npy.header.count / shape[0], shape.length === 2 ? null : cOrder(shape.slice(1)))
}

/** Writes the array as rows of float64, its columns in the order in which they lie in the Fortran file. */
const turnAround = async ({ header, elements }: NpyFile, target: string, signal?: AbortSignal): Promise<void> => {
  const rows = header.shape[0]
  const cols = header.count / rows
  const width = Math.max(1, Math.min(cols, Math.floor(SLAB_BYTES / (8 * rows))))
  const fd = fs.openSync(target, 'wx')
  try {
    for (let first = 0; first < cols; first += width) {
      throwIfAborted(signal)
      const count = Math.min(width, cols - first)
      const slab = await elements(first * rows, (first + count) * rows) // (column of slab x row)
      const turned = new Float64Array(slab.length) // (row x column of slab)
      for (let k = 0; k < count; k++) for (let i = 0; i < rows; i++) turned[i * count + k] = slab[k * rows + i]
      const bytes = new Uint8Array(turned.buffer)
      if (count === cols) writeAll(fd, bytes, 0)
      else
        for (let i = 0; i < rows; i++) {
          writeAll(fd, bytes.subarray(8 * i * count, 8 * (i + 1) * count), 8 * (i * cols + first))
          if (i % WRITES_PER_TURN === WRITES_PER_TURN - 1) await setImmediate()
        }
    }
  } finally {
    fs.closeSync(fd)
  }
}

const writeAll = (fd: number, bytes: Uint8Array, position: number): void => {
  for (let done = 0; done < bytes.length; ) done += fs.writeSync(fd, bytes, done, bytes.length - done, position + done)
}

/** Reads rows of float64 that lie one behind the other. */
const readerOf = async (file: string, cols: number, columns: Int32Array | null): Promise<RowReader> => {
  const handle = await fs.promises.open(file, 'r')
  return {
    rows: async (from, to) => {
      const values = new Float64Array((to - from) * cols)
      const bytes = new Uint8Array(values.buffer)
      for (let done = 0; done < bytes.length; ) {
        const { bytesRead } = await handle.read(bytes, done, bytes.length - done, 8 * from * cols + done)
        if (bytesRead === 0) throw new Error(`${file} ended early`)
        done += bytesRead
      }
      return values
    },
    columns,
    close: () => handle.close(),
  }
}

/** Where each element of an array in Fortran order, counted as it lies there, stands in C order. */
const cOrder = (shape: readonly number[]): Int32Array => {
  const places = new Int32Array(shape.reduce((a, b) => a * b, 1))
  const index = shape.map(() => 0)
  for (let k = 0; k < places.length; k++) {
    places[k] = index.reduce((place, i, axis) => place * shape[axis] + i, 0)
    for (let axis = 0; axis < shape.length && ++index[axis] === shape[axis]; axis++) index[axis] = 0
  }
  return places
}

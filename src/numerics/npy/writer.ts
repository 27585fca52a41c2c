import fs from 'node:fs/promises'
import { encodeHeader } from './encode.ts'

export interface NpyWriter {
  /** Appends whole rows, converted to the file's type. Calls may overlap; rows lie in the order of the calls. */
  append: (rows: Float32Array | Float64Array) => Promise<void>
  /** States the number of rows in the header, makes the file durable, and gives its shape. Until then the file says that it has none. */
  close: () => Promise<number[]>
  /** Closes and removes the file. Does nothing after close. */
  discard: () => Promise<void>
}

const types = { f4: { descr: '<f4', array: Float32Array }, f8: { descr: '<f8', array: Float64Array } } as const

/** Starts an .npy file of rows of a given shape, whose number need not be known. An existing file is replaced. */
export const openNpyWriter = async (path: string, rowShape: readonly number[], type: 'f4' | 'f8'): Promise<NpyWriter> => {
  const { descr, array } = types[type]
  const rowSize = rowShape.reduce((a, b) => a * b, 1)
  const header = (rows: number): Buffer => encodeHeader(descr, [rows, ...rowShape], encodeHeader(descr, [Number.MAX_SAFE_INTEGER, ...rowShape]).length)
  const file = await fs.open(path, 'w')
  let rows = 0
  let position = 0
  let open = true
  const write = async (bytes: Uint8Array, at: number): Promise<void> => {
    for (let done = 0; done < bytes.length; ) done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten
  }
  const closeFile = async (): Promise<void> => {
    open = false
    await file.close()
  }

  try {
    await write(header(0), position)
    position = header(0).length
  } catch (error) {
    await closeFile()
    throw error
  }
  return {
    append: async (values) => {
      const added = rowSize === 0 ? 0 : values.length / rowSize
      if (!Number.isInteger(added)) throw new Error(`${values.length} values are no whole rows of ${rowSize}`)
      const data = values instanceof array ? values : array.from(values)
      const at = position
      position += data.byteLength
      rows += added
      await write(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at)
    },
    close: async () => {
      try {
        await write(header(rows), 0)
        await file.sync()
      } finally {
        await closeFile()
      }
      return [rows, ...rowShape]
    },
    discard: async () => {
      if (!open) return
      await closeFile()
      await fs.rm(path, { force: true })
    },
  }
}

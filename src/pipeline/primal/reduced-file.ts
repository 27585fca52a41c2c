import fs from 'node:fs'
import type { Matrix } from '../../domain/matrix.ts'
import { translateFileError } from '../../storage/durable-files.ts'

/** A layer's reduced activations Z, (stimulus x dimension) float32 on disk, and the vector that statistics of them are taken about. */
export interface ReducedFile {
  path: string
  units: number
  stimuli: number
  dimensions: number
  /** mean of Z over all stimuli; the value itself where a dimension does not vary */
  centre: Float64Array
}

const MAGIC = Buffer.from('VENTRALREDU1')
const HEAD = MAGIC.length + 12

/** Writes rows as they come, then the centre: magic, (units, stimuli, dimensions) as uint32, centre (float64), rows (float32). */
export const createReducedFile = (path: string, { units, stimuli, dimensions }: Pick<ReducedFile, 'units' | 'stimuli' | 'dimensions'>) => {
  const fd = fs.openSync(path, 'w+')
  const sums = new Float64Array(dimensions)
  const first = new Float32Array(dimensions)
  const varies = new Uint8Array(dimensions)
  return {
    /** rows in order, from the first stimulus on */
    write: (firstRow: number, { rows, data }: Matrix<Float32Array>): void => {
      if (firstRow === 0) first.set(data.subarray(0, dimensions))
      for (let i = 0; i < rows; i++)
        for (let k = 0; k < dimensions; k++) {
          const z = data[i * dimensions + k]
          sums[k] += z
          if (z !== first[k]) varies[k] = 1
        }
      writeAll(fd, new Uint8Array(data.buffer, data.byteOffset, 4 * rows * dimensions), HEAD + 8 * dimensions + 4 * firstRow * dimensions)
    },
    finish: (): void => {
      const head = Buffer.alloc(HEAD)
      MAGIC.copy(head)
      ;[units, stimuli, dimensions].forEach((value, i) => head.writeUInt32LE(value, MAGIC.length + 4 * i))
      const centre = sums.map((sum, k) => (varies[k] === 1 ? sum / stimuli : first[k]))
      writeAll(fd, new Uint8Array(centre.buffer), HEAD)
      writeAll(fd, head, 0)
    },
    close: (): void => fs.closeSync(fd),
  }
}

const writeAll = (fd: number, bytes: Uint8Array, position: number): void => {
  try {
    for (let done = 0; done < bytes.length; ) done += fs.writeSync(fd, bytes, done, bytes.length - done, position + done)
  } catch (error) {
    throw translateFileError(error)
  }
}

const readAll = (fd: number, bytes: Uint8Array, position: number): void => {
  for (let done = 0; done < bytes.length; ) {
    const got = fs.readSync(fd, bytes, done, bytes.length - done, position + done)
    if (got === 0) throw new Error('a file of reduced activations ended early')
    done += got
  }
}

/** Reads what a file says of itself. Throws when it is not whole. */
export const openReducedFile = (path: string): ReducedFile => {
  const fd = fs.openSync(path, 'r')
  try {
    const head = Buffer.alloc(HEAD)
    readAll(fd, head, 0)
    if (!head.subarray(0, MAGIC.length).equals(MAGIC)) throw new Error(`${path} holds no reduced activations`)
    const [units, stimuli, dimensions] = [0, 1, 2].map((i) => head.readUInt32LE(MAGIC.length + 4 * i))
    if (fs.fstatSync(fd).size !== HEAD + 8 * dimensions + 4 * stimuli * dimensions) throw new Error(`${path} is not whole`)
    const centre = new Float64Array(dimensions)
    readAll(fd, new Uint8Array(centre.buffer), HEAD)
    return { path, units, stimuli, dimensions, centre }
  } finally {
    fs.closeSync(fd)
  }
}

/** Some stimuli's reduced activations about the centre, in float64, block after block of at most `atOnce` rows. */
export const readReducedRows = function* ({ path, dimensions, centre }: ReducedFile, rows: Int32Array, atOnce: number): Generator<{ rows: Int32Array; Z: Matrix }> {
  const fd = fs.openSync(path, 'r')
  try {
    const one = new Float32Array(dimensions)
    const bytes = new Uint8Array(one.buffer)
    for (let from = 0; from < rows.length; from += atOnce) {
      const part = rows.subarray(from, from + atOnce)
      const data = new Float64Array(part.length * dimensions) // (stimulus x dimension)
      part.forEach((row, i) => {
        readAll(fd, bytes, HEAD + 8 * dimensions + 4 * row * dimensions)
        for (let k = 0; k < dimensions; k++) data[i * dimensions + k] = one[k] - centre[k]
      })
      yield { rows: part, Z: { rows: part.length, cols: dimensions, data } }
    }
  } finally {
    fs.closeSync(fd)
  }
}

import { VentralError } from '../../domain/errors.ts'
import { throwIfAborted } from '../../domain/progress.ts'
import type { ValueFile } from '../value-file.ts'
import { maxSlabBytes } from './client.ts'
import type { Hdf5File } from './client.ts'
import type { ListedObject } from './protocol.ts'

const slabBytes = 24e6

/** Rows per slab: whole chunks where they fit, so that none is unpacked twice. */
const rowsPerSlab = (file: string, { name, shape, size, chunks }: ListedObject, axis: number): number => {
  const values = shape.reduce((product, side, i) => (i === axis ? product : product * side), 1)
  const bytes = values * Math.max(8, size) // as float64
  if (bytes > maxSlabBytes) throw new VentralError('does-not-fit', `${file}: ${name} has ${values} values per row; at most ${maxSlabBytes / 8} are read. Import fewer sites, time bins or repetitions at a time.`)
  const fit = Math.max(1, Math.floor(slabBytes / bytes))
  const chunk = chunks?.[axis] ?? 1
  return chunk <= fit ? fit - (fit % chunk) : chunk * bytes <= maxSlabBytes ? chunk : fit
}

/**
 * Copies a numeric dataset slab by slab with its axes in another order: `order` lists its axes from the one of rows on. Memory: a slab,
 * however large the dataset and whichever its order. `decode` says what a stored value means.
 */
export const copyRows = async (
  h5: Hdf5File,
  object: ListedObject,
  target: ValueFile,
  { order, decode = Number, signal }: { order: readonly number[]; decode?: (value: number | bigint) => number; signal?: AbortSignal },
): Promise<void> => {
  const [rowAxis, ...inner] = order
  const step = rowsPerSlab(h5.file.name, object, rowAxis)
  for (let first = 0; first < object.shape[rowAxis]; first += step) {
    throwIfAborted(signal)
    const rows = Math.min(step, object.shape[rowAxis] - first)
    const count = object.shape.map((side, axis) => (axis === rowAxis ? rows : side))
    const slab = await h5.block(object.name, { offset: object.shape.map((_, axis) => (axis === rowAxis ? first : 0)), count })
    // how far apart neighbours along an axis lie in the slab, which is in the file's order
    const strideOf = (axis: number): number => count.slice(axis + 1).reduce((a, b) => a * b, 1)
    let places = Int32Array.of(0) // of a row's values, in the wanted order
    for (const axis of inner) places = Int32Array.from({ length: places.length * count[axis] }, (_, i) => places[Math.floor(i / count[axis])] + (i % count[axis]) * strideOf(axis))
    const values = new Float64Array(slab.length)
    const rowStride = strideOf(rowAxis)
    let at = 0
    for (let row = 0; row < rows; row++) for (const place of places) values[at++] = decode(slab[row * rowStride + place])
    await target.append(values)
  }
}

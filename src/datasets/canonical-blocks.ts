import type { Axis } from '../domain/dataset.ts'
import { VentralError } from '../domain/errors.ts'
import type { ResponseShape } from './responses-summary.ts'

/** An array that is read piece by piece, in storage order: the last axis varies fastest. NaN is a missing value. */
export interface StoredArray {
  /** for messages */
  file: string
  axes: Axis[]
  shape: number[]
  /** bytes per value in storage: how large a run of values is */
  itemBytes: number
  /** `count` values from index `from` on, as float64 */
  read(from: number, count: number): Promise<Float64Array>
}

const sideOf = (array: StoredArray, axis: Axis): number => {
  const i = array.axes.indexOf(axis)
  return i < 0 ? 1 : array.shape[i]
}

/** Sides of the canonical form of an array (a missing axis has one element). */
export const responseShape = (array: StoredArray): ResponseShape => ({
  stimuli: sideOf(array, 'stimulus'),
  sites: sideOf(array, 'site'),
  timeBins: sideOf(array, 'time'),
  repetitions: sideOf(array, 'repetition'),
})

const product = (sides: readonly number[]): number => sides.reduce((a, b) => a * b, 1)

/** Offset in a canonical block of each element of the given axes, in their storage order. */
const offsetsOf = (axes: readonly Axis[], sides: readonly number[], strides: Record<Axis, number>): Float64Array => {
  let offsets = new Float64Array(1)
  axes.forEach((axis, i) => {
    const next = new Float64Array(offsets.length * sides[i])
    offsets.forEach((offset, k) => {
      for (let j = 0; j < sides[i]; j++) next[k * sides[i] + j] = offset + j * strides[axis]
    })
    offsets = next
  })
  return offsets
}

/** Reads runs of values, many of them by one read of the file where they lie close together. */
const runReader = (array: StoredArray, run: number, stride: number): ((from: number) => Promise<Float64Array>) => {
  const total = product(array.shape)
  // A gap of three runs costs less to read over than to seek over; wider ones are left out.
  const window = stride <= 4 * run ? Math.max(run, Math.floor((1 << 20) / array.itemBytes)) : run
  let start = 0
  let held: Float64Array = new Float64Array(0)
  return async (from) => {
    if (from < start || from + run > start + held.length) {
      start = from
      held = await array.read(from, Math.min(window, total - from))
    }
    return held.subarray(from - start, from - start + run)
  }
}

const defaultBlockBytes = 32e6
const maxRowBytes = 512e6

/**
 * The array as blocks of whole stimuli in canonical order (stimulus x site x time bin x repetition, float64), whatever its own axes.
 * Memory: one block (at least one stimulus), however large the array. Calls `use(first stimulus, block)` in order; the block is reused.
 */
export const eachCanonicalBlock = async (
  array: StoredArray,
  use: (firstStimulus: number, block: Float64Array) => Promise<void>,
  options: { signal?: AbortSignal; blockBytes?: number } = {},
): Promise<void> => {
  const { stimuli, sites, timeBins, repetitions } = responseShape(array)
  const rowLength = sites * timeBins * repetitions
  if (rowLength * 8 > maxRowBytes) {
    throw new VentralError(
      'does-not-fit',
      `${array.file} has ${rowLength} values per stimulus; at most ${maxRowBytes / 8} are read. Import fewer sites, time bins or repetitions at a time.`,
    )
  }
  const strides: Record<Axis, number> = { stimulus: rowLength, site: timeBins * repetitions, time: repetitions, repetition: 1 }
  const at = array.axes.indexOf('stimulus')
  const outer = offsetsOf(array.axes.slice(0, at), array.shape.slice(0, at), strides)
  const inner = offsetsOf(array.axes.slice(at + 1), array.shape.slice(at + 1), strides)
  const perBlock = Math.max(1, Math.min(stimuli, Math.floor((options.blockBytes ?? defaultBlockBytes) / (rowLength * 8))))
  const buffer = new Float64Array(perBlock * rowLength)
  for (let first = 0; first < stimuli; first += perBlock) {
    options.signal?.throwIfAborted()
    const count = Math.min(perBlock, stimuli - first)
    const block = buffer.subarray(0, count * rowLength)
    const readRun = runReader(array, count * inner.length, stimuli * inner.length)
    for (let o = 0; o < outer.length; o++) {
      // (stimulus x inner axes), one run of the file
      const values = await readRun((o * stimuli + first) * inner.length)
      for (let s = 0; s < count; s++) {
        const base = outer[o] + s * rowLength
        const row = s * inner.length
        for (let i = 0; i < inner.length; i++) block[base + inner[i]] = values[row + i]
      }
    }
    await use(first, block)
  }
}

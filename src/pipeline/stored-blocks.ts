import fs from 'node:fs'
import type { StoredLayer } from '../domain/activations.ts'
import type { Pooling } from '../domain/backbone.ts'
import type { Matrix } from '../domain/matrix.ts'
import { adaptiveWindows, pooledShape, sizeOf } from '../models/shapes.ts'
import { HEADER_BYTES, readNpyHeader } from '../numerics/npy.ts'
import { blockUnits } from './spill.ts'
import type { UnitBlocks } from './unit-blocks.ts'

/** A stored layer's activations, by blocks of units or by rows. */
export interface StoredBlocks extends UnitBlocks {
  /** rows first … first+count, (stimulus x unit) */
  rows(first: number, count: number): Values
  close(): void
}

type Values = Float32Array | Float64Array

/** Reads a run of a stored row, from unit `first` on, into `target`. */
type ReadRun = (row: number, first: number, target: Values) => void

/**
 * The activations of a stored layer, read block by block straight from its .npy file (rows in C order): memory holds one block, however
 * wide the layer. With a grid, each channel (C x H x W) is averaged over its adaptive windows, as torch's AdaptiveAvgPool2d does.
 */
export const openStoredBlocks = (file: string, stimuli: number, layer: StoredLayer, pooling: Pooling): StoredBlocks => {
  const fd = fs.openSync(file, 'r')
  try {
    const head = Buffer.alloc(HEADER_BYTES)
    const { dataOffset, itemSize } = readNpyHeader(head.subarray(0, fs.readSync(fd, head, 0, head.length, 0)), `activations ${layer.sha256.slice(0, 8)}`)
    const read: ReadRun = (row, first, target) => {
      const bytes = new Uint8Array(target.buffer, target.byteOffset, target.byteLength)
      const start = dataOffset + itemSize * (row * layer.units + first)
      for (let done = 0; done < bytes.length; ) {
        const got = fs.readSync(fd, bytes, done, bytes.length - done, start + done)
        if (got === 0) throw new Error(`the stored activations ${layer.sha256} end early`)
        done += got
      }
    }
    const blocks = pooling === 'none' || layer.shape.length !== 3 ? plainBlocks(layer, stimuli, read) : pooledBlocks(layer, stimuli, pooling.grid, read)
    return { ...blocks, close: () => fs.closeSync(fd) }
  } catch (error) {
    fs.closeSync(fd)
    throw error
  }
}

const valuesOf = ({ type }: StoredLayer, count: number): Values => (type === 'f4' ? new Float32Array(count) : new Float64Array(count))

const matrix = (rows: number, cols: number, data: Values): Matrix<Float32Array> | Matrix => ({ rows, cols, data }) as Matrix<Float32Array> | Matrix

/** Units per block: half as many of float64. */
const widthOf = ({ type }: StoredLayer, stimuli: number): number => Math.max(1, Math.floor(blockUnits(stimuli) / (type === 'f4' ? 1 : 2)))

const plainBlocks = (layer: StoredLayer, stimuli: number, read: ReadRun): Omit<StoredBlocks, 'close'> => ({
  stimuli,
  units: layer.units,
  eachBlock: async (visit) => {
    const width = Math.min(layer.units, widthOf(layer, stimuli))
    const buffer = valuesOf(layer, stimuli * width)
    for (let first = 0; first < layer.units; first += width) {
      const cols = Math.min(width, layer.units - first)
      const data = buffer.subarray(0, stimuli * cols) // (stimulus x unit of block)
      if (cols === layer.units) read(0, 0, data)
      else for (let i = 0; i < stimuli; i++) read(i, first, data.subarray(i * cols, (i + 1) * cols))
      await visit(matrix(stimuli, cols, data), first)
    }
  },
  rows: (first, count) => {
    const data = valuesOf(layer, count * layer.units)
    read(first, 0, data) // rows lie one behind the other
    return data
  },
})

const pooledBlocks = (layer: StoredLayer, stimuli: number, grid: number, read: ReadRun): Omit<StoredBlocks, 'close'> => {
  const [channels, height, width] = layer.shape
  const shape = pooledShape(layer.shape, { grid }) // (channel, row, column)
  const pooled = sizeOf(shape.slice(1))
  const windows = adaptiveWindows(height, shape[1]).flatMap(([top, bottom]) => adaptiveWindows(width, shape[2]).map(([left, right]) => ({ top, bottom, left, right })))
  /** Averages a run of a stimulus's channels into `data` from `at` on. */
  const pool = (run: Values, count: number, data: Values, at: number): void => {
    for (let c = 0; c < count; c++) for (const window of windows) data[at++] = meanOver(run, c * height * width, width, window)
  }
  return {
    stimuli,
    units: channels * pooled,
    rows: (first, count) => {
      const run = valuesOf(layer, layer.units)
      const data = valuesOf(layer, count * channels * pooled)
      for (let i = 0; i < count; i++) {
        read(first + i, 0, run)
        pool(run, channels, data, i * channels * pooled)
      }
      return data
    },
    eachBlock: async (visit) => {
      const perBlock = Math.min(channels, Math.max(1, Math.floor(widthOf(layer, stimuli) / pooled)))
      const buffer = valuesOf(layer, stimuli * perBlock * pooled)
      for (let first = 0; first < channels; first += perBlock) {
        const count = Math.min(perBlock, channels - first)
        const run = valuesOf(layer, count * height * width) // one stimulus's channels
        const data = buffer.subarray(0, stimuli * count * pooled) // (stimulus x unit of block)
        for (let i = 0; i < stimuli; i++) {
          read(i, first * height * width, run)
          pool(run, count, data, i * count * pooled)
        }
        await visit(matrix(stimuli, count * pooled, data), first * pooled)
      }
    },
  }
}

/** Mean over a window of a plane that starts at `offset`, in float64. */
const meanOver = (values: Values, offset: number, width: number, { top, bottom, left, right }: { top: number; bottom: number; left: number; right: number }): number => {
  let sum = 0
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += values[offset + y * width + x]
  return sum / ((bottom - top) * (right - left))
}

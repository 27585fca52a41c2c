import fs from 'node:fs'
import path from 'node:path'
import { VentralError } from '../domain/errors.ts'
import type { UnitBlocks } from './unit-blocks.ts'

/** Bytes that one column block may take in memory when it is read back. */
const BLOCK_BYTES = 205e6
const MAX_BLOCK_UNITS = 20_000

/** Units per column block for n stimuli: about 20,000, fewer when a block would not stay small in memory. */
export const blockUnits = (stimuli: number): number => Math.max(1, Math.min(MAX_BLOCK_UNITS, Math.floor(BLOCK_BYTES / (4 * stimuli))))

/** A layer's activations on disk, by column blocks: each block's file is (stimulus x unit-of-block) float32, written once and read once. */
export interface Spill extends UnitBlocks {
  /** Writes the rows of a batch; `rows` is (batch x units). */
  write(firstRow: number, rows: Float32Array): void
  remove(): void
}

const diskFull = (error: unknown): never => {
  if ((error as NodeJS.ErrnoException).code === 'ENOSPC')
    throw new VentralError('disk-full', 'The disk is full: the activations could not be kept while the layer was read. Free space, lower VENTRAL_SPILL_GB or use pooling.')
  throw error
}

const bytesOf = (values: Float32Array, from: number, count: number): Uint8Array => new Uint8Array(values.buffer, values.byteOffset + 4 * from, 4 * count)

/** Writes all parts one behind the other from `position` on; what a full pipe of the system cuts short is written on. */
const writeWhole = (fd: number, parts: Uint8Array[], position: number): void => {
  let left = parts
  while (left.length > 0) {
    let written = fs.writevSync(fd, left, position)
    position += written
    while (left.length > 0 && written >= left[0].length) {
      written -= left[0].length
      left = left.slice(1)
    }
    if (written > 0) left = [left[0].subarray(written), ...left.slice(1)]
  }
}

/** Opens an empty spill in `folder` (created). The caller removes it. */
export const createSpill = (folder: string, stimuli: number, units: number): Spill => {
  const width = blockUnits(stimuli)
  const blocks: { first: number; width: number; fd: number }[] = []
  const remove = (): void => {
    for (const { fd } of blocks.splice(0)) fs.closeSync(fd)
    fs.rmSync(folder, { recursive: true, force: true })
  }
  try {
    fs.mkdirSync(folder, { recursive: true })
    for (let first = 0; first < units; first += width)
      blocks.push({ first, width: Math.min(width, units - first), fd: fs.openSync(path.join(folder, `block-${blocks.length}.f32`), 'w+') })
  } catch (error) {
    remove()
    diskFull(error)
  }
  return {
    stimuli,
    units,
    write(firstRow, rows) {
      const count = rows.length / units
      for (const block of blocks) {
        // One row after the other, as they lie in the batch: no copy of the block is made.
        const parts = Array.from({ length: count }, (_, i) => bytesOf(rows, i * units + block.first, block.width))
        try {
          writeWhole(block.fd, parts, firstRow * block.width * 4)
        } catch (error) {
          diskFull(error)
        }
      }
    },
    async eachBlock(visit) {
      const buffer = new Float32Array(stimuli * Math.min(width, units))
      for (const block of blocks) {
        const data = buffer.subarray(0, stimuli * block.width) // (stimulus x unit of block)
        const bytes = new Uint8Array(data.buffer, 0, data.byteLength)
        for (let done = 0; done < bytes.length; ) {
          const got = fs.readSync(block.fd, bytes, done, bytes.length - done, done)
          if (got === 0) throw new Error(`spill block at unit ${block.first} is short: ${done} of ${bytes.length} bytes`)
          done += got
        }
        await visit({ rows: stimuli, cols: block.width, data }, block.first)
      }
    },
    remove,
  }
}

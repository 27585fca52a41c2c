import { createHash } from 'node:crypto'
import fs from 'node:fs/promises'
import path from 'node:path'
import { VentralError } from '../domain/errors.ts'
import { noImages, openImageFiles } from '../datasets/image-files.ts'
import type { ImageFile } from '../datasets/image-files.ts'
import { createDecoderPool } from '../models/preprocess/decoder-pool.ts'
import { openNpy } from '../numerics/npy.ts'

export interface InputRow {
  stimulusId: string
  filename: string
  sha256: string
}

/** What a network is run on: images (decoded, resized, pixels in [0, 1]) or a tensor that is used as it is. */
export interface ActivationInput {
  kind: 'images' | 'tensor'
  count: number
  /** filled as the rows are read */
  rows: InputRow[]
  /** (count, 3, S, S) of the rows from `first` on */
  read(first: number, count: number): Promise<Float32Array>
  close(): Promise<void>
}

/** Opens an image, a folder or zip of images (in code-point order of their names), or a .npy tensor (n, 3, S, S). */
export const openActivationInput = async (input: string, size: number): Promise<ActivationInput> => {
  const stat = await fs.stat(input).catch(() => null)
  if (stat === null) throw new VentralError('not-found', `There is no file or folder ${input}.`)
  if (stat.isFile() && path.extname(input) === '.npy') return fromTensor(input, size)
  const { images, close } = await openImageFiles(input)
  return fromImages(images, size, close)
}

const fromTensor = async (input: string, size: number): Promise<ActivationInput> => {
  const file = await openNpy(input)
  const { shape } = file.header
  if (shape.length !== 4 || shape.slice(1).join() !== [3, size, size].join()) {
    await file.close()
    throw new VentralError('count-mismatch', `${input} has shape (${shape.join(', ')}); this backbone takes (n, 3, ${size}, ${size}).`, [
      { pointer: input, expected: `(n, 3, ${size}, ${size})`, found: `(${shape.join(', ')})` },
    ])
  }
  if (shape[0] === 0) {
    await file.close()
    throw noImages()
  }
  const rows: InputRow[] = []
  return {
    kind: 'tensor',
    count: shape[0],
    rows,
    read: async (first, count) => {
      const values = Float32Array.from(await file.rows(first, first + count))
      for (let i = 0; i < count; i++) {
        const row = values.subarray(i * 3 * size * size, (i + 1) * 3 * size * size)
        const sha256 = createHash('sha256').update(new Uint8Array(row.buffer, row.byteOffset, row.byteLength)).digest('hex')
        rows[first + i] = { stimulusId: String(first + i), filename: path.basename(input), sha256 }
      }
      return values
    },
    close: file.close,
  }
}

const fromImages = (images: ImageFile[], size: number, close: () => void): ActivationInput => {
  const decoders = createDecoderPool({ threads: 1, size })
  const rows: InputRow[] = []
  return {
    kind: 'images',
    count: images.length,
    rows,
    read: async (first, count) => {
      const batch = images.slice(first, first + count)
      const bytes = await Promise.all(batch.map((image) => image.read()))
      batch.forEach(({ name }, i) => {
        rows[first + i] = { stimulusId: path.parse(name).name, filename: name, sha256: createHash('sha256').update(bytes[i]).digest('hex') }
      })
      return decoders.decodeBatch(bytes, batch.map(({ name }) => name))
    },
    close: async () => {
      await decoders.close()
      close()
    },
  }
}

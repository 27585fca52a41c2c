import { createHash } from 'node:crypto'
import fs from 'node:fs/promises'
import path from 'node:path'
import { VentralError } from '../domain/errors.ts'
import { imageMediaType, signatureBytes } from '../datasets/image-signature.ts'
import { compareCodePoints } from '../datasets/natural-order.ts'
import { firstBytes, sourceFile } from '../datasets/source-file.ts'
import { openZip } from '../datasets/zip.ts'
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
  if (stat.isDirectory()) return fromFolder(input, size)
  if (path.extname(input) === '.npy') return fromTensor(input, size)
  if (imageMediaType(await firstBytes(input, signatureBytes)) !== null) return fromImages([{ name: path.basename(input), read: () => fs.readFile(input) }], size)
  return fromZip(input, size)
}

const noImages = (): VentralError =>
  new VentralError('too-few-stimuli', 'There is no image in the input.', [{ pointer: 'INPUT', expected: 'at least one image', found: 'none' }])

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

interface ImageFile {
  name: string
  read(): Promise<Uint8Array>
}

const fromImages = (images: ImageFile[], size: number, close: () => void | Promise<void> = () => undefined): ActivationInput => {
  if (images.length === 0) throw noImages()
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
      await close()
    },
  }
}

const fromFolder = async (folder: string, size: number): Promise<ActivationInput> => {
  const entries = await fs.readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
  const names = files.filter((name) => !name.split(path.sep).some((part) => part.startsWith('.') || part === '__MACOSX')) // as in archives
  const images: ImageFile[] = []
  for (const name of names.sort(compareCodePoints)) {
    const file = path.join(folder, name)
    if (imageMediaType(await firstBytes(file, signatureBytes)) !== null) images.push({ name, read: () => fs.readFile(file) })
  }
  return fromImages(images, size)
}

const fromZip = async (input: string, size: number): Promise<ActivationInput> => {
  const zip = await openZip(sourceFile(input))
  const images = zip.entries
    .toSorted((a, b) => compareCodePoints(a.path, b.path))
    .map((entry): ImageFile => ({ name: entry.path, read: async () => Buffer.concat(await Array.fromAsync(zip.read(entry))) }))
  try {
    return fromImages(images, size, () => zip.close())
  } catch (error) {
    zip.close()
    throw error
  }
}

import fs from 'node:fs/promises'
import path from 'node:path'
import { VentralError } from '../domain/errors.ts'
import { imageMediaType, signatureBytes } from './image-signature.ts'
import { compareCodePoints } from './natural-order.ts'
import { firstBytes, sourceFile } from './source-file.ts'
import { openZip } from './zip.ts'

/** An image as it lies in a folder or archive: its path there, with `/` between folders. */
export interface ImageFile {
  name: string
  read: () => Promise<Uint8Array>
}

export interface ImageFiles {
  /** in code-point order of their names; one at least */
  images: ImageFile[]
  close: () => void
}

export const noImages = (): VentralError =>
  new VentralError('too-few-stimuli', 'There is no image in the input.', [{ pointer: 'INPUT', expected: 'at least one image', found: 'none' }])

const inFolder = async (folder: string): Promise<ImageFile[]> => {
  const entries = await fs.readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
  const names = files.filter((name) => !name.split('/').some((part) => part.startsWith('.') || part === '__MACOSX')) // as in archives
  const images: ImageFile[] = []
  for (const name of names.sort(compareCodePoints)) {
    const file = path.join(folder, name)
    if (imageMediaType(await firstBytes(file, signatureBytes)) !== null) images.push({ name, read: () => fs.readFile(file) })
  }
  return images
}

const inZip = async (input: string): Promise<ImageFiles> => {
  const zip = await openZip(sourceFile(input))
  const images = zip.entries
    .toSorted((a, b) => compareCodePoints(a.path, b.path))
    .map((entry): ImageFile => ({ name: entry.path, read: async () => Buffer.concat(await Array.fromAsync(zip.read(entry))) }))
  return { images, close: () => zip.close() }
}

const openAll = async (input: string): Promise<ImageFiles> => {
  if ((await fs.stat(input)).isDirectory()) return { images: await inFolder(input), close: () => undefined }
  const isImage = imageMediaType(await firstBytes(input, signatureBytes)) !== null
  return isImage ? { images: [{ name: path.basename(input), read: () => fs.readFile(input) }], close: () => undefined } : inZip(input)
}

/** Opens an image, or a folder or zip of images, which exists. Throws `too-few-stimuli` where it holds none, and as `openZip` does. */
export const openImageFiles = async (input: string): Promise<ImageFiles> => {
  const files = await openAll(input)
  if (files.images.length > 0) return files
  files.close()
  throw noImages()
}

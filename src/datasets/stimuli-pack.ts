import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { VentralError } from '../domain/errors.ts'
import { imageMediaType, signatureBytes } from './image-signature.ts'
import { throwIfAborted } from '../domain/progress.ts'
import { reportFullDisk } from './source-file.ts'
import type { ZipArchive, ZipEntry } from './zip.ts'

/** Where an image's encoded bytes lie in the pack, and their sha256. */
export interface PackedImage {
  offset: number
  bytes: number
  sha256: string
}

export interface PackWriter {
  /** Appends one image. `name` is for the error when the bytes are no image of a known format. */
  append(name: string, chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<PackedImage>
  close(): Promise<void>
}

const notAnImage = (name: string, start: Uint8Array): VentralError =>
  new VentralError('not-an-image', `${name} is not an image that can be read. Send JPEG, PNG, WebP or BMP files, and nothing else in the archive.`, [
    {
      pointer: name,
      expected: 'JPEG, PNG, WebP or BMP',
      found: start.length === 0 ? 'an empty file' : `a file that starts with ${Buffer.from(start.subarray(0, 8)).toString('hex')}`,
    },
  ])

/** One file of all images, one behind the other, in the order they are appended. Only one append at a time. */
export const openPackWriter = async (path: string): Promise<PackWriter> => {
  const handle = await fs.promises.open(path, 'wx')
  let offset = 0
  const append: PackWriter['append'] = async (name, chunks) => {
    const hash = createHash('sha256')
    const start = offset
    let first: Uint8Array = new Uint8Array(0)
    for await (const chunk of chunks) {
      if (first.length < signatureBytes) first = Buffer.concat([first, chunk.subarray(0, signatureBytes)])
      hash.update(chunk)
      for (let done = 0; done < chunk.length;) {
        const { bytesWritten } = await handle.write(chunk, done, chunk.length - done, offset)
        done += bytesWritten
        offset += bytesWritten
      }
    }
    if (imageMediaType(first) === null) throw notAnImage(name, first)
    return { offset: start, bytes: offset - start, sha256: hash.digest('hex') }
  }
  return { append: (name, chunks) => reportFullDisk(() => append(name, chunks)), close: () => handle.close() }
}

/** Writes the given entries of an archive, in the given order, as one pack. */
export const packStimuli = async (zip: ZipArchive, entries: readonly ZipEntry[], path: string, signal?: AbortSignal): Promise<PackedImage[]> => {
  const writer = await openPackWriter(path)
  try {
    const packed: PackedImage[] = []
    for (const entry of entries) {
      throwIfAborted(signal)
      packed.push(await writer.append(`${zip.file.name}: ${entry.path}`, zip.read(entry)))
    }
    return packed
  } finally {
    await writer.close()
  }
}

import fs from 'node:fs'
import { open } from 'node:fs/promises'
import { VentralError } from '../../domain/errors.ts'
import { damaged } from './checkpoint-errors.ts'

/** A file or bytes, read by ranges. A range past the end is damaged-file. */
export interface ByteSource {
  /** how errors name it */
  name: string
  size: number
  /** a small piece, at once: a header, some of a pickle */
  read(position: number, length: number): Buffer
  /** fills a large target piece by piece, handing each piece to `onPiece`; does not block between pieces */
  fill(target: Uint8Array, position: number, onPiece?: (piece: Uint8Array) => void): Promise<void>
  close(): Promise<void>
}

const PIECE = 4 << 20

const checkRange = (name: string, size: number, position: number, length: number): void => {
  if (position < 0 || length < 0 || position + length > size) {
    throw damaged(name, `it ends at byte ${size} where bytes ${position} to ${position + length} were expected`)
  }
}

const fromBytes = (bytes: Uint8Array, name: string): ByteSource => ({
  name,
  size: bytes.length,
  read: (position, length) => {
    checkRange(name, bytes.length, position, length)
    return Buffer.from(bytes.buffer, bytes.byteOffset + position, length)
  },
  fill: (target, position, onPiece) => {
    checkRange(name, bytes.length, position, target.length)
    target.set(bytes.subarray(position, position + target.length))
    onPiece?.(target)
    return Promise.resolve()
  },
  close: () => Promise.resolve(),
})

const fromFile = async (path: string, name: string): Promise<ByteSource> => {
  const handle = await open(path).catch((error: NodeJS.ErrnoException) => {
    throw new VentralError('not-found', `${name} cannot be read (${error.code}). Check the path.`, [{ pointer: name, expected: 'a readable file', found: error.code ?? 'an error' }])
  })
  const stat = await handle.stat()
  if (!stat.isFile()) {
    await handle.close()
    throw new VentralError('not-found', `${name} is not a file. Give the path of a checkpoint.`, [{ pointer: name, expected: 'a file', found: stat.isDirectory() ? 'a folder' : 'something else' }])
  }
  const size = stat.size
  // A file that shrinks while it is read gives short reads.
  const short = (position: number) => damaged(name, `it ended at byte ${position} while it was read`)
  return {
    name,
    size,
    read: (position, length) => {
      checkRange(name, size, position, length)
      const target = Buffer.allocUnsafe(length)
      for (let done = 0; done < length;) {
        const bytesRead = fs.readSync(handle.fd, target, done, length - done, position + done)
        if (bytesRead === 0) throw short(position + done)
        done += bytesRead
      }
      return target
    },
    fill: async (target, position, onPiece) => {
      checkRange(name, size, position, target.length)
      for (let done = 0; done < target.length;) {
        const { bytesRead } = await handle.read(target, done, Math.min(PIECE, target.length - done), position + done)
        if (bytesRead === 0) throw short(position + done)
        onPiece?.(target.subarray(done, done + bytesRead))
        done += bytesRead
      }
    },
    close: () => handle.close(),
  }
}

/** Opens a path or wraps bytes. VentralError not-found when there is no such file. */
export const openSource = async (input: string | Uint8Array, name: string): Promise<ByteSource> =>
  typeof input === 'string' ? fromFile(input, name) : fromBytes(input, name)

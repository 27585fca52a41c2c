import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { VentralError } from '../domain/errors.ts'

/** A file as the user sent it: where it lies now, and the name it had (error texts use that name). */
export interface SourceFile {
  path: string
  name: string
}

export const sourceFile = (filePath: string, name = path.basename(filePath)): SourceFile => ({ path: filePath, name })

/** sha256 of a file, read as a stream. */
export const sha256OfFile = async (filePath: string, signal?: AbortSignal): Promise<string> => {
  const hash = createHash('sha256')
  for await (const chunk of fs.createReadStream(filePath, { highWaterMark: 1 << 20, signal })) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

/** The first bytes of a file (fewer when it is shorter). */
export const firstBytes = async (filePath: string, count: number, position = 0): Promise<Buffer> => {
  const handle = await fs.promises.open(filePath, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(count), 0, count, position)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

/** Runs work that writes files; a full disk becomes the user's error, all else is passed on. */
export const reportFullDisk = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    const code = (error as NodeJS.ErrnoException | null)?.code
    if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error
    throw new VentralError('disk-full', 'The disk is full: nothing of the upload was kept. Free some space in the data folder and try again.')
  }
}

/** "a, b, c and 4 more": a list short enough for a sentence. */
export const some = (names: readonly string[], count = 3): string =>
  names.length <= count ? names.join(', ') : `${names.slice(0, count).join(', ')} and ${names.length - count} more`

/** Text for a message: control characters escaped, cut to a length that a sentence can bear. */
export const quoted = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text)

/** Fills `bytes` from a file at a position; fails when the file ends before. */
export const readFully = async (handle: fs.promises.FileHandle, bytes: Uint8Array, position: number): Promise<void> => {
  for (let done = 0; done < bytes.length;) {
    const { bytesRead } = await handle.read(bytes, done, bytes.length - done, position + done)
    if (bytesRead === 0) throw new Error(`a file ends at byte ${position + done}, ${bytes.length - done} bytes early`)
    done += bytesRead
  }
}

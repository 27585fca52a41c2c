import fs from 'node:fs'
import type { Readable } from 'node:stream'
import { ZipFile } from 'yazl'

/** A file of an archive: bytes at hand, or a file to be read when its turn comes. */
export type ZipEntry = { name: string; bytes: Buffer } | { name: string; path: string; size: number }

/** The earliest time that a zip can state, so that equal files give equal archives. */
const ENTRY = { mtime: new Date(1980, 0, 1), mode: 0o100644, forceDosTimestamp: true, compress: false }

export interface ZipStream {
  stream: Readable
  /** of the whole archive */
  bytes: number
}

/**
 * Files as a zip, stored uncompressed (arrays hardly shrink, and the length is known beforehand), in the order of their names: the same
 * files give the same bytes. One file is read at a time, as fast as the stream is; destroying the stream closes it.
 */
export const streamZip = (entries: readonly ZipEntry[]): ZipStream => {
  const zip = new ZipFile()
  const stream = zip.outputStream as Readable
  let open: fs.ReadStream | null = null
  const fail = (error: Error): void => void stream.destroy(error)
  zip.on('error', fail)
  stream.on('close', () => open?.destroy())
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1)))
    if ('bytes' in entry) zip.addBuffer(entry.bytes, entry.name, ENTRY)
    else
      zip.addReadStreamLazy(entry.name, { ...ENTRY, size: entry.size }, (answer) => {
        open = fs.createReadStream(entry.path).on('error', fail)
        answer(null, open)
      })
  let bytes = -1
  // Called at once, since every size is known; its type lacks the argument.
  const end = zip.end.bind(zip) as (options: object, onSize: (total: number) => void) => void
  end({}, (total) => (bytes = total))
  return { stream, bytes }
}

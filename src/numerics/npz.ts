import { buffer as readWhole } from 'node:stream/consumers'
import type { Readable } from 'node:stream'
import { crc32 } from 'node:zlib'
import yauzl from 'yauzl'
import yazl from 'yazl'
import { VentralError } from '../domain/errors.ts'

/** The earliest time that a zip can state, so that equal arrays give equal files. */
const EPOCH = new Date(1980, 0, 1)

/** Arrays (as .npy files) as an .npz file, stored uncompressed, which numpy.load reads. The same arrays give the same bytes. */
export const encodeNpz = async (arrays: Readonly<Record<string, Uint8Array>>): Promise<Uint8Array> => readWhole(streamNpz(arrays))

/** The same archive as a stream, for arrays that should not be held twice. */
export const streamNpz = (arrays: Readonly<Record<string, Uint8Array>>): NodeJS.ReadableStream & AsyncIterable<Buffer> => {
  const zip = new yazl.ZipFile()
  for (const [name, { buffer, byteOffset, byteLength }] of Object.entries(arrays))
    zip.addBuffer(Buffer.from(buffer, byteOffset, byteLength), `${name}.npy`, { compress: false, mtime: EPOCH, forceDosTimestamp: true })
  zip.end()
  return zip.outputStream as NodeJS.ReadableStream & AsyncIterable<Buffer>
}

/** An archive of .npy files that lie on the disk (paths) or in memory, as a stream: no file is read before its turn. */
export const streamNpzFiles = (arrays: Readonly<Record<string, Uint8Array | string>>): NodeJS.ReadableStream & AsyncIterable<Buffer> => {
  const zip = new yazl.ZipFile()
  const stream = zip.outputStream as Readable
  zip.on('error', (error: Error) => stream.destroy(error))
  for (const [name, array] of Object.entries(arrays))
    if (typeof array === 'string') zip.addFile(array, `${name}.npy`, { compress: false, mtime: EPOCH, forceDosTimestamp: true })
    else zip.addBuffer(Buffer.from(array.buffer, array.byteOffset, array.byteLength), `${name}.npy`, { compress: false, mtime: EPOCH, forceDosTimestamp: true })
  zip.end()
  return stream
}

export interface NpzLimits {
  maxBytes: number
  maxEntries: number
}

/**
 * The files of an .npz (stored or deflated) by name without `.npy`; each decodes with decodeNpy. `where` names the archive in messages.
 * VentralError damaged-file, archive-bomb (more entries, or more bytes unpacked, than the limits), unsupported-format (encrypted).
 */
export const decodeNpz = async (bytes: Uint8Array, where: string, { maxBytes = 2 ** 30, maxEntries = 1000 }: Partial<NpzLimits> = {}): Promise<Map<string, Uint8Array>> => {
  const zip = await yauzl.fromBufferPromise(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).catch((error: unknown) => {
    throw damagedArchive(where, error)
  })
  if (zip.entryCount > maxEntries) throw tooMuch(where, `${zip.entryCount} entries`, `at most ${maxEntries} entries`)
  const files = new Map<string, Uint8Array>()
  let total = 0
  try {
    for await (const entry of zip.eachEntry()) {
      const name = entry.fileName.replace(/\.npy$/, '')
      if (entry.isEncrypted()) throw new VentralError('unsupported-format', `${where} is encrypted. Save it without a password.`, [{ pointer: `${where}/${name}`, expected: 'a plain .npz', found: 'an encrypted entry' }])
      if (files.has(name)) throw damagedArchive(where, `two entries ${JSON.stringify(name)}`)
      total += entry.uncompressedSize
      if (total > maxBytes) throw tooMuch(where, `over ${total} bytes`, `at most ${maxBytes} bytes unpacked`)
      // The reader refuses an entry that unpacks to another size than it states, so that the sum above is the real one.
      const data = await readWhole(await zip.openReadStreamPromise(entry))
      if (crc32(data) !== entry.crc32) throw damagedArchive(where, `${name} does not match its checksum`)
      files.set(name, data)
    }
  } catch (error) {
    throw error instanceof VentralError ? error : damagedArchive(where, error)
  }
  return files
}

const damagedArchive = (where: string, cause: unknown): VentralError => {
  const found = cause instanceof Error ? cause.message : String(cause)
  return new VentralError('damaged-file', `${where} is not a whole .npz file: ${found}. Save it again with numpy.savez, or copy it again if the copy may be cut off.`, [
    { pointer: where, expected: 'an .npz (zip) archive', found },
  ])
}

const tooMuch = (where: string, found: string, expected: string): VentralError =>
  new VentralError('archive-bomb', `${where} unpacks to ${found}; ${expected} are read. Save fewer or smaller arrays in it.`, [{ pointer: where, expected, found }])

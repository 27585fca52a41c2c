import { crc32 } from 'node:zlib'
import type { Readable } from 'node:stream'
import yauzl from 'yauzl'
import { VentralError } from '../domain/errors.ts'
import { firstBytes, quoted } from './source-file.ts'
import type { SourceFile } from './source-file.ts'

/** What an archive may hold. `ratio` bounds unpacked / packed size; it bites only above `ratioFloor` unpacked bytes. */
export interface ZipLimits {
  entries: number
  entryBytes: number
  totalBytes: number
  ratio: number
  ratioFloor: number
}

/** Images hardly compress: an archive of them that unpacks to 100 times its size is not one. */
export const imageZipLimits: ZipLimits = { entries: 200_000, entryBytes: 256e6, totalBytes: 64e9, ratio: 100, ratioFloor: 256e6 }

/** A file in the archive. `path` is NFC with `/` between folders; the rest is what is needed to read it again. */
export interface ZipEntry {
  path: string
  baseName: string
  bytes: number
  packedBytes: number
  method: number
  crc: number
  headerOffset: number
}

export interface ZipArchive {
  file: SourceFile
  entries: ZipEntry[]
  /** The entry's bytes, in any order of entries. Fails with damaged-file or archive-bomb when they are not what the directory says. */
  read(entry: ZipEntry): AsyncGenerator<Buffer>
  close(): void
}

const bomb = (file: SourceFile, what: string, expected: string, found: string): VentralError =>
  new VentralError('archive-bomb', `${file.name} ${what}: it was refused before it was unpacked.`, [{ pointer: file.name, expected, found }])

const damaged = (file: SourceFile, what: string): VentralError =>
  new VentralError('damaged-file', `${file.name} is damaged: ${what}. Pack it again and upload it anew.`, [
    { pointer: file.name, expected: 'an intact zip archive', found: what },
  ])

const unsafe = (file: SourceFile, name: string, why: string): VentralError =>
  new VentralError('unsafe-path', `${file.name} holds the entry ${quoted(name)}, ${why}. Pack the images with plain relative paths.`, [
    { pointer: `${file.name}: ${name}`, expected: 'a relative path inside the archive', found: why },
  ])

/** The entry's name as a clean NFC path, or an error when it could lead out of a folder. */
const safePath = (file: SourceFile, entry: yauzl.Entry): string => {
  // Some Windows tools write backslashes although the format says slashes.
  const name = yauzl.getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, false).replaceAll('\\', '/')
  if (name.length > 1024) throw unsafe(file, name, 'a name of over 1,024 characters')

  if (/[\x00-\x1f\x7f]/.test(name)) throw unsafe(file, name, 'a name with control characters')
  if (/^\/|^[a-zA-Z]:/.test(name)) throw unsafe(file, name, 'an absolute path')
  if (name.split('/').includes('..')) throw unsafe(file, name, 'a path that leads out of the archive')
  const isUnix = entry.versionMadeBy >>> 8 === 3
  if (isUnix && ((entry.externalFileAttributes >>> 16) & 0o170000) === 0o120000) throw unsafe(file, name, 'a symbolic link')
  return name.normalize('NFC')
}

/** What operating systems leave in archives: no content of the user's. */
const isDebris = (parts: readonly string[]): boolean =>
  parts.some((part) => part.startsWith('.') || part === '__MACOSX') || ['Thumbs.db', 'desktop.ini'].includes(parts[parts.length - 1])

/** The entry as ours; null for folders, dotfiles and the like. */
const toEntry = (file: SourceFile, entry: yauzl.Entry, limits: ZipLimits): ZipEntry | null => {
  const name = safePath(file, entry)
  const parts = name.split('/').filter((part) => part !== '' && part !== '.')
  if (name.endsWith('/') || parts.length === 0 || isDebris(parts)) return null
  const path = parts.join('/')
  if (entry.isEncrypted()) throw new VentralError('unsupported-format', `${file.name}: ${path} is encrypted. Pack the images without a password.`)
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) {
    throw new VentralError(
      'unsupported-format',
      `${file.name}: ${path} is packed by method ${entry.compressionMethod}. Pack it stored or deflated (the usual zip).`,
      [{ pointer: `${file.name}: ${path}`, expected: 'method 0 (stored) or 8 (deflated)', found: String(entry.compressionMethod) }],
    )
  }
  const { compressedSize: packedBytes, uncompressedSize: bytes } = entry
  if (bytes > limits.entryBytes) throw bomb(file, `holds ${path}, which unpacks to ${bytes} bytes`, `at most ${limits.entryBytes} bytes each`, `${bytes} bytes`)
  return {
    path,
    baseName: parts[parts.length - 1],
    bytes,
    packedBytes,
    method: entry.compressionMethod,
    crc: entry.crc32,
    headerOffset: entry.relativeOffsetOfLocalHeader,
  }
}

const open = async (file: SourceFile): Promise<yauzl.ZipFile> => {
  try {
    return await yauzl.openPromise(file.path, { autoClose: false, lazyEntries: true, decodeStrings: false, validateEntrySizes: false })
  } catch (error) {
    const start = await firstBytes(file.path, 2)
    if (start.toString('latin1') === 'PK') throw damaged(file, 'its directory is missing, as in an upload that was cut off')
    if (!(error instanceof Error) || 'code' in error) throw error
    throw new VentralError('unsupported-format', `${file.name} is not a zip archive. Send the images as one .zip.`, [
      { pointer: file.name, expected: 'a zip archive', found: start.length === 0 ? 'an empty file' : 'something else' },
    ])
  }
}

const readDirectory = async (zip: yauzl.ZipFile, file: SourceFile, limits: ZipLimits): Promise<ZipEntry[]> => {
  if (zip.entryCount > limits.entries) throw bomb(file, `lists ${zip.entryCount} entries`, `at most ${limits.entries} entries`, String(zip.entryCount))
  const entries: ZipEntry[] = []
  let total = 0
  let packed = 0
  const iterator = zip.eachEntry()
  for (;;) {
    const next = await iterator.next().catch((error: Error) => {
      throw damaged(file, error.message)
    })
    if (next.done === true) break
    total += next.value.uncompressedSize
    packed += next.value.compressedSize
    const entry = toEntry(file, next.value, limits)
    if (entry !== null) entries.push(entry)
  }
  if (packed > zip.fileSize) throw bomb(file, 'has entries that overlap', `at most ${zip.fileSize} packed bytes`, `${packed}`)
  if (total > limits.totalBytes) throw bomb(file, `unpacks to ${total} bytes`, `at most ${limits.totalBytes} bytes`, `${total}`)
  if (total > limits.ratioFloor && total > limits.ratio * zip.fileSize) {
    throw bomb(file, `unpacks to ${Math.round(total / zip.fileSize)} times its size`, `at most ${limits.ratio} times`, `${total} bytes out of ${zip.fileSize}`)
  }
  return entries
}

/** By hand, since the promise form of this method in yauzl 3.4 calls another one. */
const openStream = (zip: yauzl.ZipFile, dataStart: number, { packedBytes, method }: ZipEntry): Promise<Readable> =>
  new Promise((resolve, reject) => {
    zip.openReadStreamLowLevel(dataStart, packedBytes, 0, packedBytes, method === 8, null, (error, stream) =>
      error === null ? resolve(stream) : reject(error),
    )
  })

async function* readEntry(zip: yauzl.ZipFile, file: SourceFile, entry: ZipEntry): AsyncGenerator<Buffer> {
  const where = { relativeOffsetOfLocalHeader: entry.headerOffset, compressedSize: entry.packedBytes } as yauzl.Entry
  let bytes = 0
  let crc = 0
  try {
    const { fileDataStart } = await zip.readLocalFileHeaderPromise(where, { minimal: true })
    for await (const chunk of (await openStream(zip, fileDataStart, entry)) as AsyncIterable<Buffer>) {
      bytes += chunk.length
      // the directory may lie about sizes: count what really comes out
      if (bytes > entry.bytes)
        throw bomb(file, `holds ${entry.path}, which unpacks to more than it states`, `${entry.bytes} bytes`, `more than ${bytes - chunk.length}`)
      crc = crc32(chunk, crc)
      yield chunk
    }
  } catch (error) {
    if (error instanceof VentralError || error instanceof TypeError) throw error
    throw damaged(file, `${entry.path} cannot be unpacked (${(error as Error).message})`)
  }
  if (bytes !== entry.bytes) throw damaged(file, `${entry.path} unpacks to ${bytes} bytes instead of ${entry.bytes}`)
  if (crc !== entry.crc) throw damaged(file, `the checksum of ${entry.path} is wrong`)
}

/**
 * Opens a zip on disk and reads its directory. Folders, dotfiles, `__MACOSX` and the like are left out.
 * Errors: unsupported-format, damaged-file, unsafe-path, archive-bomb. Close it when done.
 */
export const openZip = async (file: SourceFile, limits: ZipLimits = imageZipLimits): Promise<ZipArchive> => {
  const zip = await open(file)
  try {
    const entries = await readDirectory(zip, file, limits)
    return { file, entries, read: (entry) => readEntry(zip, file, entry), close: () => zip.close() }
  } catch (error) {
    zip.close()
    throw error
  }
}

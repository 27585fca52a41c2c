import { crc32 } from 'node:zlib'
import yauzl from 'yauzl'
import { createCursor, MAX_PICKLE } from './byte-cursor.ts'
import type { ByteSource } from './byte-source.ts'
import { damaged, quoted, unsafe, unsupported } from './checkpoint-errors.ts'
import { dtypeBytes } from './dtypes.ts'
import { readPickle } from './pickle.ts'
import type { PickleValue } from './pickle-values.ts'
import type { FindRecord, StorageRecord } from './storage-records.ts'
import { torchWorld } from './torch-globals.ts'

/** Many times the entries of the largest published checkpoint (about 2,000). */
const MAX_ENTRIES = 200_000

class SourceReader extends yauzl.RandomAccessReader {
  private readonly source: ByteSource

  constructor(source: ByteSource) {
    super()
    this.source = source
  }

  override read(buffer: Buffer, offset: number, length: number, position: number, callback: (error: Error | null) => void): void {
    try {
      this.source.read(position, length).copy(buffer, offset)
    } catch (error) {
      callback(error as Error)
      return
    }
    callback(null)
  }

  override close(callback: (error: Error | null) => void): void {
    callback(null)
  }
}

/** The archive's entries by name. Entries are located when they are asked for. */
const readDirectory = async (source: ByteSource): Promise<{ zip: yauzl.ZipFile; entries: Map<string, yauzl.Entry> }> => {
  const zip = await yauzl.fromRandomAccessReaderPromise(new SourceReader(source), source.size, { lazyEntries: true, autoClose: false })
  if (zip.entryCount > MAX_ENTRIES) throw damaged(source.name, `it lists ${zip.entryCount} records`, `at most ${MAX_ENTRIES} records`)
  const entries = new Map<string, yauzl.Entry>()
  await new Promise<void>((resolve, reject) => {
    zip.on('entry', (entry: yauzl.Entry) => {
      if (entries.has(entry.fileName)) {
        reject(damaged(source.name, `it holds the record ${quoted(entry.fileName)} twice`))
        return
      }
      entries.set(entry.fileName, entry)
      zip.readEntry()
    })
    zip.once('end', resolve)
    zip.once('error', reject)
    zip.readEntry()
  })
  return { zip, entries }
}

/** PyTorch stores its records as they are; a compressed one would have to be unpacked into memory first. */
const locate = async (source: ByteSource, zip: yauzl.ZipFile, entry: yauzl.Entry): Promise<StorageRecord> => {
  if (entry.compressionMethod !== 0 || entry.isEncrypted()) {
    throw unsupported(source.name, `holds the record ${quoted(entry.fileName)} compressed or encrypted, which PyTorch never writes`, 'Save it again with torch.save.')
  }
  if (entry.compressedSize !== entry.uncompressedSize) throw damaged(source.name, `the record ${quoted(entry.fileName)} states two lengths`)
  const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true })
  return { position: fileDataStart, bytes: entry.uncompressedSize, crc: entry.crc32 }
}

/** One flipped bit in the description could rename or reshape a tensor. */
const checkCrc = async (source: ByteSource, pickle: StorageRecord): Promise<void> => {
  if (pickle.bytes > MAX_PICKLE) throw unsafe(source.name, `its data.pkl takes ${pickle.bytes} bytes`)
  let crc = 0
  await source.fill(new Uint8Array(pickle.bytes), pickle.position, (piece) => { crc = crc32(piece, crc) })
  if (crc !== pickle.crc) throw damaged(source.name, 'its data.pkl does not match its checksum')
}

const ownErrors = (file: string) => (error: unknown): never => {
  if (error instanceof Error && error.name === 'VentralError') throw error
  throw damaged(file, `its zip container cannot be read (${error instanceof Error ? error.message : String(error)})`)
}

/** The folder that all of PyTorch's records lie in, by the one data.pkl at its top. */
const findFolder = (source: ByteSource, entries: Map<string, yauzl.Entry>): string => {
  const pickles = [...entries.keys()].filter((name) => /^([^/]+\/)?data\.pkl$/.test(name))
  if (pickles.length !== 1) {
    const what = pickles.length === 0 ? 'is a zip without a data.pkl' : 'is a zip with several data.pkl'
    throw unsupported(source.name, what)
  }
  const folder = pickles[0].slice(0, -'data.pkl'.length)
  if (entries.has(`${folder}constants.pkl`)) {
    throw unsupported(source.name, 'is a TorchScript program, not a checkpoint', 'Save its weights with torch.save(model.state_dict(), …).')
  }
  return folder
}

/** Reads the description part of a `.pth` in PyTorch's zip container (1.6 and later). */
export const openZipContainer = async (source: ByteSource): Promise<{ root: PickleValue; findRecord: FindRecord }> => {
  const { zip, entries } = await readDirectory(source).catch(ownErrors(source.name))
  const folder = findFolder(source, entries)

  const order = entries.get(`${folder}byteorder`)
  if (order) {
    const record = await locate(source, zip, order).catch(ownErrors(source.name))
    const text = source.read(record.position, Math.min(record.bytes, 16)).toString('latin1')
    if (text !== 'little') throw unsupported(source.name, `was written in the byte order ${quoted(text)}`, 'Save it again on a little-endian machine.')
  }

  const records = new Map<string, StorageRecord>()
  for (const [name, entry] of entries) {
    if (name === `${folder}data.pkl` || name.startsWith(`${folder}data/`)) records.set(name, await locate(source, zip, entry).catch(ownErrors(source.name)))
  }

  const pickle = records.get(`${folder}data.pkl`)!
  await checkCrc(source, pickle)
  const cursor = createCursor(source, pickle.position, pickle.position + pickle.bytes, 'data.pkl')
  return {
    root: readPickle(cursor, torchWorld(source.name)),
    findRecord: (storage) => {
      const name = `${folder}data/${storage.key}`
      const record = records.get(name)
      const expected = storage.total * dtypeBytes[storage.dtype]
      if (!record) throw damaged(source.name, `the storage record ${quoted(name)} is missing`)
      if (record.bytes !== expected) throw damaged(source.name, `the storage record ${quoted(name)} holds ${record.bytes} bytes`, `${expected} bytes`)
      return record
    },
  }
}

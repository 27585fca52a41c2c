import { createCursor } from './byte-cursor.ts'
import type { ByteCursor } from './byte-cursor.ts'
import type { ByteSource } from './byte-source.ts'
import { damaged, quoted, unsupported } from './checkpoint-errors.ts'
import { dtypeBytes } from './dtypes.ts'
import type { Dtype } from './dtypes.ts'
import { readPickle } from './pickle.ts'
import type { PickleWorld } from './pickle.ts'
import { isStorage } from './pickle-values.ts'
import type { PickleValue } from './pickle-values.ts'
import type { FindRecord, StorageRecord } from './storage-records.ts'
import { torchWorld } from './torch-globals.ts'

/** First pickle of every legacy file (torch/serialization.py, MAGIC_NUMBER). */
const MAGIC = 0x1950a86a20f9469cfc6cn
const PROTOCOL = 1001

/** The three pickles before the checkpoint itself: magic number, protocol, facts of the machine that wrote it. */
const readPreamble = (source: ByteSource, cursor: ByteCursor, world: PickleWorld): void => {
  if (readPickle(cursor, world) !== MAGIC) throw unsupported(source.name, 'is a Python pickle but no PyTorch checkpoint')
  const protocol = readPickle(cursor, world)
  if (protocol !== PROTOCOL) throw unsupported(source.name, `is of PyTorch's protocol ${typeof protocol === 'number' ? protocol : 'unknown'}, not ${PROTOCOL}`)
  const facts = readPickle(cursor, world)
  if (!(facts instanceof Map)) throw damaged(source.name, 'the facts of the machine that wrote it are missing')
  if (facts.get('little_endian') !== true) throw unsupported(source.name, 'was written on a big-endian machine', 'Save it again on a little-endian machine.')
}

/** After the pickles each storage follows, in the order of the list of keys: its count of elements (int64), then the elements. */
const locateStorages = (source: ByteSource, start: number, keys: readonly string[], dtypes: Map<string, Dtype>): Map<string, StorageRecord & { elements: number }> => {
  const records = new Map<string, StorageRecord & { elements: number }>()
  let position = start
  for (const key of keys) {
    const dtype = dtypes.get(key)
    if (!dtype) throw damaged(source.name, `it lists the storage ${quoted(key)}, which no tensor uses`)
    const elements = Number(source.read(position, 8).readBigInt64LE())
    const bytes = elements * dtypeBytes[dtype]
    if (elements < 0 || position + 8 + bytes > source.size) {
      throw damaged(source.name, `the storage ${quoted(key)} of ${elements} elements runs past the end at byte ${source.size}`)
    }
    if (records.has(key)) throw damaged(source.name, `it lists the storage ${quoted(key)} twice`)
    records.set(key, { position: position + 8, bytes, crc: null, elements })
    position += 8 + bytes
  }
  return records
}

/** Reads the description part of a `.pth` or `.th` in PyTorch's older container: pickles, then storages one after the other. */
export const openLegacyContainer = (source: ByteSource): { root: PickleValue; findRecord: FindRecord } => {
  const cursor = createCursor(source, 0, source.size, 'it')
  const plain = torchWorld(source.name)
  readPreamble(source, cursor, plain)

  // The storages' dtypes are said only where the pickle refers to them.
  const dtypes = new Map<string, Dtype>()
  const root = readPickle(cursor, {
    ...plain,
    persistent: (id) => {
      const storage = plain.persistent(id)
      if (isStorage(storage)) {
        const known = dtypes.get(storage.key) ?? storage.dtype
        if (known !== storage.dtype) throw damaged(source.name, `the storage ${quoted(storage.key)} is said to be both ${known} and ${storage.dtype}`)
        dtypes.set(storage.key, storage.dtype)
      }
      return storage
    },
  })

  const keys = readPickle(cursor, plain)
  if (!Array.isArray(keys) || !keys.every((key) => typeof key === 'string')) throw damaged(source.name, 'its list of storages is missing')
  const records = locateStorages(source, cursor.position(), keys, dtypes)
  return {
    root,
    findRecord: (storage) => {
      const record = records.get(storage.key)
      if (!record) throw damaged(source.name, `the storage ${quoted(storage.key)} is missing`)
      if (record.elements !== storage.total) {
        throw damaged(source.name, `the storage ${quoted(storage.key)} holds ${record.elements} elements`, `${storage.total} elements`)
      }
      return record
    },
  }
}

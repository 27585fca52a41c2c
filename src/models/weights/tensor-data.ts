import { crc32 } from 'node:zlib'
import type { ByteSource } from './byte-source.ts'
import { damaged, quoted, unsafe } from './checkpoint-errors.ts'
import { dtypeBytes, elementReader } from './dtypes.ts'
import type { StorageRef, TensorRef } from './pickle-values.ts'
import type { FindRecord } from './storage-records.ts'

/** Tensors may take this many times the file's size once widened to float32 (int8 takes 4), and this much besides. */
const GROWTH = 4
const GROWTH_FLOOR = 64e6

export const elementsOf = (shape: readonly number[]): number => shape.reduce((product, side) => product * side, 1)

const isContiguous = ({ shape, stride }: TensorRef): boolean => {
  let expected = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] > 1 && stride[axis] !== expected) return false
    expected *= shape[axis]
  }
  return true
}

/** Element numbers within the storage, in C order of the tensor, handed out one by one. */
const eachElement = ({ shape, stride, storage, offset }: TensorRef, visit: (i: number, element: number) => void): void => {
  const index = new Array<number>(shape.length).fill(0)
  const count = elementsOf(shape)
  let element = storage.offset + offset
  for (let i = 0; i < count; i++) {
    visit(i, element)
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      element += stride[axis]
      if (++index[axis] < shape[axis]) break
      element -= stride[axis] * shape[axis]
      index[axis] = 0
    }
  }
}

/** The tensor as float32 in C order, out of its storage's bytes; without a copy where the storage is just that. */
const toFloat32 = (tensor: TensorRef, bytes: Uint8Array<ArrayBuffer>, mayShare: boolean): Float32Array => {
  const { storage } = tensor
  const count = elementsOf(tensor.shape)
  if (storage.dtype === 'float32' && isContiguous(tensor)) {
    const from = storage.offset + tensor.offset
    // Typed arrays have the byte order of the machine; all supported ones are little-endian as the file is.
    const whole = new Float32Array(bytes.buffer)
    return mayShare && from === 0 && count === whole.length ? whole : whole.slice(from, from + count)
  }
  const out = new Float32Array(count)
  const read = elementReader(storage.dtype, bytes)
  eachElement(tensor, (i, element) => { out[i] = read(element) })
  return out
}

/** A storage's bytes, checked against the container's CRC. */
const readStorage = async (source: ByteSource, storage: StorageRef, findRecord: FindRecord): Promise<Uint8Array<ArrayBuffer>> => {
  const record = findRecord(storage)
  const bytes = new Uint8Array(storage.total * dtypeBytes[storage.dtype])
  let crc = 0
  await source.fill(bytes, record.position, record.crc === null ? undefined : (piece) => { crc = crc32(piece, crc) })
  if (record.crc !== null && crc !== record.crc) throw damaged(source.name, `the bytes of storage ${quoted(storage.key)} do not match their checksum`)
  return bytes
}

/**
 * Reads tensors as float32 (C order), each storage once and one at a time, so that at most one storage is held beside the results.
 * VentralErrors: damaged-file (short, missing or altered storage), unsafe-checkpoint (tensors that unpack to far more than the file).
 */
export const readTensors = async <K>(source: ByteSource, tensors: ReadonlyMap<K, TensorRef>, findRecord: FindRecord): Promise<Map<K, Float32Array>> => {
  const byStorage = new Map<string, { storage: StorageRef; members: [K, TensorRef][] }>()
  let bytes = 0
  for (const [name, tensor] of tensors) {
    const id = `${tensor.storage.dtype}:${tensor.storage.key}`
    const group = byStorage.get(id) ?? { storage: tensor.storage, members: [] }
    group.members.push([name, tensor])
    byStorage.set(id, group)
    bytes += 4 * elementsOf(tensor.shape)
  }
  if (bytes > GROWTH * source.size + GROWTH_FLOOR) throw unsafe(source.name, `its tensors unpack to ${bytes} bytes, the file has ${source.size}`)

  const read = new Map<K, Float32Array>()
  for (const { storage, members } of byStorage.values()) {
    const data = await readStorage(source, storage, findRecord)
    for (const [name, tensor] of members) read.set(name, toFloat32(tensor, data, members.length === 1))
  }
  // in the order of the request, not of the storages
  return new Map([...tensors.keys()].map((name) => [name, read.get(name)!]))
}

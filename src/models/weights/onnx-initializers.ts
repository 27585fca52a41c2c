import { dataLocations, dataTypes } from '../../numerics/onnx/schema.ts'
import type { ByteSource } from './byte-source.ts'
import type { Checkpoint, TensorInfo } from './checkpoint.ts'
import { damaged, quoted, unsupported } from './checkpoint-errors.ts'
import { dtypeBytes } from './dtypes.ts'
import type { Dtype } from './dtypes.ts'
import { elementsOf, readTensors } from './tensor-data.ts'
import { contiguous } from './safetensors.ts'

// ONNX's onnx.proto: ModelProto.graph = 7, GraphProto.initializer = 5, and the fields of TensorProto.
const GRAPH = 7
const INITIALIZER = 5
const tensorFields = { dims: 1, dataType: 2, floatData: 4, name: 8, rawData: 9, externalData: 13, dataLocation: 14 }

/** Fields that are looked at: the nodes, weights and dimensions of the largest networks are some 20,000. */
const MAX_FIELDS = 200_000
const MAX_NAME = 1000
const MAX_AXES = 16
/** A key and a length. */
const HEAD_BYTES = 20

const dtypes: Record<number, Dtype> = { [dataTypes.float32]: 'float32', [dataTypes.float16]: 'float16', [dataTypes.bfloat16]: 'bfloat16', [dataTypes.float64]: 'float64' }

interface Field {
  number: number
  /** of a number */
  value: number
  /** of bytes: where they lie */
  from: number
  to: number
}

interface Stored {
  dtype: Dtype
  shape: number[]
  position: number
}

/** A message's fields, one after the other, without their contents: a walk over a file of any size in little memory. */
const createWalk = (source: ByteSource) => {
  let left = MAX_FIELDS
  const broken = (at: number): Error => damaged(source.name, `its structure breaks at byte ${at}`, 'an intact ONNX model')
  const varint = (head: Buffer, at: number, position: number): [value: number, next: number] => {
    let value = 0
    for (let shift = 0; shift < 64; shift += 7, at++) {
      if (at >= head.length) throw broken(position)
      value += (head[at] & 127) * 2 ** shift
      if (head[at] < 128) return [value, at + 1]
    }
    throw broken(position)
  }
  return function* (from: number, to: number): Generator<Field> {
    for (let at = from; at < to; ) {
      if (left-- === 0) throw unsupported(source.name, `has over ${MAX_FIELDS} parts`, 'Give a .pth or .safetensors of the weights.')
      const head = source.read(at, Math.min(HEAD_BYTES, to - at))
      const [key, afterKey] = varint(head, 0, at)
      const wire = key % 8
      const [value, afterValue] = wire === 0 || wire === 2 ? varint(head, afterKey, at) : [wire === 5 ? 4 : 8, afterKey]
      if (![0, 1, 2, 5].includes(wire)) throw broken(at)
      const begin = at + afterValue
      const end = wire === 0 ? begin : begin + value
      if (end > to) throw broken(at)
      yield { number: Math.floor(key / 8), value, from: begin, to: end }
      at = end
    }
  }
}

/** A float tensor of the file; null for shapes, indices and other integers. */
const readTensor = (source: ByteSource, walk: ReturnType<typeof createWalk>, { from, to }: Field): { name: string; stored: Stored } | null => {
  let name = ''
  let dataType = 0
  const shape: number[] = []
  let data: Field | null = null
  for (const field of walk(from, to)) {
    if (field.number === tensorFields.name) name = source.read(field.from, Math.min(field.to - field.from, MAX_NAME)).toString('utf8')
    else if (field.number === tensorFields.dataType) dataType = field.value
    else if (field.number === tensorFields.dims && field.from === field.to) shape.push(field.value)
    else if (field.number === tensorFields.dims) throw damaged(source.name, `${quoted(name)} has packed dimensions`, 'an intact ONNX model')
    else if (field.number === tensorFields.rawData || field.number === tensorFields.floatData) data = field
    else if (field.number === tensorFields.externalData || (field.number === tensorFields.dataLocation && field.value === dataLocations.external))
      throw unsupported(source.name, `keeps ${quoted(name)} in another file`, 'Save it with its weights inside (onnx.save_model(…, save_as_external_data=False)).')
  }
  const dtype = dtypes[dataType]
  if (dtype === undefined || shape.length > MAX_AXES) return null
  const bytes = elementsOf(shape) * dtypeBytes[dtype]
  const found = data === null ? 0 : data.to - data.from
  if (found !== bytes) throw damaged(source.name, `${quoted(name)} of shape ${shape.join(' x ')} has ${found} bytes, not ${bytes}`, 'an intact ONNX model')
  return { name, stored: { dtype, shape, position: data?.from ?? 0 } }
}

/**
 * The weights of an ONNX model, by the names that it has for them: those of PyTorch's state_dict where its export kept them. Nothing but the
 * initializers is looked at. VentralErrors: damaged-file, unsupported-format.
 */
export const openOnnxInitializers = (source: ByteSource): Checkpoint => {
  const walk = createWalk(source)
  const stored = new Map<string, Stored>()
  for (const graph of walk(0, source.size)) {
    if (graph.number !== GRAPH || graph.from === graph.to) continue
    for (const field of walk(graph.from, graph.to)) {
      const tensor = field.number === INITIALIZER ? readTensor(source, walk, field) : null
      if (tensor !== null) stored.set(tensor.name, tensor.stored)
    }
  }
  const tensors = new Map([...stored].map(([name, { shape, dtype }]): [string, TensorInfo] => [name, { shape, dtype }]))
  return {
    format: 'onnx',
    tensors,
    load: (names = tensors.keys()) =>
      readTensors(
        source,
        new Map(
          [...names].map((name) => {
            const { shape, dtype } = stored.get(name)!
            const count = elementsOf(shape)
            return [name, { kind: 'tensor', storage: { kind: 'storage', key: name, dtype, total: count, offset: 0, count }, offset: 0, shape, stride: contiguous(shape), parameter: false }]
          }),
        ),
        ({ key, total, dtype }) => ({ position: stored.get(key)!.position, bytes: total * dtypeBytes[dtype], crc: null }),
      ),
    close: () => source.close(),
  }
}

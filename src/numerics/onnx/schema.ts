import protobuf from 'protobufjs/light.js'
import { VentralError } from '../../domain/errors.ts'
import { onnxDescriptor } from './descriptor.ts'

/** TensorProto.DataType: the element types this package writes or reads. */
export const dataTypes = { float32: 1, uint8: 2, int8: 3, uint16: 4, int16: 5, int32: 6, int64: 7, string: 8, bool: 9, float16: 10, float64: 11, uint32: 12, uint64: 13, bfloat16: 16 } as const
export type DataTypeName = keyof typeof dataTypes

/** AttributeProto.AttributeType. */
export const attributeTypes = { float: 1, int: 2, string: 3, tensor: 4, graph: 5, floats: 6, ints: 7, strings: 8, tensors: 9, graphs: 10 } as const

/** TensorProto.DataLocation. */
export const dataLocations = { default: 0, external: 1 } as const

/** Messages of ONNX's onnx.proto, field for field in camel case. Absent scalars are undefined; repeated fields are always there after decoding. */
export interface StringStringEntryProto {
  key: string
  value: string
}

export interface TensorProto {
  name?: string
  dims?: number[]
  dataType?: number
  /** little-endian elements in C order */
  rawData?: Uint8Array
  floatData?: number[]
  int32Data?: number[]
  int64Data?: number[]
  doubleData?: number[]
  uint64Data?: number[]
  stringData?: Uint8Array[]
  docString?: string
  /** keys location, offset, length (decimal strings) where dataLocation is external */
  externalData?: StringStringEntryProto[]
  dataLocation?: number
}

export interface DimensionProto {
  dimValue?: number
  dimParam?: string
  denotation?: string
}

export interface TypeProto {
  tensorType?: { elemType?: number; shape?: { dim?: DimensionProto[] } }
  denotation?: string
}

export interface ValueInfoProto {
  name?: string
  type?: TypeProto
  docString?: string
}

export interface AttributeProto {
  name?: string
  type?: number
  f?: number
  i?: number
  s?: Uint8Array
  t?: TensorProto
  g?: GraphProto
  floats?: number[]
  ints?: number[]
  strings?: Uint8Array[]
  tensors?: TensorProto[]
  graphs?: GraphProto[]
  refAttrName?: string
  docString?: string
}

export interface NodeProto {
  input?: string[]
  output?: string[]
  name?: string
  opType?: string
  domain?: string
  attribute?: AttributeProto[]
  docString?: string
}

export interface GraphProto {
  node?: NodeProto[]
  name?: string
  initializer?: TensorProto[]
  docString?: string
  input?: ValueInfoProto[]
  output?: ValueInfoProto[]
  valueInfo?: ValueInfoProto[]
}

export interface OperatorSetIdProto {
  domain?: string
  version?: number
}

export interface ModelProto {
  irVersion?: number
  opsetImport?: OperatorSetIdProto[]
  producerName?: string
  producerVersion?: string
  domain?: string
  modelVersion?: number
  docString?: string
  graph?: GraphProto
  metadataProps?: StringStringEntryProto[]
}

const Model = protobuf.Root.fromJSON(onnxDescriptor).lookupType('ModelProto')

/** The bytes of an ONNX model. A field of the wrong type is a defect of the caller and throws. */
export const encodeModel = (model: ModelProto): Uint8Array => {
  const wrong = Model.verify(model)
  if (wrong !== null) throw new Error(`not an ONNX model: ${wrong}`)
  return Model.encode(model).finish()
}

/**
 * Reads an ONNX model. Byte fields are views of `bytes`, not copies; 64-bit integers become numbers, exact up to 2^53.
 * VentralError damaged-file when the bytes are no such message. What the model says is not checked here.
 */
export const decodeModel = (bytes: Uint8Array, where = 'the ONNX model'): ModelProto => {
  try {
    return Model.toObject(Model.decode(bytes), { longs: Number, arrays: true })
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error)
    throw new VentralError('damaged-file', `${where} cannot be read as ONNX: ${found}. Export it again, or copy it again if the copy may be cut off.`, [
      { pointer: where, expected: 'an ONNX ModelProto', found },
    ])
  }
}

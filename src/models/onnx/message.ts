import { tensor, valueInfo } from '../../numerics/onnx/parts.ts'
import type { TensorProto } from '../../numerics/onnx/schema.ts'
import { dataLocations, encodeModel } from '../../numerics/onnx/schema.ts'
import type { Assembler, Initializer } from './assembler.ts'

/** The operator set and file format that models state: old enough for any runtime of 2022 and later, and free of operators in flux. */
export const OPSET = 17
const IR_VERSION = 8

/** Weights above this go to a file of their own unless the caller says otherwise. */
const EXTERNAL_ABOVE = 64e6
/** Tensors smaller than this stay in the model; larger ones begin at a multiple of it, so that a runtime can map them. */
const ALIGNMENT = 4096

export interface OnnxValue {
  name: string
  /** without the image axis */
  shape: readonly number[]
}

/** The weights file that a model refers to by name: what lies where in it. */
export interface WeightsFile {
  filename: string
  bytes: number
  parts: { offset: number; bytes: Uint8Array }[]
}

export interface OnnxModel {
  model: Uint8Array
  weights: WeightsFile | null
}

/** Operator sets by domain ('' is ONNX's own), and the file format. */
export interface OnnxVersions {
  opsets: Readonly<Record<string, number>>
  irVersion: number
}

export const usualVersions: OnnxVersions = { opsets: { '': OPSET }, irVersion: IR_VERSION }

export interface MessageOptions {
  name: string
  input: OnnxValue
  outputs: readonly OnnxValue[]
  metadata?: Readonly<Record<string, string>>
  externalAbove?: number
  weightsFile?: string
  versions?: OnnxVersions
}

const placeOutside = (inside: TensorProto, weights: WeightsFile): TensorProto => {
  const { rawData, ...rest } = inside
  const bytes = rawData!
  const offset = Math.ceil(weights.bytes / ALIGNMENT) * ALIGNMENT
  weights.parts.push({ offset, bytes })
  weights.bytes = offset + bytes.length
  const place = { location: weights.filename, offset: String(offset), length: String(bytes.length) }
  return { ...rest, dataLocation: dataLocations.external, externalData: Object.entries(place).map(([key, value]) => ({ key, value })) }
}

/** Encodes what an assembler holds. The image axis is free and called `n`. */
export const toOnnx = (a: Assembler, options: MessageOptions): OnnxModel => {
  const { name, input, outputs, metadata = {}, externalAbove = EXTERNAL_ABOVE, weightsFile = 'model.weights', versions = usualVersions } = options
  const initializers = [...a.initializers.values()]
  const total = initializers.reduce((sum, { data }) => sum + data.byteLength, 0)
  const weights: WeightsFile | null = total > externalAbove ? { filename: weightsFile, bytes: 0, parts: [] } : null
  const place = (initializer: Initializer): TensorProto => {
    const { name, shape, data } = initializer
    const inside = initializer.dataType === undefined ? tensor(name, shape, initializer.data) : { name, dims: [...shape], dataType: initializer.dataType, rawData: initializer.data }
    return weights && data.byteLength >= ALIGNMENT ? placeOutside(inside, weights) : inside
  }
  const model = encodeModel({
    irVersion: versions.irVersion,
    opsetImport: Object.entries(versions.opsets).map(([domain, version]) => ({ domain, version })),
    producerName: 'ventral',
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    graph: {
      name,
      node: [...a.nodes.values()],
      initializer: initializers.map(place),
      input: [valueInfo(input.name, 'float32', ['n', ...input.shape])],
      output: outputs.map((output) => valueInfo(output.name, 'float32', ['n', ...output.shape])),
    },
  })
  return { model, weights }
}

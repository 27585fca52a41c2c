import type { DataTypeName, DimensionProto, NodeProto, TensorProto, ValueInfoProto } from './schema.ts'
import { attributeTypes, dataTypes } from './schema.ts'

const elementTypes = { Float32Array: 'float32', Float64Array: 'float64', BigInt64Array: 'int64', Int32Array: 'int32', Uint8Array: 'uint8' } as const
export type TensorArray = Float32Array | Float64Array | BigInt64Array | Int32Array | Uint8Array

/** A tensor in C order whose element type is that of its array. The data are referred to, not copied. */
export const tensor = (name: string, dims: readonly number[], data: TensorArray): TensorProto => ({
  name,
  dims: [...dims],
  dataType: dataTypes[elementTypes[data.constructor.name as keyof typeof elementTypes]],
  rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
})

/** An input or output: a number is a fixed extent, a string a named free one. */
export const valueInfo = (name: string, type: DataTypeName, dims: readonly (number | string)[]): ValueInfoProto => ({
  name,
  type: { tensorType: { elemType: dataTypes[type], shape: { dim: dims.map((dim): DimensionProto => (typeof dim === 'number' ? { dimValue: dim } : { dimParam: dim })) } } },
})

/** What a node's attributes may hold here: an int, ints, or a float that is marked as one. */
export type AttributeValue = number | readonly number[] | { float: number } | { string: string }

/** One node. Its name is that of its first output. */
export const node = (opType: string, inputs: readonly string[], outputs: readonly string[], attributes: Readonly<Record<string, AttributeValue>> = {}): NodeProto => ({
  opType,
  name: outputs[0],
  input: [...inputs],
  output: [...outputs],
  attribute: Object.entries(attributes).map(([name, value]) => ({ name, ...attributeFields(value) })),
})

const attributeFields = (value: AttributeValue) => {
  if (typeof value === 'number') return { type: attributeTypes.int, i: value }
  if ('float' in value) return { type: attributeTypes.float, f: value.float }
  if ('string' in value) return { type: attributeTypes.string, s: Buffer.from(value.string) }
  return { type: attributeTypes.ints, ints: [...value] }
}

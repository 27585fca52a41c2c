import type { ModelProto, NodeProto, TensorProto } from '../../numerics/onnx/schema.ts'
import { dataTypes, decodeModel } from '../../numerics/onnx/schema.ts'
import type { RawTensor } from '../onnx/assembler.ts'
import type { OnnxVersions } from '../onnx/message.ts'
import { checkOperators, domainName, plainAttribute } from './check-operators.ts'
import { imageInput } from './check-input.ts'
import type { ImageInput } from './check-input.ts'
import { freeBatch } from './free-batch.ts'
import type { Batched } from './free-batch.ts'
import { orderNodes } from './order-nodes.ts'
import { broken, quoted, unfit } from './refusals.ts'
import { rawTensor } from './tensors.ts'

/** A user's model as far as it can be judged without running it. Names are the file's. */
export interface GivenModel extends OnnxVersions {
  producer: string
  metadata: ReadonlyMap<string, string>
  input: ImageInput
  /** names of the model's own outputs */
  outputs: readonly string[]
  /** in an order in which they can be computed, constants not among them */
  nodes: readonly NodeProto[]
  tensors: ReadonlyMap<string, RawTensor>
  /** nodes and tensors as the file has them, where the above were changed to take more than one image */
  stated: Batched | null
}

/** The oldest operator set whose arithmetic is that of the nodes which are added here. */
const OLDEST_OPSET = 7
/** The file format that later operator sets need is never below this. */
const LEAST_IR = 8
const MAX_NODES = 50_000
/** Tensors other than float32 weights are kept in memory with the graph: shapes, indices, quantised weights. */
const MAX_OTHER_BYTES = 32e6

/** The tensor that a Constant node holds; null for other nodes. */
const constantOf = ({ opType, domain, attribute = [] }: NodeProto, where: string): TensorProto | null => {
  if (opType !== 'Constant' || domainName(domain) !== '') return null
  const [value, ...others] = attribute
  if (value !== undefined && others.length === 0) {
    if (value.t !== undefined) return value.t
    if (value.name === 'value_float') return { dims: [], dataType: dataTypes.float32, floatData: [value.f ?? 0] }
    if (value.name === 'value_int') return { dims: [], dataType: dataTypes.int64, int64Data: [value.i ?? 0] }
    if (value.name === 'value_floats') return { dims: [value.floats!.length], dataType: dataTypes.float32, floatData: value.floats }
    if (value.name === 'value_ints') return { dims: [value.ints!.length], dataType: dataTypes.int64, int64Data: value.ints }
  }
  throw unfit(where, `has a Constant that is no tensor of numbers (${quoted(value?.name ?? 'without a value')})`, 'Export it with plain constants.', 'tensors of numbers')
}

/** Every tensor of a model's file by its name: initializers and constants. VentralError damaged-file, unsupported-format. */
export const fileTensors = ({ graph }: ModelProto, where: string): Map<string, RawTensor> => {
  const tensors = new Map<string, RawTensor>()
  const add = (name: string, tensor: TensorProto): void => {
    if (name === '') throw broken(where, 'it has a tensor without a name')
    if (tensors.has(name)) throw broken(where, `two values are called ${quoted(name)}`)
    tensors.set(name, rawTensor(tensor, name, where))
  }
  for (const tensor of graph!.initializer!) add(tensor.name ?? '', tensor)
  for (const node of graph!.node!) {
    const constant = constantOf(node, where)
    if (constant !== null) add(node.output?.[0] ?? '', constant)
  }
  return tensors
}

const opsetsOf = ({ opsetImport = [] }: ModelProto, where: string): Record<string, number> => {
  const opsets = Object.fromEntries(opsetImport.map(({ domain, version = 0 }) => [domainName(domain), version]))
  const own = opsets['']
  if (own === undefined) throw broken(where, 'it does not state its operator set')
  if (own < OLDEST_OPSET) throw unfit(where, `is written in operator set ${own}`, `Export it in operator set ${OLDEST_OPSET} or later, or convert it (onnx.version_converter).`, `operator set ${OLDEST_OPSET} or later`)
  return opsets
}

const checkWeights = (tensors: ReadonlyMap<string, RawTensor>, where: string): void => {
  const others = [...tensors.values()].filter(({ dataType }) => dataType !== dataTypes.float32)
  const bytes = others.reduce((sum, { data }) => sum + data.length, 0)
  if (others.length === tensors.size) throw unfit(where, 'has no float32 weights', 'Export the trained network with its weights in float32.', 'float32 weights')
  if (bytes > MAX_OTHER_BYTES)
    throw unfit(where, `keeps ${(bytes / 1e6).toFixed(0)} MB in other types than float32`, `At most ${MAX_OTHER_BYTES / 1e6} MB are read: export the float32 model, before it is quantised.`, 'float32 weights')
}

/**
 * Reads a user's ONNX file strictly: what it holds is refused by name where it contradicts itself (damaged-file) or cannot be a backbone
 * (unsupported-format). Nothing is run. One that is made for one image is changed to take any number, which `probe` proves or not.
 */
export const readModel = (bytes: Uint8Array, where: string): GivenModel => {
  const model = decodeModel(bytes, where)
  const { graph } = model
  if (graph === undefined || graph.node!.length === 0) throw broken(where, 'it holds no graph')
  if (graph.node!.length > MAX_NODES) throw unfit(where, `has ${graph.node!.length} nodes`, `At most ${MAX_NODES} are read.`, `at most ${MAX_NODES} nodes`)
  checkOperators(graph.node!, where)
  const opsets = opsetsOf(model, where)
  const tensors = fileTensors(model, where)
  checkWeights(tensors, where)
  const input = imageInput(graph, new Set(tensors.keys()), where)
  const computed = graph.node!.filter(({ opType, domain }) => opType !== 'Constant' || domainName(domain) !== '')
  const plain = computed.map((node) => ({ ...node, domain: domainName(node.domain), attribute: node.attribute!.map(plainAttribute) }))
  const nodes = orderNodes(plain, { has: (name) => name === input.name || tensors.has(name) }, where)
  const free = input.batch === 1 ? freeBatch({ nodes, tensors, input: input.name }) : null
  return {
    opsets,
    irVersion: Math.max(LEAST_IR, model.irVersion ?? 0),
    producer: `${model.producerName ?? ''} ${model.producerVersion ?? ''}`.trim().slice(0, 100),
    metadata: new Map(model.metadataProps!.map(({ key = '', value = '' }) => [key, value])),
    input,
    outputs: graph.output!.map(({ name = '' }) => name),
    nodes,
    tensors,
    ...free,
    stated: free === null ? null : { nodes, tensors },
  }
}

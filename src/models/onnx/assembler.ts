import type { AttributeValue } from '../../numerics/onnx/parts.ts'
import { node as nodeProto } from '../../numerics/onnx/parts.ts'
import type { NodeProto } from '../../numerics/onnx/schema.ts'

/** A tensor of whatever element type: little-endian elements in C order. */
export interface RawTensor {
  shape: readonly number[]
  /** TensorProto.DataType */
  dataType: number
  data: Uint8Array
}

export type Initializer = { name: string } & ({ shape: readonly number[]; data: Float32Array | BigInt64Array; dataType?: undefined } | RawTensor)

export type Assembler = ReturnType<typeof createAssembler>

/** Collects the parts of one ONNX graph. Values are strings: the names that join nodes. */
export const createAssembler = () => {
  const nodes = new Map<string, NodeProto>()
  const initializers = new Map<string, Initializer>()

  const initializer = (name: string, shape: readonly number[], data: Float32Array | BigInt64Array): string => {
    if (!initializers.has(name)) initializers.set(name, { name, shape, data })
    return name
  }

  return {
    /** by the name of their value */
    nodes,
    initializers,
    /** Adds a node, unless there is one of that name already, and gives the name of its value. */
    node: (operator: string, inputs: readonly string[], output: string, attributes?: Record<string, AttributeValue>): string => {
      if (!nodes.has(output)) nodes.set(output, nodeProto(operator, inputs, [output], attributes))
      return output
    },
    floats: (name: string, shape: readonly number[], data: Float32Array): string => initializer(name, shape, data),
    /** Axes and shapes, which ONNX takes as int64 tensors. */
    ints: (name: string, values: readonly number[]): string => initializer(name, [values.length], BigInt64Array.from(values, BigInt)),
    raw: (name: string, tensor: RawTensor): string => {
      if (!initializers.has(name)) initializers.set(name, { name, ...tensor })
      return name
    },
    /** Adds a node as a file states it, with the names that its values have in this graph ('' where one is left out). */
    given: (node: NodeProto): void => void nodes.set(node.output!.find((output) => output !== '')!, node),
  }
}

/**
 * The same assembler under names of its own: every value and initializer that is made through it carries the prefix in the graph, so that
 * several networks share one graph. `shared` are names that all have, such as the input's.
 */
export const prefixed = (a: Assembler, prefix: string, shared: readonly string[]): Assembler => {
  const named = (name: string): string => (name === '' || shared.includes(name) ? name : prefix + name)
  return {
    nodes: a.nodes,
    initializers: a.initializers,
    node: (operator, inputs, output, attributes) => {
      a.node(operator, inputs.map(named), named(output), attributes)
      return output
    },
    floats: (name, shape, data) => {
      a.floats(named(name), shape, data)
      return name
    },
    ints: (name, values) => {
      a.ints(named(name), values)
      return name
    },
    raw: (name, tensor) => {
      a.raw(named(name), tensor)
      return name
    },
    given: (node) => a.given({ ...node, name: prefix + node.name, input: node.input!.map(named), output: node.output!.map(named) }),
  }
}

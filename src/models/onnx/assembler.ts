import type { AttributeValue } from '../../numerics/onnx/parts.ts'
import { node as nodeProto } from '../../numerics/onnx/parts.ts'
import type { NodeProto } from '../../numerics/onnx/schema.ts'

export interface Initializer {
  name: string
  shape: readonly number[]
  data: Float32Array | BigInt64Array
}

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
  }
}

/**
 * The same assembler under names of its own: every value and initializer that is made through it carries the prefix in the graph, so that
 * several networks share one graph. `shared` are names that all have, such as the input's.
 */
export const prefixed = (a: Assembler, prefix: string, shared: readonly string[]): Assembler => {
  const named = (name: string): string => (shared.includes(name) ? name : prefix + name)
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
  }
}

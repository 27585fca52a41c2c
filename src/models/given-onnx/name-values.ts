import type { NodeProto } from '../../numerics/onnx/schema.ts'
import { layerNames } from './layer-names.ts'
import type { GivenModel } from './read-model.ts'

/** A node of the model under the names that its values have in a layer graph. */
export interface NamedNode {
  /** as the layer is called that its first value is, where it is one */
  name: string
  /** names of its values in the graph, the left-out ones '' */
  outputs: readonly string[]
  /** computed values that it reads */
  inputs: readonly string[]
  node: NodeProto
}

const VALUE = 'model/'
const WEIGHT = 'weights/'

/** A parameter's name in the graph, from its name in the file, and back. Neither can meet the names of nodes that are added here. */
export const weightName = (name: string): string => WEIGHT + name
export const fileName = (weight: string): string => weight.slice(WEIGHT.length)

/** What people know a value by: its node, where it is the first or only value of one with a name of its own. */
const knownNames = (nodes: readonly NodeProto[]): string[] => {
  const counts = new Map<string, number>()
  for (const { name = '' } of nodes) counts.set(name, (counts.get(name) ?? 0) + 1)
  return nodes.flatMap(({ name = '', output }) =>
    output!.filter((value) => value !== '').map((value, k) => (k === 0 && name !== '' && counts.get(name) === 1 ? name : value)),
  )
}

export interface NamedModel {
  nodes: NamedNode[]
  /** the values that the model itself gives */
  ends: string[]
}

/** Gives every value of a model the name of its layer, and writes its nodes with them; `image` is the name that the input gets. */
export const nameValues = ({ nodes, tensors, input, outputs: ends }: Pick<GivenModel, 'nodes' | 'tensors' | 'input' | 'outputs'>, image: string): NamedModel => {
  const names = layerNames(knownNames(nodes))
  const values = nodes.flatMap(({ output }) => output!.filter((value) => value !== ''))
  const graphName = new Map([[input.name, image], ...values.map((value, i) => [value, VALUE + names[i]] as const)])
  const named = (name: string): string => (name === '' ? '' : tensors.has(name) ? weightName(name) : graphName.get(name)!)
  const written = nodes.map((node): NamedNode => {
    const inputs = node.input!.map(named)
    const outputs = node.output!.map(named)
    const first = outputs.find((output) => output !== '')!
    const { name: _, docString: __, ...rest } = node
    return {
      name: first.slice(VALUE.length),
      outputs,
      inputs: [...new Set(node.input!.filter((name) => name !== '' && !tensors.has(name)).map(named))],
      node: { ...rest, name: first, input: inputs, output: outputs },
    }
  })
  return { nodes: written, ends: ends.filter((name) => values.includes(name)).map(named) }
}

/** The layer that a value in the graph is called. */
export const layerOf = (value: string): string => value.slice(VALUE.length)

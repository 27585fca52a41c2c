import type { GraphNode, LayerGraph } from './graph.ts'

/** Where layers lie between a network's input and its end. */
export interface Depths {
  /** tap -> convolutions and linear layers on the longest way from the input to its value */
  layers: ReadonlyMap<string, number>
  /** the most of any value of the network */
  total: number
}

const products = new Set(['Conv', 'ConvTranspose', 'DeformConv', 'Gemm', 'MatMul'])

/** Convolutions and linear layers; in a user's model products with a tensor of its file, and not those of two values, as in attention. */
const isWeighted = ({ operation, inputs }: GraphNode): boolean =>
  operation.kind === 'conv' || operation.kind === 'linear' || (operation.kind === 'given' && operation.node !== null && products.has(operation.node.opType!) && operation.node.input!.some((input) => input !== '' && !inputs.includes(input)))

/**
 * The depth of every tap: convolutions and linear layers on the longest way from the input to it, gates and fixed filters included, time
 * steps unrolled (an operation counts at each step that it runs). It is the count that names are made of: 18 for ResNet-18, whose shortcuts
 * are shorter ways. Zeros that stand for an area's missing input are no way.
 */
export const depthsOf = ({ nodes, taps }: Pick<LayerGraph, 'nodes' | 'taps'>): Depths => {
  const depth = new Map<string, number>()
  for (const node of nodes) depth.set(node.name, node.inputs.reduce((most, input) => Math.max(most, depth.get(input)!), 0) + (isWeighted(node) ? 1 : 0))
  return { layers: new Map(Array.from(taps, ([tap, node]) => [tap, depth.get(node)!])), total: Math.max(...depth.values()) }
}

/** Names of what a node computes with; of a batch norm in a user's model its scale and shift alone. */
const operandsOf = ({ operation }: GraphNode): string[] => {
  if (operation.kind !== 'given') return Object.values(operation).filter((value) => typeof value === 'string')
  const { opType, input = [] } = operation.node ?? {}
  return opType === 'BatchNormalization' ? input.slice(0, 3) : input
}

/** How many numbers were trained: those that the network computes with, without the running statistics of batch norms and without heads that only training uses. */
export const parameterCount = ({ nodes, params }: Pick<LayerGraph, 'nodes' | 'params'>): number => {
  const used = new Set(nodes.flatMap(operandsOf))
  return params
    .filter(({ name, kind }) => used.has(name) && kind !== 'runningMean' && kind !== 'runningVar')
    .reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0)
}

import type { LayerGraph } from './graph.ts'

/** Where layers lie between a network's input and its end. */
export interface Depths {
  /** tap -> convolutions and linear layers on the longest way from the input to its value */
  layers: ReadonlyMap<string, number>
  /** the most of any value of the network */
  total: number
}

const weighted = new Set(['conv', 'linear'])

/**
 * The depth of every tap: convolutions and linear layers on the longest way from the input to it, gates and fixed filters included, time
 * steps unrolled (an operation counts at each step that it runs). It is the count that names are made of: 18 for ResNet-18, whose shortcuts
 * are shorter ways. Zeros that stand for an area's missing input are no way.
 */
export const depthsOf = ({ nodes, taps }: Pick<LayerGraph, 'nodes' | 'taps'>): Depths => {
  const depth = new Map<string, number>()
  for (const { name, operation, inputs } of nodes)
    depth.set(name, inputs.reduce((most, input) => Math.max(most, depth.get(input)!), 0) + (weighted.has(operation.kind) ? 1 : 0))
  return { layers: new Map(Array.from(taps, ([tap, node]) => [tap, depth.get(node)!])), total: Math.max(...depth.values()) }
}

/** How many numbers were trained: those that the network computes with, without the running statistics of batch norms and without heads that only training uses. */
export const parameterCount = ({ nodes, params }: Pick<LayerGraph, 'nodes' | 'params'>): number => {
  const used = new Set(nodes.flatMap(({ operation }) => Object.values(operation).filter((value) => typeof value === 'string')))
  return params
    .filter(({ name, kind }) => used.has(name) && kind !== 'runningMean' && kind !== 'runningVar')
    .reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0)
}

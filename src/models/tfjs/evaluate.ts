import * as tf from '@tensorflow/tfjs-core'
import type { GraphNode, LayerGraph } from '../graph.ts'
import { compute } from './operations.ts'
import type { ParamTensors } from './operations.ts'

export interface Evaluation {
  graph: LayerGraph
  /** in an order in which they can be computed; those that `given` holds are not computed */
  nodes: readonly GraphNode[]
  /** values that are known, by node; they stay the caller's */
  given: ReadonlyMap<string, tf.Tensor>
  param: ParamTensors
  count: number
  /** nodes whose values are wanted; the caller disposes them */
  wanted: ReadonlySet<string>
}

/** How often each node's value is still to be read. */
const readsOf = (nodes: readonly GraphNode[]): Map<string, number> => {
  const reads = new Map<string, number>()
  for (const { inputs } of nodes) for (const input of inputs) reads.set(input, (reads.get(input) ?? 0) + 1)
  return reads
}

/** Computes the wanted nodes. A value is disposed when the last node that reads it has been computed, so that few are held at a time. */
export const evaluate = ({ graph, nodes, given, param, count, wanted }: Evaluation): Map<string, tf.Tensor> => {
  const values = new Map<string, tf.Tensor>()
  const byName = new Map(graph.nodes.map((node) => [node.name, node]))
  const computed = nodes.filter(({ name }) => !given.has(name))
  const reads = readsOf(computed)
  const valueOf = (name: string): tf.Tensor => given.get(name) ?? values.get(name)!
  for (const node of computed) {
    values.set(node.name, tf.tidy(() => compute(node, node.inputs.map((name) => ({ node: byName.get(name)!, value: valueOf(name) })), param, count)))
    for (const name of node.inputs) {
      reads.set(name, reads.get(name)! - 1)
      if (reads.get(name) === 0 && !wanted.has(name)) values.get(name)?.dispose()
    }
  }
  return new Map([...wanted].map((name) => [name, valueOf(name)]))
}

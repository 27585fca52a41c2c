import { VentralError } from '../domain/errors.ts'
import type { LayerGraph } from './graph.ts'
import { sizeOf } from './shapes.ts'

/** The tap of a node's value, the outermost module of those that share it. */
const tapOf = (graph: LayerGraph, node: string): string | undefined => graph.layers.findLast(({ name }) => graph.taps.get(name) === node)?.name

/** The layer whose units are a score per class, and how many. VentralError `invalid-value` where the network ends in none. */
export const scoresLayer = (graph: LayerGraph, pointer = '/backbone'): { layer: string; classes: number } => {
  const last = graph.nodes.at(-1)!
  const layer = tapOf(graph, last.name)
  const classes = sizeOf(last.shape)
  // One value per class and none per place; networks of 1,000 classes and controls alike end in their own way.
  if (layer !== undefined && classes === last.shape[0] && graph.params.length > 0) return { layer, classes }
  throw new VentralError('invalid-value', `${graph.id} has no classes of its own. Train a head on one of its layers (--head trained), or name a network that has them, as resnet18.`, [
    { pointer, expected: 'a network with a classifier', found: graph.id },
  ])
}

/**
 * The layer that the network's last linear layer reads: what a new head is trained on (Kornblith et al. 2019). VentralError `missing-field`
 * where there is no linear layer, as in SqueezeNet.
 */
export const headInput = (graph: LayerGraph, pointer = '/layer'): string => {
  let node = graph.nodes.findLast(({ operation }) => operation.kind === 'linear')
  while (node !== undefined) {
    node = graph.nodes.find(({ name }) => name === node!.inputs[0])
    const layer = node && tapOf(graph, node.name)
    if (layer !== undefined) return layer
    if (node?.operation.kind !== 'flatten') break // only a flattening keeps the values
  }
  throw new VentralError('missing-field', `${graph.id} ends in no linear layer that a new head could stand for: say which layer it reads (--layer).`, [{ pointer, expected: 'a layer', found: 'none' }])
}

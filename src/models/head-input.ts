import { VentralError } from '../domain/errors.ts'
import { tapOf } from './class-head.ts'
import type { LayerGraph } from './graph.ts'

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

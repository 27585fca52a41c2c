import { VentralError } from '../domain/errors.ts'
import { tapOf } from './class-head.ts'
import type { LayerGraph } from './graph.ts'

/**
 * The layer that the network's last linear layer reads: what a new head is trained on (Kornblith et al. 2019). VentralError `missing-field`
 * where no linear layer is known, as in SqueezeNet and in users' own models.
 */
export const headInput = (graph: LayerGraph, pointer = '/layer'): string => {
  let node = graph.nodes.findLast(({ operation }) => operation.kind === 'linear')
  while (node !== undefined) {
    node = graph.nodes.find(({ name }) => name === node!.inputs[0])
    const layer = node && tapOf(graph, node.name)
    if (layer !== undefined) return layer
    if (node?.operation.kind !== 'flatten') break // only a flattening keeps the values
  }
  throw new VentralError('missing-field', `${graph.id} does not tell which layer a new head should read, as networks that end in a linear layer do: say which (--layer).`, [{ pointer, expected: 'a layer', found: 'none' }])
}

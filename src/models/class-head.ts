import { VentralError } from '../domain/errors.ts'
import type { GraphNode, LayerGraph } from './graph.ts'
import { sizeOf } from './shapes.ts'

/** What turns the last maps into a class's: one weight per channel; null where the maps are one per class already. */
export interface MapWeights {
  /** (class x channel) */
  weight: string
  /** (class) */
  bias: string
}

/** Where a network's classes come from. */
export interface ClassHead {
  /** tap whose value is one logit per class */
  logits: string
  classes: number
  /** the maps whose mean over places the logits are, linearly: what a class activation map needs; a sentence where there are none */
  maps: { tap: string; weights: MapWeights | null } | { missing: string }
}

/** The tap that carries a node's value; of several the outermost, which is listed last. */
export const tapOf = (graph: LayerGraph, node: string): string | undefined => graph.layers.findLast(({ name }) => graph.taps.get(name) === node)?.name

const averagesAll = ({ operation, shape }: GraphNode, of: GraphNode): boolean => {
  if (shape.length !== 3 || shape[1] !== 1 || shape[2] !== 1) return false
  if (operation.kind === 'adaptiveAvgPool') return true
  return operation.kind === 'avgPool' && operation.kernel[0] === of.shape[1] && operation.kernel[1] === of.shape[2] && operation.padding.every((side) => side === 0)
}

/**
 * The classes of a network, found by its last value: a linear layer, or a 1x1 convolution that is averaged over all places (SqueezeNet).
 * Null where there are none (pixels, V1).
 */
export const classHead = (graph: LayerGraph): ClassHead | null => {
  const nodes = new Map(graph.nodes.map((node) => [node.name, node]))
  const before = (node: GraphNode): GraphNode => nodes.get(node.inputs[0])!
  const last = graph.nodes.at(-1)!
  const logits = tapOf(graph, last.name)
  if (logits === undefined) return null
  const found = (maps: ClassHead['maps']): ClassHead => ({ logits, classes: sizeOf(last.shape), maps })

  if (last.operation.kind === 'linear' && last.shape.length === 1) {
    let input = before(last)
    while (input.operation.kind === 'flatten') input = before(input)
    if (!averagesAll(input, before(input))) return found({ missing: `its classes do not follow from the mean of its last maps by one linear layer (${last.name} reads ${input.name})` })
    const tap = tapOf(graph, before(input).name)
    const { weight, bias } = last.operation
    return found(tap === undefined ? { missing: `its last maps (${before(input).name}) are no layer that can be read` } : { tap, weights: { weight, bias } })
  }
  if (last.operation.kind === 'input' || !averagesAll(last, before(last))) return null
  const maps = before(last)
  const conv = maps.operation.kind === 'relu' ? before(maps) : maps
  const tap = tapOf(graph, maps.name)
  if (conv.operation.kind !== 'conv' || sizeOf(conv.operation.kernel) !== 1 || tap === undefined) return null
  return found({ tap, weights: null })
}

/** The head of a network that has classes. VentralError unknown-backbone's sentence where it has none. */
export const neededHead = (graph: LayerGraph, pointer = '/backbone'): ClassHead => {
  const head = classHead(graph)
  if (head) return head
  throw new VentralError('invalid-value', `${graph.id} has no classes: it ends without a classifier. Ask for a backbone that has one, as resnet18 or cornet_s.`, [
    { pointer, expected: 'a backbone with a classifier', found: graph.id },
  ])
}

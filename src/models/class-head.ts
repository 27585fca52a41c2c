import { VentralError } from '../domain/errors.ts'
import type { GraphNode, LayerGraph } from './graph.ts'
import { createRoles } from './node-roles.ts'
import type { LinearRole } from './node-roles.ts'
import { sizeOf } from './shapes.ts'

/** What turns the last maps into a class's: one weight per channel; null where the maps are one per class already. */
export type MapWeights = Omit<LinearRole, 'input'>

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

/**
 * The classes of a network, found by its last value: a linear layer, or a 1x1 convolution that is averaged over all places (SqueezeNet).
 * Null where there are none (pixels, V1, an ONNX model that ends otherwise).
 */
export const classHead = (graph: LayerGraph): ClassHead | null => {
  const { before, linear, keepsNumbers, averagedMaps, isSoftmax, isRelu, isPointwise } = createRoles(graph)
  const called = ({ name }: GraphNode): string => tapOf(graph, name) ?? name
  let last = graph.nodes.find(({ name }) => name === graph.given?.end) ?? graph.nodes.at(-1)!
  while (isSoftmax(last) || (graph.given !== undefined && keepsNumbers(last))) last = before(last)!
  const logits = tapOf(graph, last.name)
  if (logits === undefined) return null
  const found = (maps: ClassHead['maps']): ClassHead => ({ logits, classes: sizeOf(last.shape), maps })

  const classifier = linear(last)
  if (classifier !== null) {
    const { input: read, ...weights } = classifier
    let input = read
    while (keepsNumbers(input)) input = before(input)!
    const maps = averagedMaps(input)
    if (maps === null) return found({ missing: `its classes do not follow from the mean of its last maps by one linear layer (${called(last)} reads ${called(input)})` })
    const tap = tapOf(graph, maps.name)
    return found(tap === undefined ? { missing: `its last maps (${maps.name}) are no layer that can be read` } : { tap, weights })
  }
  const maps = averagedMaps(last)
  const conv = maps !== null && isRelu(maps) ? before(maps) : maps
  const tap = maps === null ? undefined : tapOf(graph, maps.name)
  return conv !== null && isPointwise(conv) && tap !== undefined ? found({ tap, weights: null }) : null
}

/** The head of a network that has classes. VentralError `invalid-value` where it has none. */
export const neededHead = (graph: LayerGraph, pointer = '/backbone'): ClassHead => {
  const head = classHead(graph)
  if (head) return head
  throw new VentralError('invalid-value', `${graph.id} has no classes: it ends without a classifier. Ask for a backbone that has one, as resnet18 or cornet_s.`, [
    { pointer, expected: 'a backbone with a classifier', found: graph.id },
  ])
}

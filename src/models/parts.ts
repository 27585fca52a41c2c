import { VentralError } from '../domain/errors.ts'
import type { GraphNode, LayerGraph } from './graph.ts'
import { sizeOf } from './shapes.ts'

/**
 * The nodes that the named ones depend on, and these themselves, in the graph's order: what truncation leaves. What the `given` nodes
 * depend on is not followed.
 */
export const neededNodes = (graph: LayerGraph, names: Iterable<string>, given: ReadonlySet<string> = new Set()): GraphNode[] => {
  const needed = new Set(names)
  return graph.nodes
    .toReversed()
    .filter((node) => {
      if (needed.has(node.name) && !given.has(node.name)) node.inputs.forEach((input) => needed.add(input))
      return needed.has(node.name)
    })
    .reverse()
}

/** A parameter or constant of a graph, in torch's order of axes. */
export interface Parameter {
  shape: readonly number[]
  data: Float32Array
}

/** Reads parameters and constants by name, in another shape of as many values where one is asked for. VentralError checkpoint-mismatch. */
export const parameterReader = (graph: LayerGraph, params: ReadonlyMap<string, Float32Array>): ((name: string, shape?: readonly number[]) => Parameter) => {
  const specs = new Map(graph.params.map((spec) => [spec.name, spec]))
  return (name, asked) => {
    const fixed = graph.constants.get(name)
    if (fixed !== undefined) return fixed
    const shape = asked ?? specs.get(name)!.shape
    const data = params.get(name)
    if (data?.length === sizeOf(shape)) return { shape, data }
    const found = data ? `${data.length} values` : 'nothing'
    throw new VentralError(
      'checkpoint-mismatch',
      `The weights of ${graph.id} have ${found} for ${name}, which the layers asked for need. Use complete weights or tap earlier layers.`,
      [{ pointer: name, expected: `${sizeOf(shape)} values`, found }],
    )
  }
}

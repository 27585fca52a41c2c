import { classHead, neededHead } from './class-head.ts'
import type { LayerGraph } from './graph.ts'

/**
 * The layer whose units are a score per class. Of a user's own model, whose operators tell less, its last value where that is a vector.
 * VentralError `invalid-value` where there is none.
 */
export const classScores = (graph: LayerGraph, pointer = '/backbone'): { layer: string; classes: number } => {
  const last = graph.given ? graph.layers.at(-1) : undefined
  if (classHead(graph) === null && last !== undefined && last.units === last.shape[0]) return { layer: last.name, classes: last.units }
  const { logits, classes } = neededHead(graph, pointer)
  return { layer: logits, classes }
}

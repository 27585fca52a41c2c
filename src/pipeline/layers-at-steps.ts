import { VentralError } from '../domain/errors.ts'
import type { LayerGraph } from '../models/graph.ts'
import { allSteps, layerAtStep, timeStepsOf } from '../models/time-steps.ts'

/** Areas in place of the steps that layers name. */
const areasOf = (layers: readonly string[]): string[] => [...new Set(layers.map((layer) => layer.replace(/\.output-t\d+$/, '')))]

/** The default layers at all the time steps of those that are areas. */
const defaultsAtAllSteps = (graph: LayerGraph, defaults: readonly string[]): string[] => {
  const areas = areasOf(defaults)
  if (areas.every((area) => timeStepsOf(graph, area).length === 0)) allSteps(graph, defaults[0]) // refuses
  return areas.flatMap((layer) => {
    const steps = timeStepsOf(graph, layer)
    return steps.length === 0 ? [layer] : steps.map(({ tap }) => tap)
  })
}

/**
 * The taps that a request's layers mean: those named, at a time step or at all where they are recurrent areas; without one an area gives
 * what it gives at last. VentralError unknown-layer for a step that a layer lacks, invalid-value.
 */
export const tapsAtSteps = (graph: LayerGraph, layers: readonly string[] | 'default' | 'all', timeStep?: number | 'all'): string[] => {
  const listed = graph.layers.filter((layer) => layers === 'all' || layer.default).map(({ name }) => name)
  if (timeStep === undefined) return typeof layers === 'string' ? listed : [...layers]
  if (typeof layers !== 'string') return layers.flatMap((layer) => (timeStep === 'all' ? allSteps(graph, layer).map(({ tap }) => tap) : layerAtStep(graph, layer, timeStep)))
  if (timeStep === 'all' && layers === 'default') return defaultsAtAllSteps(graph, listed)
  throw new VentralError('invalid-value', `A time step is of layers that are named: "${layers}" has each layer at its own. Name the areas, as V4 and IT of cornet_s, or ask for all time steps of the default layers.`, [
    { pointer: '/layers', expected: 'names of recurrent areas', found: layers },
  ])
}

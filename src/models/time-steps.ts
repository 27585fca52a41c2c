import { VentralError } from '../domain/errors.ts'
import type { LayerGraph } from './graph.ts'
import { findLayer } from './graph.ts'

/** A layer's taps per time step, in order: of a recurrent area its outputs (`IT.output-t1`), of a module that runs at several steps its values (`IT.conv1-t1`). */
export const timeStepsOf = (graph: LayerGraph, layer: string): { step: number; tap: string }[] =>
  graph.layers
    .flatMap(({ name }) => {
      const step = [`${layer}.output-t`, `${layer}-t`].map((start) => (name.startsWith(start) ? name.slice(start.length) : '')).find((rest) => /^\d+$/.test(rest))
      return step === undefined ? [] : [{ step: Number(step), tap: name }]
    })
    .sort((a, b) => a.step - b.step)

/** The areas that have time steps. */
const recurrentAreas = (graph: LayerGraph): string[] => [...new Set(graph.layers.flatMap(({ name }) => /^(.+)\.output-t\d+$/.exec(name)?.[1] ?? []))]

/** The taps of a layer at all its time steps. VentralError unknown-layer where it has none. */
export const allSteps = (graph: LayerGraph, layer: string, pointer = '/timeStep'): { step: number; tap: string }[] => {
  const steps = timeStepsOf(graph, layer)
  if (steps.length > 0) return steps
  findLayer(graph, layer)
  const areas = recurrentAreas(graph)
  const advice = areas.length === 0 ? `No layer of ${graph.id} has any: leave the time step out.` : `${areas.join(', ')} have; leave the time step out for other layers.`
  throw new VentralError('unknown-layer', `The layer ${layer} of ${graph.id} has no time steps. ${advice}`, [{ pointer, expected: areas.length === 0 ? 'no time step' : `a layer out of ${areas.join(', ')}`, found: layer }])
}

/** The tap of a layer at a time step. VentralError unknown-layer where there is no such step. */
export const layerAtStep = (graph: LayerGraph, layer: string, step: number, pointer = '/timeStep'): string => {
  const steps = allSteps(graph, layer, pointer)
  const found = steps.find((candidate) => candidate.step === step)
  if (found) return found.tap
  const known = steps.map((candidate) => candidate.step).join(', ')
  throw new VentralError('unknown-layer', `The layer ${layer} of ${graph.id} has no time step ${step}. Its time steps are ${known}.`, [{ pointer, expected: known, found: String(step) }])
}

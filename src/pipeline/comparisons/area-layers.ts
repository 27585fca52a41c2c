import type { ComparedBackbone, TimeStep } from '../../domain/comparison.ts'
import type { TimeBin } from '../../domain/dataset.ts'
import { brainScoreTiming, stepDuring } from '../../models/backbones/cornet-timing.ts'
import type { LayerGraph } from '../../models/graph.ts'
import { allSteps, layerAtStep } from '../../models/time-steps.ts'
import { invalid } from '../refusals.ts'

/** The time step that a layer's name tells, from 0; null where it tells none. */
export const timeStepOf = (layer: string): number | null => {
  const step = /-t(\d+)$/.exec(layer)?.[1]
  return step === undefined ? null : Number(step)
}

/** The step of an area that Brain-Score's timing puts into the window of the responses. */
const timedStep = (graph: LayerGraph, area: string, timeBins: TimeBin[] | null, pointer: string): number => {
  const timing = brainScoreTiming[graph.id]?.[area]
  if (timing === undefined) throw invalid(pointer, `"last", "all" or a number: there is no published timing of ${graph.id}`, 'brain-score')
  if (timeBins?.length !== 1) throw invalid(pointer, '"last", "all" or a number: "brain-score" needs a dataset that states the one time window of its responses (timeBinMs)', 'brain-score')
  const step = stepDuring(timing, timeBins[0])
  if (step === null) throw invalid(pointer, `"last", "all" or a number: no step of ${area} lies in ${timeBins[0].startMs} to ${timeBins[0].endMs} ms`, 'brain-score')
  return step
}

/** The layers of the area that bears a region's name, at the time step asked for. */
const layersByName = (graph: LayerGraph, region: string, step: TimeStep, timeBins: TimeBin[] | null, pointer: string): string[] => {
  const areas = [...new Set(graph.layers.flatMap((layer) => layer.region ?? []))]
  if (areas.length === 0) throw invalid(`${pointer}/areas`, `"search": no layer of ${graph.id} is named after an area of cortex`, 'name')
  if (!areas.includes(region)) throw invalid(`${pointer}/areas`, `"search", or regions out of ${areas.join(', ')}: ${graph.id} has no area "${region}"`, 'name')
  const outputs = allSteps(graph, region).map(({ tap }) => tap)
  if (step === 'all') return outputs
  if (step === 'last') return outputs.slice(-1)
  return [layerAtStep(graph, region, step === 'brain-score' ? timedStep(graph, region, timeBins, `${pointer}/step`) : step, `${pointer}/step`)]
}

/** What a fit of one region takes as `layers`. `graph` is null for activations from elsewhere. */
export const layersFor = (
  { areas = 'search', step, layers }: Pick<ComparedBackbone, 'areas' | 'step' | 'layers'>,
  graph: LayerGraph | null,
  { region, timeBins }: { region: string; timeBins: TimeBin[] | null },
  pointer: string,
): ComparedBackbone['layers'] => {
  if (areas === 'search') {
    if (step !== undefined) throw invalid(`${pointer}/step`, 'left out: a search takes its layers, time steps among them, from "layers"', step)
    return layers
  }
  if (layers !== undefined) throw invalid(`${pointer}/layers`, 'left out: "areas": "name" names them', layers)
  if (graph === null) throw invalid(`${pointer}/areas`, '"search": activations from elsewhere have no areas', areas)
  return layersByName(graph, region, step ?? 'last', timeBins, pointer)
}

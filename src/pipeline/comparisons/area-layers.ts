import type { ComparedBackbone, TimeStep } from '../../domain/comparison.ts'
import type { TimeBin } from '../../domain/dataset.ts'
import { brainScoreTiming, stepDuring } from '../../models/backbones/cornet-timing.ts'
import type { LayerGraph } from '../../models/graph.ts'
import { invalid } from '../refusals.ts'

/** The time step that a layer's name tells, from 0; null where it tells none. */
export const timeStepOf = (layer: string): number | null => {
  const step = /-t(\d+)$/.exec(layer)?.[1]
  return step === undefined ? null : Number(step)
}

/** The outputs of an area, a layer per time step, the first step first. */
const outputsOf = ({ layers }: LayerGraph, area: string): string[] =>
  layers.filter(({ name, region }) => region === area && /^[^.]+\.output-t\d+$/.test(name)).map(({ name }) => name)

const numberOf = (graph: LayerGraph, area: string, step: Exclude<TimeStep, 'all'>, steps: number, timeBins: TimeBin[] | null, pointer: string): number => {
  if (step === 'last') return steps - 1
  if (typeof step === 'number') {
    if (step >= steps) throw invalid(pointer, steps === 1 ? `0: ${area} of ${graph.id} has one step` : `from 0 to ${steps - 1}: the steps of ${area} of ${graph.id}`, step)
    return step
  }
  const timing = brainScoreTiming[graph.id]?.[area]
  if (timing === undefined) throw invalid(pointer, `"last", "all" or a number: there is no published timing of ${graph.id}`, step)
  if (timeBins?.length !== 1) throw invalid(pointer, '"last", "all" or a number: "brain-score" needs a dataset that states the one time window of its responses (timeBinMs)', step)
  const during = stepDuring(timing, timeBins[0])
  if (during === null) throw invalid(pointer, `"last", "all" or a number: no step of ${area} lies in ${timeBins[0].startMs} to ${timeBins[0].endMs} ms`, step)
  return during
}

/** The layers of the area that bears a region's name, at the time step asked for. */
const layersByName = (graph: LayerGraph, region: string, step: TimeStep, timeBins: TimeBin[] | null, pointer: string): string[] => {
  const outputs = outputsOf(graph, region)
  const areas = [...new Set(graph.layers.flatMap((layer) => layer.region ?? []))]
  if (areas.length === 0) throw invalid(`${pointer}/areas`, `"search": no layer of ${graph.id} is named after an area of cortex`, 'name')
  if (outputs.length === 0) throw invalid(`${pointer}/areas`, `"search", or regions out of ${areas.join(', ')}: ${graph.id} has no area "${region}"`, 'name')
  return step === 'all' ? outputs : [outputs[numberOf(graph, region, step, outputs.length, timeBins, `${pointer}/step`)]]
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

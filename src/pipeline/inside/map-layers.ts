import type { LayerInfo } from '../../domain/backbone.ts'
import { VentralError } from '../../domain/errors.ts'
import type { MapsRequest } from '../../domain/looks.ts'
import { findLayer } from '../../models/graph.ts'
import type { LayerGraph } from '../../models/graph.ts'
import { mapSides } from '../../models/inside/maps.ts'
import { pooledShape } from '../../models/shapes.ts'
import { allSteps, layerAtStep, timeStepsOf } from '../../models/time-steps.ts'

/** A tap that is looked at. */
export interface MapLayer {
  layer: string
  timeStep: number | null
  region: string | null
  /** of one image after pooling, channels first */
  shape: number[]
  /** as the session gives it: pooling brings the channels to the front */
  given: Pick<LayerInfo, 'shape' | 'channels'>
}

const stepOf = (layer: string): number | null => {
  const step = /-t(\d+)$/.exec(layer)?.[1]
  return step === undefined ? null : Number(step)
}

/** Areas instead of their last steps. */
const areasOf = (layers: readonly string[]): string[] => [...new Set(layers.map((layer) => layer.replace(/\.output-t\d+$/, '')))]

const tapsOf = (graph: LayerGraph, { layers, timeStep }: Pick<MapsRequest, 'layers' | 'timeStep'>): string[] => {
  const defaults = graph.layers.filter((layer) => layer.default).map(({ name }) => name)
  if (timeStep === undefined) return layers === 'default' ? defaults : layers
  if (layers !== 'default') return layers.flatMap((layer) => (timeStep === 'all' ? allSteps(graph, layer).map(({ tap }) => tap) : layerAtStep(graph, layer, timeStep)))
  if (timeStep !== 'all')
    throw new VentralError('invalid-value', 'A time step is of layers that are named. Name the areas, as in "layers=V4,IT&timeStep=1", or ask for "timeStep=all".', [{ pointer: '/layers', expected: 'names of recurrent areas', found: layers }])
  if (areasOf(defaults).every((layer) => timeStepsOf(graph, layer).length === 0)) return allSteps(graph, defaults[0]).map(({ tap }) => tap)
  return areasOf(defaults).flatMap((layer) => {
    const steps = timeStepsOf(graph, layer)
    return steps.length === 0 ? [layer] : steps.map(({ tap }) => tap)
  })
}

/** The taps that a request means, in its order. VentralError unknown-layer, invalid-value. */
export const mapLayers = (graph: LayerGraph, request: MapsRequest): MapLayer[] => {
  const { grid } = request
  const taps = tapsOf(graph, request)
  const twice = taps.find((tap, i) => taps.indexOf(tap) !== i)
  if (twice !== undefined) throw new VentralError('invalid-value', `The layer ${twice} is named twice.`, [{ pointer: '/layers', expected: 'each layer once', found: twice }])
  return taps.map((tap) => {
    const info = findLayer(graph, tap)
    const sides = mapSides(info)
    const first = sides === null ? info.shape : [sides.channels, sides.rows, sides.columns]
    const shape = pooledShape(first, grid === undefined ? 'none' : { grid })
    return { layer: tap, timeStep: stepOf(tap), region: info.region ?? null, shape, given: grid === undefined ? info : { shape } }
  })
}

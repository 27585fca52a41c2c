import type { LayerInfo } from '../../domain/backbone.ts'
import { VentralError } from '../../domain/errors.ts'
import type { MapsRequest } from '../../domain/looks.ts'
import { findLayer } from '../../models/graph.ts'
import type { LayerGraph } from '../../models/graph.ts'
import { mapSides } from '../../models/inside/maps.ts'
import { pooledShape } from '../../models/shapes.ts'
import { tapsAtSteps } from '../layers-at-steps.ts'

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

/** The taps that a request means, in its order. VentralError unknown-layer, invalid-value. */
export const mapLayers = (graph: LayerGraph, request: MapsRequest): MapLayer[] => {
  const { grid, layers, timeStep } = request
  const taps = tapsAtSteps(graph, layers, timeStep)
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

import type { JointMapping } from '../domain/banded.ts'
import type { Mapping, ResolvedFit } from '../domain/fit.ts'
import type { Matrix } from '../domain/matrix.ts'
import { drawSimplex, simplexLandmarks } from '../encoding/banded/simplex.ts'
import { namedLayers, networksOf } from './fit-networks.ts'
import type { FitNetwork } from './fit-networks.ts'
import { findNetwork } from './offer.ts'
import type { FindOffer } from './offer.ts'
import { windowsOf } from './windows.ts'
import type { Window } from './windows.ts'

/** A band of a joint mapping: a layer, whole or within a window. */
export interface Band {
  /** the layer's name in the fit */
  name: string
  layer: string
  network: FitNetwork
  window: Window | null
}

export const isJoint = (mapping: Mapping | JointMapping): mapping is JointMapping => mapping.method === 'banded' || mapping.method === 'auto'

/** Side of the lattice of windows that a mapping adds to each layer. */
export const windowSide = (mapping: Mapping | JointMapping): number => (mapping.method === 'auto' ? mapping.windows : 0)

/** The bands of a fit: all layers, then the windows of each that a joint mapping adds. */
export const bandsOf = (networks: readonly FitNetwork[], mapping: Mapping | JointMapping, find: FindOffer = findNetwork): Band[] => {
  const layers = namedLayers(networks)
  const side = windowSide(mapping)
  const windows = (side === 0 ? [] : layers).flatMap((band) => windowsOf(find(band.network).shape(band.layer, band.network.pooling), side).map((window) => ({ ...band, window })))
  return [...layers.map((band) => ({ ...band, window: null })), ...windows]
}

/** Names of a fit's results: its layers, or the joint mapping's one. */
export const resultNames = (request: ResolvedFit): string[] => (isJoint(request.mapping) ? [request.mapping.method] : namedLayers(networksOf(request)).map(({ name }) => name))

export interface Candidates {
  names: string[]
  /** (candidate x band), rows that sum to 1 */
  weights: Matrix
}

/** The weight vectors that a joint mapping tries on these bands. */
export const candidatesOf = (bands: readonly Band[], mapping: JointMapping): Candidates => {
  const layers = bands.filter(({ window }) => window === null).map(({ name }) => name)
  if (mapping.method === 'banded' && mapping.weights !== null) {
    const { weights } = mapping
    const sum = layers.reduce((total, name) => total + weights[name], 0)
    return { names: ['given weights'], weights: { rows: 1, cols: bands.length, data: Float64Array.from(layers, (name) => weights[name] / sum) } }
  }
  const whole = simplexLandmarks(layers.length)
  const named = layers.length === 1 ? layers : ['all layers', ...layers]
  const rows = Array.from({ length: whole.rows }, (_, c) => Float64Array.from(bands, (_, b) => (b < layers.length ? whole.data[c * layers.length + b] : 0)))
  if (mapping.method === 'auto') {
    const places = new Map<string, number[]>()
    bands.forEach(({ window }, b) => window !== null && places.set(placeName(window), [...(places.get(placeName(window)) ?? []), b]))
    return stacked([...named, ...places.keys()], [...rows, ...[...places.values()].map((members) => Float64Array.from(bands, (_, b) => (members.includes(b) ? 1 / members.length : 0)))], bands.length)
  }
  const draws = layers.length === 1 ? 0 : mapping.candidates!.draws
  const drawn = drawSimplex(layers.length, { count: draws, seed: mapping.candidates!.seed })
  return stacked(
    [...named, ...Array.from({ length: draws }, (_, c) => `draw ${c + 1}`)],
    [...rows, ...Array.from({ length: draws }, (_, c) => drawn.data.slice(c * layers.length, (c + 1) * layers.length))],
    bands.length,
  )
}

/** Row and column are counted from 1, from the upper left. */
const placeName = ({ row, column }: Window): string => `window ${row + 1},${column + 1}`

const stacked = (names: string[], rows: readonly Float64Array[], cols: number): Candidates => {
  const data = new Float64Array(rows.length * cols)
  rows.forEach((row, c) => data.set(row, c * cols))
  return { names, weights: { rows: rows.length, cols, data } }
}

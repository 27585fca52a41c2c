import type { GraphNode, LayerGraph } from '../graph.ts'
import type { GraphBuilder } from '../graph-builder.ts'
import { createGraphBuilder, imageNetPreprocessing } from '../graph-builder.ts'
import { drawPrototypes } from './hmax-prototypes.ts'
import type { Band, Scale } from './hmax-scales.ts'
import { bands, floorOf, gaborFilters, ORIENTATIONS } from './hmax-scales.ts'
import { luminance } from './v1-gabor.ts'
import type { Family, Parameter, Values } from './variants.ts'
import { wholeNumber } from './variants.ts'

// HMAX (Riesenhuber & Poggio 1999) as in Serre et al. 2007: simple cells, maxima over places and scales, prototypes, maxima over
// everything. Nothing in it is trained; the prototypes are drawn (hmax-prototypes.ts).

const INPUT_SIZE = 224
/** sides of the prototypes, in C1 units */
const SIZES = [4, 8, 12, 16] as const

const parameters: readonly Parameter[] = [
  wholeNumber('prototypes', 'prototypes of each of the four sizes', { least: 1, most: 1000, usual: 250 }),
  wholeNumber('seed', 'of the images from which prototypes are cut', { least: 0, most: 999_999_999, usual: 0 }),
]

/**
 * Sharpness of the tuning, which Serre et al. leave open: 1 / (2 σ² α) with σ = 1 and α = (size / 4)², so that prototypes of all sizes are
 * tuned alike (Mutch & Lowe 2008).
 */
const sharpness = (size: number): number => 1 / (2 * (size / 4) ** 2)

/** The prototypes of one size, (count, ORIENTATIONS, size, size), drawn when they are first needed. */
interface Dictionary {
  size: number
  count: number
  patches: () => Float64Array
}

const dictionaries = (seed: number, count: number): Dictionary[] => {
  let drawn: Float64Array[] | undefined
  return SIZES.map((size, i) => ({ size, count, patches: () => (drawn ??= drawPrototypes(seed, SIZES, count))[i] }))
}

/** Responses relative to the light in the filter's window, (4, side, side), between 0 and 1; 0 at the border, where a filter does not fit. */
const simple = (g: GraphBuilder, scale: Scale, grey: GraphNode, squared: GraphNode): GraphNode => {
  const name = `S1.${scale.size}`
  const kernel = scale.size
  const unlisted = { listed: false }
  const filtered = g.filter(`${name}.filtered`, grey, Float32Array.from(gaborFilters(scale)), { out: ORIENTATIONS, kernel, ...unlisted })
  const ones = new Float32Array(kernel).fill(1)
  const rows = g.filter(`${name}.rows`, squared, ones, { out: 1, kernel: [1, kernel], ...unlisted })
  const energy = g.filter(`${name}.energy`, rows, ones, { out: 1, kernel: [kernel, 1], offset: floorOf(scale), ...unlisted })
  const response = g.root(`${name}.response`, g.divide(`${name}.relative`, g.square(`${name}.square`, filtered), energy, unlisted), unlisted)
  const border = (kernel - 1) / 2
  return g.pad(name, response, border, border, {})
}

/** Maxima over neighbouring places of both scales. */
const complex = (g: GraphBuilder, k: number, { scales, pool, step }: Band, grey: GraphNode, squared: GraphNode): GraphNode => {
  const pooled = scales.map((scale) => g.maxPool(`C1.${k}.${scale.size}`, simple(g, scale, grey, squared), { kernel: pool, stride: step, listed: false }))
  return g.max(`C1.${k}`, pooled)
}

/**
 * exp(-β |X - P|²) of each C1 patch X and prototype P, computed as exp(2β X·P - β |P|²) / exp(β |X|²): one convolution instead of a
 * difference per prototype. Between 0 and 1.
 */
const tuned = (g: GraphBuilder, name: string, x: GraphNode, { size, count, patches }: Dictionary): GraphNode => {
  const [beta, length] = [sharpness(size), ORIENTATIONS * size * size]
  const squares = (p: number): number => patches().subarray(p * length, (p + 1) * length).reduce((sum, value) => sum + value * value, 0)
  const options = { kernel: size, listed: false }
  const likeness = g.filter(`${name}.likeness`, x, () => Float32Array.from(patches(), (value) => 2 * beta * value), {
    ...options,
    out: count,
    params: `S2.${size}.likeness`,
    offset: () => Float32Array.from({ length: count }, (_, p) => -beta * squares(p)),
  })
  const energy = g.filter(`${name}.energy`, g.square(`${name}.square`, x), new Float32Array(length).fill(beta), { ...options, out: 1, params: `S2.${size}.energy` })
  const exp = (part: string, y: GraphNode): GraphNode => g.activation(`${name}.${part}`, y, 'exp', { listed: false })
  return g.divide(name, exp('near', likeness), exp('far', energy))
}

const build = (id: string, values: Values): LayerGraph => {
  const preprocessing = { ...imageNetPreprocessing(INPUT_SIZE), mean: [0, 0, 0] as [number, number, number], std: [1, 1, 1] as [number, number, number] }
  const g = createGraphBuilder({ id, family: 'hmax', inputSize: INPUT_SIZE, preprocessing })

  const grey = g.filter('luminance', g.input, luminance, { out: 1, kernel: 1 })
  const squared = g.square('luminance.square', grey)
  const c1 = bands.map((band, b) => complex(g, b + 1, band, grey, squared))
  g.tap('C1', g.concat('C1.bands', c1.map((x, b) => g.flatten(`C1.${b + 1}.units`, x))), 'concat')

  const c2 = dictionaries(Number(values.seed), Number(values.prototypes)).map((dictionary) => {
    const { size } = dictionary
    const nearest = c1.map((x, b) => {
      const s2 = tuned(g, `S2.${size}.${b + 1}`, x, dictionary)
      return g.maxPool(`C2.${size}.${b + 1}`, s2, { kernel: [s2.shape[1], s2.shape[2]], stride: 1, listed: false })
    })
    return g.max(`C2.${size}`, nearest)
  })
  g.flatten('C2', g.concat('C2.sizes', c2), {})
  return g.finish({ defaults: ['C1', 'C2'], regionOf: (layer) => (/^[SC]1/.test(layer) ? 'V1' : /^[SC]2/.test(layer) ? 'V4' : undefined) })
}

export const hmaxes: Record<string, Family> = { hmax: { parameters, build } }

import { openBackbone } from '../../src/models/activations.ts'
import type { LayerGraph } from '../../src/models/graph.ts'
import type { FillKind } from './generator.ts'
import { fill } from './generator.ts'

export interface GoldenTap {
  name: string
  shape: number[]
  l2: number
  max_abs: number
  f32_error: number
  samples: [number, number][]
}

/** reference/backbones/*.json: what PyTorch gives with the reference fill, for a batch of two. */
export interface Golden {
  arch: string
  input_size: number
  batch: number
  params?: [string, number[], FillKind][]
  taps: GoldenTap[]
}

export const goldenFile = (id: string): string[] => ['reference', 'backbones', `${id}.json`]

const kinds = { weight: 'w', bias: 'b', normWeight: 'nw', normBias: 'b', runningMean: 'rm', runningVar: 'rv', layerScale: 'o' } as const

/** The reference fill of a backbone's parameters. */
export const referenceParams = (graph: LayerGraph): Map<string, Float32Array> =>
  new Map(graph.params.map(({ name, shape, kind }) => [name, fill(name, shape, kinds[kind])]))

/** The reference input, (2, 3, S, S), which is the network's own input and not pixels. */
export const referenceInput = (graph: LayerGraph): Float32Array => fill('input', [2, 3, graph.inputSize, graph.inputSize], 'input')

export interface TapError {
  /** worst sample, and l2 norm, each as a multiple of its tolerance */
  samples: number
  l2: number
}

/** How far a tap's values (both images) lie from the golden ones. Where the golden values are zeros, only exact zeros will do. */
export const tapError = (tap: GoldenTap, values: Float32Array, limit = 1e-5): TapError => {
  const tolerance = Math.max(limit, 10 * tap.f32_error)
  const squares = values.reduce((sum, value) => sum + value * value, 0)
  if (tap.max_abs === 0) return { samples: squares === 0 ? 0 : Infinity, l2: 0 }
  const worst = tap.samples.reduce((max, [at, value]) => Math.max(max, Math.abs(values[at] - value)), 0)
  return { samples: worst / tap.max_abs / tolerance, l2: Math.abs(Math.sqrt(squares) - tap.l2) / tap.l2 / 1e-6 }
}

/** Tolerances of the architectures that need more than 1e-5 (reference README). */
const limits: Record<string, number> = { mobilenet_v2: 5e-5, convnext_tiny: 2e-5 }

/** Runs a backbone on the reference input with every golden tap; the taps that miss their tolerance, and the worst multiple of it. */
export const compareWithGolden = async (graph: LayerGraph, golden: Golden): Promise<{ missed: string[]; worst: number }> => {
  const taps = golden.taps.map(({ name }) => ({ layer: name, pooling: 'none' as const }))
  const backbone = await openBackbone({ graph, params: referenceParams(graph), taps, threads: 2, normalise: false })
  const activations = await backbone.run(referenceInput(graph), golden.batch)
  await backbone.close()
  const errors = golden.taps.map((tap) => ({ name: tap.name, ...tapError(tap, activations.get(tap.name)!, limits[golden.arch]) }))
  return {
    // written so that NaN misses too
    missed: errors.filter(({ samples, l2 }) => !(samples <= 1 && l2 <= 1)).map(({ name }) => name),
    worst: errors.reduce((max, { samples, l2 }) => Math.max(max, samples, l2), 0),
  }
}

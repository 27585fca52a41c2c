import type { ResolvedFit } from '../domain/fit.ts'
import type { LayerGraph } from '../models/graph.ts'
import { jointWork } from './joint-room.ts'
import { precisionBefore } from './layer-grams.ts'
import type { FindOffer } from './offer.ts'
import { isReference } from './reference/check-reference.ts'

// Rates of one thread of a current x86 server core, by this project's own measurements (bench/RESULTS.md); they give the order of magnitude.
const FORWARD_UNITS_PER_SECOND = 40e6
/** TensorFlow.js in WebAssembly beside onnxruntime, of one thread each (bench/RESULTS.md). */
const SECOND_ENGINE_SLOWNESS = 6
const DECODED_IMAGES_PER_SECOND = 200
const PRODUCT_FLOPS = { f32: 80e9, f64: 35e9 }
const EIGEN_FLOPS = 30e9
/** An eigendecomposition takes 9 n³. */
const EIGEN_CUBES = 9
/** ml-matrix, by which the solver "reference" works. */
const REFERENCE_FLOPS = 0.9e9

export interface TimeFacts {
  request: ResolvedFit
  stimuli: number
  sites: number
  threads: number
  /** the fit's own network first; no graph: activations that are stored */
  graphs: (LayerGraph | null)[]
  /** units of each layer, of all networks */
  units: number[]
  /** number of splits of each division of the stimuli */
  divisions: number[]
  /** finds what the request names, where it names more than built-in backbones */
  find?: FindOffer
}

/** Seconds that a fit takes, to its order of magnitude: images, activations, products, and what the mapping's form takes. */
export const secondsOf = (facts: TimeFacts): number => {
  const { request, stimuli: n, sites, threads, graphs, units, divisions } = facts
  const slowness = request.engine === 'tfjs' ? SECOND_ENGINE_SLOWNESS : 1
  const [own, ...alongside] = graphs.map((graph) => (graph === null ? 0 : n / DECODED_IMAGES_PER_SECOND + (slowness * n * valuesOf(graph)) / FORWARD_UNITS_PER_SECOND))
  const networks = 1 + request.controls.reduce((sum, control) => sum + (control.name === 'random' ? control.seeds.length : 0), 0)
  const mappings = request.reduction ? primalSeconds(facts) : dualSeconds(facts)
  const permuted = permutationSeconds(request, { stimuli: n, sites, layers: units.length, splits: divisions[0] })
  return Math.ceil((networks * (own + mappings) + alongside.reduce((sum, seconds) => sum + seconds, 0) + permuted) / threads)
}

const valuesOf = ({ nodes }: LayerGraph): number => nodes.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0)

/** Gram matrices, and an eigendecomposition per training set with what the inner folds add. */
const dualSeconds = ({ request, stimuli: n, units, divisions, find }: TimeFacts): number => {
  const joint = jointWork(request, find)
  // Each window of a layer is a Gram matrix more.
  const products = ((joint?.bands ?? units.length) / units.length) * units.reduce((sum, p) => sum + (n * n * p) / PRODUCT_FLOPS[precisionBefore(p, request.mapping)], 0)
  const solves = divisions.reduce((sum, splits) => sum + splits + 1, 0)
  const cubes = (joint?.candidates ?? units.length) * solves * (EIGEN_CUBES + innerCubes(request)) * n ** 3
  return products + cubes / (isReference(request.mapping) ? REFERENCE_FLOPS : EIGEN_FLOPS)
}

/** Work of the inner folds in units of n³: products per penalty for ridge, an eigendecomposition per fold for the others. */
const innerCubes = ({ mapping }: ResolvedFit): number => ('alphas' in mapping ? mapping.alphas.length : EIGEN_CUBES * mapping.inner.folds)

/** Statistics of the fold cells, an eigendecomposition per cell, pair of cells and for all stimuli, and the weights and held-out moments of every penalty. */
const primalSeconds = ({ request: { reduction, mapping }, stimuli: n, sites, units, divisions }: TimeFacts): number => {
  const penalties = 'alphas' in mapping ? mapping.alphas.length : 1
  return units.reduce((seconds, p) => {
    const k = Math.min(p, reduction!.dimensions)
    return divisions.reduce((sum, cells) => {
      const pairs = (cells * (cells - 1)) / 2
      const judged = (2 * pairs + cells) * penalties * 4 * k * k * sites
      return sum + (n * k * k + judged) / PRODUCT_FLOPS.f64 + ((pairs + cells + 1) * EIGEN_CUBES * k ** 3) / EIGEN_FLOPS
    }, seconds)
  }, 0)
}

/** Seconds of one thread that permutations add: per layer and split an eigendecomposition, and the fits of all permuted sites. */
const permutationSeconds = ({ permutations }: ResolvedFit, { stimuli: n, sites, layers, splits }: { stimuli: number; sites: number; layers: number; splits: number }): number => {
  if (permutations === undefined) return 0
  const columns = permutations.count * sites
  return layers * ((splits * EIGEN_CUBES * n ** 3) / EIGEN_FLOPS + ((splits + 1) * 2 * n * n * columns) / PRODUCT_FLOPS.f64)
}

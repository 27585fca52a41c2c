import type { Config } from '../config.ts'
import { VentralError } from '../domain/errors.ts'
import type { ResolvedFit } from '../domain/fit.ts'
import { batchSize } from '../models/activations.ts'
import type { LayerGraph } from '../models/graph.ts'
import { tfjsBatchSize } from '../models/tfjs/backbone.ts'
import { MAX_READOUT_BYTES, readoutBytes } from './encoder.ts'
import { layerName, networksOf } from './fit-networks.ts'
import { isJoint } from './bands.ts'
import { BOOTSTRAP } from './condition.ts'
import { jointBytes } from './joint-room.ts'
import { gigabytes, groupLayers } from './layer-groups.ts'
import type { LayerSize } from './layer-groups.ts'
import type { FindOffer } from './offer.ts'
import { blockUnits } from './spill.ts'

/** A fit's process before it works: Node, its libraries, the database's connection, the decoder's thread. */
const PROCESS_BYTES = 235e6
/** A solver's thread before it works: an isolate, onnxruntime, LAPACK. */
const THREAD_BYTES = 40e6
/** Matrices of the order of its training set that a solver's thread holds at once: K centred, LAPACK's copy with twice its size to work in, eigenvectors and their transpose. */
const DUAL_MATRICES = 6
/** The same in primal form, in dimensions: Z'Z whole and packed, LAPACK's, eigenvectors. */
const PRIMAL_MATRICES = 7

/** What a solver's thread holds while it scores (bootstrapScores): values of each draw and site, how often each draw has each stimulus, and blocks of at most so many bytes. */
const SCORE_DRAW_SITE = 40
const SCORE_DRAW_STIMULUS = 2
const SCORE_BLOCKS = 100e6

/** The readout, its model and its archive as they are written. */
const READOUT_COPIES = 3.5

export interface MemoryFacts {
  stimuli: number
  sites: number
  threads: number
  networks: { graph: LayerGraph | null; sizes: LayerSize[]; groups: LayerSize[][] }[]
  /** bytes of the readout that the encoder holds; 0: none */
  readout: number
  /** layers and divisions of the stimuli whose results are held until the end: joint mappings give one */
  results: number
  /** bytes that a mapping of all layers together takes of each thread beside its Gram matrices */
  joint: number
  reduction?: ResolvedFit['reduction']
  /** whether the second engine computes the networks */
  second: boolean
}

/**
 * Most memory that a fit's process holds at once: the stage that takes most of all those that follow each other (a session on a group of
 * layers, a Gram matrix, the solvers, the readout), each giving its memory back. Bytes.
 */
export const memoryOf = ({ stimuli: n, sites, threads, networks, readout, results, joint, reduction, second }: MemoryFacts): number => {
  const sessions = networks.flatMap(({ graph, groups }) => (graph === null ? [] : groups.map((group) => (second ? tfjsBytes(graph, group) : sessionBytes(graph, group)))))
  const widest = Math.max(...networks.flatMap(({ sizes }) => sizes.map(({ units }) => units)))
  const gram = reduction ? 0 : 8 * n * n + 2 * 4 * n * Math.min(widest, blockUnits(n)) + 12 * n * Math.min(widest, 512)
  // Y and what is written of predictions; of each result its predictions and its refit
  const rates = 8 * n * sites * 4 + results * 8 * sites * (n + (reduction ? Math.min(reduction.dimensions, widest) : n))
  const dimensions = reduction ? Math.min(reduction.dimensions, widest) : n
  const solving = (reduction ? 0 : 8 * n * n) + rates + threads * Math.max(joint + solverBytes(dimensions, reduction !== undefined), scoringBytes(n, sites))
  const encoder = readout === 0 ? 0 : Math.max(READOUT_COPIES * readout, readout + Math.max(...sessions, 0) + 4 * n * Math.min(widest, blockUnits(n)))
  return PROCESS_BYTES + Math.max(gram, solving, rates + encoder, ...sessions)
}

/** Weights as read and as the session keeps them, one batch of pixels and activations, and what the network holds while it runs. */
const sessionBytes = (graph: LayerGraph, group: LayerSize[]): number => {
  const weights = 4 * graph.params.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0)
  const units = group.reduce((sum, layer) => sum + layer.units, 0)
  const batch = batchSize(units)
  const largest = Math.max(...graph.nodes.map(({ shape }) => shape.reduce((a, b) => a * b, 1)))
  return 2 * weights + 4 * batch * (units + 3 * largest + 3 * 3 * graph.inputSize ** 2)
}

/** The second engine's thread; and, in sizes of what they are of, what it holds of weights (of convolutions in several orders), of tapped activations and of the largest value. */
const TFJS = { thread: 130e6, convolution: 5.5, weights: 3.5, activations: 4, value: 6 }

/** The same of the second engine in WebAssembly, whose memory never shrinks. */
const tfjsBytes = (graph: LayerGraph, group: LayerSize[]): number => {
  const weights = graph.params.reduce((sum, { shape }) => sum + 4 * (shape.length === 4 ? TFJS.convolution : TFJS.weights) * shape.reduce((a, b) => a * b, 1), 0)
  const units = group.reduce((sum, layer) => sum + layer.units, 0)
  const largest = Math.max(...graph.nodes.map(({ shape }) => shape.reduce((a, b) => a * b, 1)))
  return TFJS.thread + weights + 4 * tfjsBatchSize(units) * (TFJS.activations * units + TFJS.value * largest + 3 * 3 * graph.inputSize ** 2)
}

const solverBytes = (order: number, primal: boolean): number => THREAD_BYTES + 8 * order * order * (primal ? PRIMAL_MATRICES : DUAL_MATRICES)

const scoringBytes = (n: number, sites: number): number => {
  const { draws } = BOOTSTRAP
  const blocks = Math.min(SCORE_BLOCKS, 8 * draws * n + 2 * 8 * 6 * sites * (n + draws))
  return THREAD_BYTES + draws * (SCORE_DRAW_SITE * sites + SCORE_DRAW_STIMULUS * n) + blocks + 8 * n * sites
}

/** Threads that the solvers may take of those there are, so that all of them fit the memory; at least one. */
export const solverThreads = (threads: number, memory: number, stimuli: number, reduction?: ResolvedFit['reduction']): number => {
  const shared = PROCESS_BYTES + (reduction ? 0 : 8 * stimuli * stimuli)
  return Math.max(1, Math.min(threads, Math.floor((memory - shared) / solverBytes(reduction ? reduction.dimensions : stimuli, reduction !== undefined))))
}

/** The memory of a request whose layers find room on the disk. */
export const requestMemory = ({ threads, memoryBytes }: Pick<Config, 'threads' | 'memoryBytes'>, request: ResolvedFit, { stimuli, sites, spillBytes }: { stimuli: number; sites: number; spillBytes: number }, find: FindOffer): number => {
  const networks = networksOf(request).map((network) => {
    const offer = find(network)
    const { graph } = offer
    const sizes = offer.sizes(network.layers, network.pooling)
    return { graph, sizes, groups: graph === null ? [] : groupLayers(sizes, stimuli, request.reduction ? Infinity : spillBytes), network }
  })
  const candidates = networks.flatMap(({ network, sizes }) => sizes.filter(({ layer }) => request.encoder === 'best' || request.encoder === layerName(network, layer)))
  const readouts = candidates.map(({ units }) => readoutBytes(units, sites)).filter((bytes) => bytes <= MAX_READOUT_BYTES)
  return memoryOf({
    stimuli,
    sites,
    threads: solverThreads(threads, memoryBytes, stimuli, request.reduction),
    networks,
    readout: isJoint(request.mapping) ? readouts.reduce((a, b) => a + b, 0) : Math.max(0, ...readouts),
    results: (request.alsoBy.length + 1) * (isJoint(request.mapping) ? 1 : networks.reduce((sum, { sizes }) => sum + sizes.length, 0)),
    joint: jointBytes(request, stimuli, sites, find),
    reduction: request.reduction,
    second: request.engine === 'tfjs',
  })
}

const ADVICE = 'Pool the layers, ask for no encoder ("encoder": "none"), lower the dimensions of "reduction", or raise VENTRAL_MEMORY_GB where the machine has more.'

/** Why a fit does not fit the memory; null where it does. */
export const memoryShortage = (needed: number, memory: number): string | null =>
  needed <= memory ? null : `The fit would need about ${gigabytes(needed)} of memory, and there are ${gigabytes(memory)}. ${ADVICE}`

/** Refuses with `does-not-fit` what the memory cannot hold. */
export const checkMemory = (needed: number, memory: number): void => {
  const shortage = memoryShortage(needed, memory)
  if (shortage !== null) throw new VentralError('does-not-fit', shortage, [{ pointer: '/', expected: `at most ${gigabytes(memory)}`, found: gigabytes(needed) }])
}

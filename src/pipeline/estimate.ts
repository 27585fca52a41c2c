import type { FitRequest, ResolvedFit } from '../domain/fit.ts'
import { VentralError } from '../domain/errors.ts'
import { divide } from './condition.ts'
import type { PipelineContext } from './context.ts'
import { chooseSites } from './choose-sites.ts'
import { spillBytes } from './disk.ts'
import { MAX_READOUT_BYTES, readoutBytes } from './encoder.ts'
import { resolveRequest } from './fits.ts'
import { layerName, networksOf } from './fit-networks.ts'
import { alsoByRequest } from './generalisation.ts'
import { checkReducedRoom } from './check-room.ts'
import { jointWork } from './joint-room.ts'
import { gigabytes, groupLayers } from './layer-groups.ts'
import { memoryShortage, requestMemory } from './memory-estimate.ts'
import { cellBytes } from './primal/cell-files.ts'
import { dimensionsOf } from './primal/reduction.ts'
import { permutationSeconds } from './resolve-permutations.ts'
import { precisionBefore } from './layer-grams.ts'
import type { Offer } from './offer.ts'
import { isReference } from './reference/check-reference.ts'
import { openDataset } from './open-dataset.ts'
import { openOffers } from './stored-offer.ts'

/** What a fit is going to need, told before it runs. */
export interface FitEstimate {
  memoryBytes: number
  diskBytes: number
  seconds: number
  fits: boolean
  warnings: string[]
}

// Rates of one thread of a current x86 server core, by this project's own measurements (bench/RESULTS.md); they give the order of magnitude.
const FORWARD_UNITS_PER_SECOND = 40e6
const PRODUCT_FLOPS = { f32: 80e9, f64: 35e9 }
const EIGEN_FLOPS = 30e9
/** ml-matrix, by which the solver "reference" works. */
const REFERENCE_FLOPS = 0.9e9

/** Estimate of memory, disk and time of a request, and whether it fits this machine as it is set up. Nothing is started. */
export const estimateFit = async (context: PipelineContext, body: FitRequest): Promise<FitEstimate> => {
  const request = await resolveRequest(context, body)
  const { manifest, stimuli } = await openDataset(context, request.dataset)
  stimuli.close()
  const n = manifest.stimuli.length
  const sites = chooseSites(manifest, request.sites).length
  const find = await openOffers(context, request)
  const networks = networksOf(request).map((network) => ({ ...network, graph: find(network).graph, sizes: find(network).sizes(network.layers, network.pooling) }))
  const sizes = networks.flatMap((network) => network.sizes.map(({ layer, units }) => ({ layer: layerName(network, layer), units })))
  const limit = spillBytes(context.config, context.home.folders.tmp)
  const warnings: string[] = []
  const groups: ReturnType<typeof groupLayers> = []
  try {
    for (const network of networks) {
      if (network.graph !== null) groups.push(...groupLayers(network.sizes, n, request.reduction ? Infinity : limit))
    }
    if (request.reduction) checkReducedRoom(sizes, n, request.reduction, limit)
  } catch (error) {
    if (!(error instanceof VentralError)) throw error
    warnings.push(error.message)
  }
  const joint = jointWork(request)
  const candidates = sizes.filter(({ layer }) => request.encoder === 'best' || request.encoder === layer) // layers that the encoder may take
  const readout =
    joint === null ? Math.max(0, ...candidates.map(({ units }) => readoutBytes(units, sites))) : request.encoder === 'none' ? 0 : sizes.reduce((sum, { units }) => sum + readoutBytes(units, sites), 0)
  if (readout > MAX_READOUT_BYTES) warnings.push(`The readout of the widest layer would take ${gigabytes(readout)}: no encoder is made over ${gigabytes(MAX_READOUT_BYTES)}. Pool the layers.`)

  const { splits } = divide(request.split, manifest, request)
  const memoryBytes = requestMemory(context.config, request, { stimuli: n, sites, spillBytes: Math.max(limit, ...sizes.map(({ units }) => 4 * n * units)) }, find)
  const shortage = memoryShortage(memoryBytes, context.config.memoryBytes)
  if (shortage !== null) warnings.push(shortage)
  return {
    memoryBytes,
    diskBytes: request.reduction
      ? sizes.reduce((sum, { units }) => sum + 4 * n * dimensionsOf(units, request.reduction!), 0) + cellBytes(Math.max(...sizes.map(({ units }) => dimensionsOf(units, request.reduction!))), sites, splits.length)
      : Math.max(0, ...groups.map((group) => 4 * n * group.reduce((sum, { units }) => sum + units, 0))) + (joint?.bands ?? sizes.length) * 8 * n * n,
    seconds: Math.ceil(permutationSeconds(request, { stimuli: n, sites, layers: sizes.length, splits: splits.length }) / context.config.threads) + secondsOf(request, networks, manifest.stimuli.length, sizes.map(({ units }) => units), context, splits.length + request.alsoBy.reduce((sum, column) => sum + divide(alsoByRequest(manifest, column), manifest, request).splits.length + 1, 1)),
    fits: warnings.length === 0,
    warnings,
  }
}

const secondsOf = (request: ResolvedFit, [own, ...alongside]: Pick<Offer, 'graph'>[], n: number, units: number[], { config }: PipelineContext, solves: number): number => {
  const values = ({ graph }: Pick<Offer, 'graph'>): number => (graph?.nodes ?? []).reduce((sum, node) => sum + node.shape.reduce((a, b) => a * b, 1), 0)
  const further = alongside.reduce((sum, network) => sum + (n * values(network)) / FORWARD_UNITS_PER_SECOND, 0)
  const joint = jointWork(request)
  // Each window of a layer is a Gram matrix more.
  const products = ((joint?.bands ?? units.length) / units.length) * units.reduce((sum, p) => sum + (n * n * p) / PRODUCT_FLOPS[precisionBefore(p, request.mapping)], 0)
  const eigen = ((joint?.candidates ?? units.length) * solves * (9 * n ** 3 + innerCost(request) * n ** 3)) / (isReference(request.mapping) ? REFERENCE_FLOPS : EIGEN_FLOPS)
  const networks = 1 + request.controls.reduce((sum, control) => sum + (control.name === 'random' ? control.seeds.length : 0), 0)
  return Math.ceil((further + networks * ((n * values(own)) / FORWARD_UNITS_PER_SECOND + products + eigen)) / config.threads)
}

/** Work of the inner folds in units of n³: products per penalty for ridge, an eigendecomposition per fold for the others. */
const innerCost = ({ mapping }: ResolvedFit): number => ('alphas' in mapping ? mapping.alphas.length : 9 * mapping.inner.folds)

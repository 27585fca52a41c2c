import type { FitRequest } from '../domain/fit.ts'
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
import { openDataset } from './open-dataset.ts'
import { openOffers } from './stored-offer.ts'
import { secondsOf } from './time-estimate.ts'

/** What a fit is going to need, told before it runs. */
export interface FitEstimate {
  memoryBytes: number
  diskBytes: number
  seconds: number
  fits: boolean
  warnings: string[]
}

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
  const joint = jointWork(request, find)
  const candidates = sizes.filter(({ layer }) => request.encoder === 'best' || request.encoder === layer) // layers that the encoder may take
  const readout =
    joint === null ? Math.max(0, ...candidates.map(({ units }) => readoutBytes(units, sites))) : request.encoder === 'none' ? 0 : sizes.reduce((sum, { units }) => sum + readoutBytes(units, sites), 0)
  if (readout > MAX_READOUT_BYTES) warnings.push(`The readout of the widest layer would take ${gigabytes(readout)}: no encoder is made over ${gigabytes(MAX_READOUT_BYTES)}. Pool the layers.`)

  const divisions = [request.split, ...request.alsoBy.map((column) => alsoByRequest(manifest, column))].map((split) => divide(split, manifest, request).splits.length)
  const memoryBytes = requestMemory(context.config, request, { stimuli: n, sites, spillBytes: Math.max(limit, ...sizes.map(({ units }) => 4 * n * units)) }, find)
  const shortage = memoryShortage(memoryBytes, context.config.memoryBytes)
  if (shortage !== null) warnings.push(shortage)
  return {
    memoryBytes,
    diskBytes: request.reduction
      ? sizes.reduce((sum, { units }) => sum + 4 * n * dimensionsOf(units, request.reduction!), 0) + cellBytes(Math.max(...sizes.map(({ units }) => dimensionsOf(units, request.reduction!))), sites, Math.max(...divisions))
      : Math.max(0, ...groups.map((group) => 4 * n * group.reduce((sum, { units }) => sum + units, 0))) + (joint?.bands ?? sizes.length) * 8 * n * n,
    seconds: secondsOf({ request, stimuli: n, sites, threads: context.config.threads, graphs: networks.map(({ graph }) => graph), units: sizes.map(({ units }) => units), divisions, find }),
    fits: warnings.length === 0,
    warnings,
  }
}

import { newId } from '../storage/ids.ts'
import fs from 'node:fs/promises'
import path from 'node:path'
import type { Pooling, Preprocessing } from '../domain/backbone.ts'
import type { ResponseUnit } from '../domain/dataset.ts'
import type { ResolvedFit } from '../domain/fit.ts'
import type { FitScores } from '../domain/fit-scores.ts'
import type { Matrix } from '../domain/matrix.ts'
import type { ReportProgress } from '../domain/progress.ts'
import { placementOf } from '../domain/placement.ts'
import type { ImagePlacement } from '../domain/placement.ts'
import { buildEncoder as buildModel } from '../models/build-encoder.ts'
import { commonVersions } from '../models/common-versions.ts'
import type { OnnxModel } from '../models/onnx/message.ts'
import { writeOnnx } from '../models/write-onnx.ts'
import { encodeNpy } from '../numerics/npy.ts'
import { streamNpz } from '../numerics/npz.ts'
import { holdBlobs } from '../storage/blob-references.ts'
import { getFit } from '../storage/repositories/fits.ts'
import { insertEncoder } from '../storage/repositories/encoders.ts'
import type { ActivationSource } from './activation-source.ts'
import type { Band } from './bands.ts'
import type { PipelineContext } from './context.ts'
import { spillBytes } from './disk.ts'
import type { FitNetwork } from './fit-networks.ts'
import { gigabytes } from './layer-groups.ts'
import type { Population } from './fit-population.ts'
import type { OpenDataset } from './open-dataset.ts'
import { keepRefit } from './keep-sites.ts'
import { openSource } from './open-source.ts'
import { readoutsOf } from './readout.ts'
import { reducedReadout } from './primal/reduced-readout.ts'
import type { RefitOutput } from './solver-tasks.ts'

/** A readout over this is not made: scores only. */
export const MAX_READOUT_BYTES = 2 ** 30
/** Weights over this lie in a file beside the model. */
const EXTERNAL_BYTES = 256e6

/** What an encoder's row tells besides its files. */
export type EncoderCard = {
  unit: ResponseUnit
  sites: { id: string; region: string }[]
  inputSize: number
  pooling: Pooling
  preprocessing: Preprocessing
  /** where images stand in the input; absent: they fill it */
  placement?: ImagePlacement
  /** the engine that computed the fit's networks; absent: onnxruntime */
  engine?: 'tfjs'
  /** held-out scores of the layer per site, as the fit reports them */
  heldOut: { r: (number | null)[]; ev: (number | null)[]; ceiling: (number | null)[] }
  provenance: Record<string, unknown>
}

export interface EncoderWork {
  context: PipelineContext
  request: ResolvedFit
  dataset: OpenDataset
  population: Population
  onProgress: ReportProgress
  signal?: AbortSignal
}

export interface EncoderParts {
  fitId: string
  /** the result's name in the fit */
  name: string
  /** its bands, whose layers the encoder reads */
  bands: readonly Band[]
  refit: RefitOutput
  scores: FitScores
}

export const readoutBytes = (units: number, sites: number): number => 4 * units * sites

interface Tap {
  source: ActivationSource
  network: FitNetwork
  layer: string
  name: string
  units: number
}

/**
 * Readout and ONNX model of a fitted result, stored with their row; answers the encoder's id. Null when the readout would be over 1 GiB,
 * when networks take images of different sizes, or when there is no network to run: `scores.warnings` says which.
 */
export const buildEncoder = async (work: EncoderWork, { fitId, name, bands, refit, scores }: EncoderParts): Promise<string | null> => {
  const { context, dataset, population } = work
  const { owner } = await getFit(context.db, fitId)
  const fitted = fittedSites(refit)
  if (fitted.length < population.sites.length) scores.warnings.push(`The encoder leaves out ${population.sites.length - fitted.length} sites that saw too few stimuli to be fitted.`)
  if (fitted.length === 0) return null
  const taps = await openTaps(work, bands)
  const refused = refusalOf(taps, name, population.sites.length)
  if (refused !== null) {
    scores.warnings.push(refused)
    return null
  }
  const readout = await readoutOf(work, taps, bands, keepRefit(refit, Int32Array.from(fitted)))
  const sites = fitted.map((j) => ({ id: population.sites[j].siteId, region: population.sites[j].region }))
  const { unit } = population
  const { sites: scored } = scores.layers.find((candidate) => candidate.layer === name)!
  const heldOut = fitted.map((j) => scored[j])
  const { graph, pooling } = taps[0].source.network!
  const placement = placementOf(work.request.placement, work.dataset.manifest)
  const card: EncoderCard = {
    unit,
    sites,
    inputSize: graph.inputSize,
    pooling,
    preprocessing: graph.preprocessing,
    ...(placement === null ? {} : { placement }),
    ...(work.request.engine === undefined ? {} : { engine: work.request.engine }),
    heldOut: { r: heldOut.map(({ r }) => r), ev: heldOut.map(({ ev }) => ev), ceiling: heldOut.map(({ ceiling }) => ceiling) },
    provenance: scores.provenance,
  }
  const params = new Map<ActivationSource, ReadonlyMap<string, Float32Array>>()
  for (const source of new Set(taps.map((tap) => tap.source))) params.set(source, await source.network!.params())
  const modelTaps = taps.map(({ source, layer }, k) => ({ graph: source.network!.graph, params: params.get(source)!, layer, pooling: source.pooling, weights: readout.weights[k] }))
  const model = buildModel(modelTaps, readout.bias, {
    externalAbove: EXTERNAL_BYTES,
    weightsFile: 'weights.bin',
    metadata: {
      site_ids: JSON.stringify(sites.map(({ id }) => id)),
      regions: JSON.stringify(sites.map(({ region }) => region)),
      unit,
      layer: name,
      ...(taps.length === 1 ? {} : { taps: JSON.stringify(taps.map((tap) => ({ name: tap.name, backbone: tap.network.backbone, layer: tap.layer, pooling: tap.network.pooling }))) }),
      resize: JSON.stringify(graph.preprocessing.resize),
      ...(placement === null ? {} : { placement: JSON.stringify(placement) }),
      provenance: JSON.stringify(scores.provenance),
    },
  })
  const files = { ...(await storeModel(context, model)), 'readout.npz': (await context.blobs.put(readoutNpz(readout, taps, sites))).sha256 }
  const row = await context.db.transaction(async (tx) => {
    await holdBlobs(tx, context.blobs, Object.values(files))
    return insertEncoder<EncoderCard>(tx, { id: newId(), owner, fit: fitId, dataset: dataset.row.id, backbone: graph.id, layer: name, files, card })
  })
  return row.id
}

/** The layers that the bands are of, each network opened once. */
const openTaps = async ({ context, dataset, request }: EncoderWork, bands: readonly Band[]): Promise<Tap[]> => {
  const sources = new Map<FitNetwork, ActivationSource>()
  for (const network of new Set(bands.map((band) => band.network))) sources.set(network, await openSource(context, dataset, network, network.pooling, request.placement))
  return bands
    .filter(({ window }) => window === null)
    .map(({ name, layer, network }) => {
      const source = sources.get(network)!
      return { source, network, layer, name, units: source.sizes([layer])[0].units }
    })
}

/** Why there can be no encoder, or null. */
const refusalOf = (taps: readonly Tap[], name: string, sites: number): string | null => {
  const stored = taps.filter(({ source }) => source.network === null).map((tap) => tap.name)
  if (stored.length > 0) return `No encoder: ${stored.join(', ')} are activations from elsewhere, and there is no network here to run a new image through.`
  const bytes = taps.reduce((sum, { units }) => sum + readoutBytes(units, sites), 0)
  if (bytes > MAX_READOUT_BYTES) return `No encoder: the readout of ${name} would take ${gigabytes(bytes)}. Pool the layer ("pooling": {"grid": 4}) to get one.`
  const resizes = new Map(taps.map(({ source, network }) => [JSON.stringify(source.preprocessing!.resize), network]))
  if (resizes.size === 1) {
    if (commonVersions(taps.map(({ source }) => source.network!.graph)) !== null) return null
    return 'No encoder: one encoder is written in one ONNX operator set, and the networks are of different ones. Export your own models in operator set 17 or later, the same for all.'
  }
  const sizes = [...resizes].map(([resize, { backbone }]) => `${backbone} ${(JSON.parse(resize) as { width: number }).width}`).join(', ')
  return `No encoder: one encoder has one size of image, and the networks take images of different sizes (${sizes} pixels wide). Fit networks of one size together to get one.`
}

/** Sites that could be fitted: the others saw too few stimuli. */
const fittedSites = ({ bias }: RefitOutput): number[] => [...bias.keys()].filter((j) => Number.isFinite(bias[j]))

/** Stores a model's files; answers file name -> blob. */
const storeModel = async ({ blobs, home }: PipelineContext, build: OnnxModel): Promise<Record<string, string>> => {
  const folder = await fs.mkdtemp(path.join(home.folders.tmp, 'encoder-'))
  try {
    await writeOnnx(build, folder)
    const names = await fs.readdir(folder)
    return Object.fromEntries(await Promise.all(names.map(async (name) => [name, (await blobs.put(path.join(folder, name), { move: true })).sha256] as const)))
  } finally {
    await fs.rm(folder, { recursive: true, force: true })
  }
}

interface Readout {
  /** (unit x site) of each tap */
  weights: Matrix<Float32Array>[]
  bias: Float32Array
}

/** The readouts of all taps by one more streamed pass per network; or at once, where weights are at hand. */
const readoutOf = async (work: EncoderWork, taps: readonly Tap[], bands: readonly Band[], refit: RefitOutput): Promise<Readout> => {
  const { context, request, onProgress, signal } = work
  if (refit.reduced) {
    const { weights, bias } = reducedReadout(taps[0].units, request.reduction ?? null, refit.reduced, refit.bias)
    return { weights: [weights], bias }
  }
  const { config } = context
  const folder = context.home.folders.tmp
  const options = { threads: config.threads, spillBytes: spillBytes(config, folder), folder, signal, onProgress: (progress: Parameters<ReportProgress>[0]) => onProgress({ ...progress, stage: 'encoder' }) }
  const duals = refit.duals ?? [refit.dual]
  const weights = new Map<Tap, Matrix<Float32Array>>()
  let { bias } = refit
  for (const source of new Set(taps.map((tap) => tap.source))) {
    const own = taps.filter((tap) => tap.source === source)
    const ofLayer = (tap: Tap) => bands.flatMap(({ name, window }, b) => (name === tap.name ? [{ window, dual: duals[b] }] : []))
    const readouts = await readoutsOf(source, new Map(own.map((tap) => [tap.layer, ofLayer(tap)])), bias, options)
    bias = readouts.bias
    for (const tap of own) weights.set(tap, readouts.weights.get(tap.layer)!)
  }
  return { weights: taps.map((tap) => weights.get(tap)!), bias: Float32Array.from(bias) }
}

/** `weights` and `bias`; of several taps `weights:LAYER` for each. Rates are the sum over taps of activations · weights, plus the bias. */
const readoutNpz = ({ weights, bias }: Readout, taps: readonly Tap[], sites: { id: string }[]): AsyncIterable<Uint8Array> =>
  streamNpz({
    ...Object.fromEntries(weights.map(({ data, rows, cols }, k) => [weights.length === 1 ? 'weights' : `weights:${taps[k].name}`, encodeNpy(data, [rows, cols])])),
    bias: encodeNpy(bias, [bias.length]),
    site_id: encodeNpy(sites.map(({ id }) => id), [sites.length]),
  })

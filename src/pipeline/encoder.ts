import { newId } from '../storage/ids.ts'
import fs from 'node:fs/promises'
import path from 'node:path'
import type { Pooling, Preprocessing } from '../domain/backbone.ts'
import type { ResponseUnit } from '../domain/dataset.ts'
import { VentralError } from '../domain/errors.ts'
import type { FitScores, ResolvedFit } from '../domain/fit.ts'
import type { Matrix } from '../domain/matrix.ts'
import type { ReportProgress } from '../domain/progress.ts'
import { buildOnnx } from '../models/build-onnx.ts'
import type { OnnxModel } from '../models/onnx/message.ts'
import { writeOnnx } from '../models/write-onnx.ts'
import { encodeNpy } from '../numerics/npy.ts'
import { streamNpz } from '../numerics/npz.ts'
import { createProducts } from '../numerics/products.ts'
import type { Products } from '../numerics/products.ts'
import { holdBlobs } from '../storage/blob-references.ts'
import { getFit } from '../storage/repositories/fits.ts'
import { insertEncoder } from '../storage/repositories/encoders.ts'
import type { PipelineContext } from './context.ts'
import { spillBytes } from './disk.ts'
import { extractLayers, layerSizes } from './extract.ts'
import type { Network } from './extract.ts'
import { gigabytes } from './layer-groups.ts'
import { columnMeans } from './layer-gram.ts'
import type { Population } from './fit-population.ts'
import type { OpenDataset } from './open-dataset.ts'
import { keepRefit } from './keep-sites.ts'
import { reducedReadout } from './primal/reduced-readout.ts'
import type { RefitOutput } from './solver-tasks.ts'

/** A readout over this is not made: scores only. */
export const MAX_READOUT_BYTES = 2 ** 30
/** Weights over this lie in a file beside the model. */
const EXTERNAL_BYTES = 256e6
/** Units multiplied with the dual coefficients at a time. */
const SLICE_UNITS = 1024

/** What an encoder's row tells besides its files. */
export type EncoderCard = {
  unit: ResponseUnit
  sites: { id: string; region: string }[]
  inputSize: number
  pooling: Pooling
  preprocessing: Preprocessing
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
  network: Network
  layer: string
  /** the layer's name in the fit */
  name: string
  refit: RefitOutput
  scores: FitScores
}

export const readoutBytes = (units: number, sites: number): number => 4 * units * sites

/** Readout and ONNX model of a fitted layer, stored with their row; answers the encoder's id. Null when the readout would be over 1 GiB. */
export const buildEncoder = async (work: EncoderWork, { fitId, network, layer, name, refit, scores }: EncoderParts): Promise<string | null> => {
  const { context, dataset, population } = work
  const { owner } = await getFit(context.db, fitId)
  const [{ units }] = layerSizes(network, [layer])
  const fitted = fittedSites(refit)
  if (fitted.length < population.sites.length) scores.warnings.push(`The encoder leaves out ${population.sites.length - fitted.length} sites that saw too few stimuli to be fitted.`)
  if (fitted.length === 0) return null
  if (readoutBytes(units, population.sites.length) > MAX_READOUT_BYTES) {
    scores.warnings.push(`No encoder: the readout of ${name} would take ${gigabytes(readoutBytes(units, population.sites.length))}. Pool the layer ("pooling": {"grid": 4}) to get one.`)
    return null
  }
  const ofFitted = keepRefit(refit, Int32Array.from(fitted))
  const readout = ofFitted.reduced ? reducedReadout(units, work.request.reduction!, ofFitted.reduced, ofFitted.bias) : await readoutOf(work, network, layer, units, ofFitted)
  const sites = fitted.map((j) => ({ id: population.sites[j].siteId, region: population.sites[j].region }))
  const { unit } = population
  const { sites: scored } = scores.layers.find((candidate) => candidate.layer === name)!
  const heldOut = fitted.map((j) => scored[j])
  const card: EncoderCard = {
    unit,
    sites,
    inputSize: network.graph.inputSize,
    pooling: network.pooling,
    preprocessing: network.graph.preprocessing,
    heldOut: { r: heldOut.map(({ r }) => r), ev: heldOut.map(({ ev }) => ev), ceiling: heldOut.map(({ ceiling }) => ceiling) },
    provenance: scores.provenance,
  }
  const build = buildOnnx(network.graph, await network.params(), {
    taps: [{ layer, pooling: network.pooling }],
    normalise: true,
    readout,
    externalAbove: EXTERNAL_BYTES,
    weightsFile: 'weights.bin',
    metadata: {
      site_ids: JSON.stringify(sites.map(({ id }) => id)),
      regions: JSON.stringify(sites.map(({ region }) => region)),
      unit,
      layer: name,
      resize: JSON.stringify(network.graph.preprocessing.resize),
      provenance: JSON.stringify(scores.provenance),
    },
  })
  const files = { ...(await storeModel(context, build)), 'readout.npz': (await context.blobs.put(readoutNpz(readout, sites))).sha256 }
  const row = await context.db.transaction(async (tx) => {
    await holdBlobs(tx, context.blobs, Object.values(files))
    return insertEncoder<EncoderCard>(tx, { id: newId(), owner, fit: fitId, dataset: dataset.row.id, backbone: network.graph.id, layer: name, files, card })
  })
  return row.id
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
  /** (unit x site) */
  weights: Matrix<Float32Array>
  bias: Float32Array
}

/**
 * Readout W = (X - μ)'A by one more streamed pass over the layer: rate = x'W + b - μ'W, with μ the mean vector that the Gram matrix
 * is about and A, b the dual fit. Products in f64, the result rounded once.
 */
const readoutOf = async (work: EncoderWork, network: Network, layer: string, units: number, { dual, bias }: Pick<RefitOutput, 'dual' | 'bias'>): Promise<Readout> => {
  const { context, dataset, onProgress, signal } = work
  const { config } = context
  const folder = context.home.folders.tmp
  const m = dual.cols
  const weights: Matrix<Float32Array> = { rows: units, cols: m, data: new Float32Array(units * m) }
  const offset = Float64Array.from(bias)
  const products = await createProducts({ threads: config.threads })
  const options = { threads: config.threads, spillBytes: spillBytes(config, folder), folder, signal, onProgress: (progress: Parameters<ReportProgress>[0]) => onProgress({ ...progress, stage: 'encoder' }) }
  try {
    await extractLayers(network, [layer], dataset.stimuli, options, (_, activations) =>
      activations.eachBlock(async (block, firstUnit) => {
        for (let from = 0; from < block.cols; from += SLICE_UNITS) {
          signal?.throwIfAborted()
          const width = Math.min(SLICE_UNITS, block.cols - from)
          const mean = columnMeans(block, from, width)
          const part = await multiplySlice(products, block, from, mean, dual) // (unit x site)
          weights.data.set(part.data, (firstUnit + from) * m)
          for (let k = 0; k < width; k++) for (let j = 0; j < m; j++) offset[j] -= mean[k] * part.data[k * m + j]
        }
      }),
    )
  } finally {
    await products.close()
  }
  if (!weights.data.every(Number.isFinite)) throw new VentralError('internal', `the readout of ${layer} is not finite`)
  return { weights, bias: Float32Array.from(offset) }
}

/** (X - μ)'A for the columns from … from + mean.length of a block, in float64. */
const multiplySlice = (products: Products, block: Matrix<Float32Array> | Matrix, from: number, mean: Float64Array, dual: Matrix): Promise<Matrix> => {
  const width = mean.length
  const centred = new Float64Array(block.rows * width) // (stimulus x unit of slice)
  for (let i = 0; i < block.rows; i++) for (let k = 0; k < width; k++) centred[i * width + k] = block.data[i * block.cols + from + k] - mean[k]
  return products.f64({ rows: block.rows, cols: width, data: centred }, dual, { transA: true })
}

const readoutNpz = ({ weights, bias }: Readout, sites: { id: string }[]): AsyncIterable<Uint8Array> =>
  streamNpz({
    weights: encodeNpy(weights.data, [weights.rows, weights.cols]),
    bias: encodeNpy(bias, [bias.length]),
    site_id: encodeNpy(sites.map(({ id }) => id), [sites.length]),
  })

import { Worker } from 'node:worker_threads'
import { activationsName } from '../domain/activations.ts'
import { errorFromPlain, VentralError } from '../domain/errors.ts'
import type { errorToPlain } from '../domain/errors.ts'
import type { Page, PageRequest } from '../storage/page.ts'
import { findEncoder, getEncoder as getRow, listEncoders as listRows } from '../storage/repositories/encoders.ts'
import type { EncoderRow } from '../storage/repositories/encoders.ts'
import { resultNames } from './bands.ts'
import type { PipelineContext } from './context.ts'
import type { EncoderCard } from './encoder.ts'
import type { EncoderWorkerData } from './encoder-worker.ts'
import { getFit } from './fits.ts'
import { resultBands } from './layer-encoder.ts'
import type { FileAnswer } from './fits.ts'
import { workerUrl } from '../numerics/worker-pool.ts'
import { openOffers } from './stored-offer.ts'
import { packModel } from './pack-model.ts'

/** An encoder as the API shows it. */
export interface EncoderView {
  id: string
  fit: string
  dataset: string
  backbone: string
  layer: string
  unit: string
  sites: { id: string; region: string }[]
  inputSize: number
  files: { name: string; sha256: string }[]
  provenance: Record<string, unknown>
  createdAt: string
}

const toView = ({ id, fit, dataset, backbone, layer, card, files, createdAt }: EncoderRow<EncoderCard>): EncoderView => ({
  id, fit, dataset, backbone, layer, unit: card.unit, sites: card.sites, inputSize: card.inputSize,
  files: Object.entries(files).map(([name, sha256]) => ({ name, sha256 })), provenance: card.provenance, createdAt,
}) // prettier-ignore

export const getEncoder = async (context: PipelineContext, id: string): Promise<EncoderView> => toView(await getRow<EncoderCard>(context.db, id))

export const listEncoders = async (context: PipelineContext, request: PageRequest & { fit?: string }): Promise<Page<EncoderView>> => {
  const page = await listRows<EncoderCard>(context.db, request)
  return { ...page, items: page.items.map(toView) }
}

/** The encoder of a further layer of a finished fit, made in a thread of its own; the one that is there already where there is one. */
export const createEncoder = async (context: PipelineContext, { fit, layer }: { fit: string; layer: string }): Promise<EncoderView> => {
  const { status, request } = await getFit(context, fit)
  if (status !== 'succeeded') throw new VentralError('fit-not-finished', `Fit "${fit}" is ${status}: an encoder needs one that has succeeded.`)
  const layers = resultNames(request)
  if (!layers.includes(layer))
    throw new VentralError('unknown-layer', `Fit "${fit}" did not fit layer "${layer}".`, [{ pointer: '/layer', expected: layers.join(' | '), found: layer }])
  if (resultBands(request, layer, await openOffers(context, request)).some(({ network }) => activationsName(network.backbone) !== null))
    throw new VentralError('invalid-value', `"${layer}" of fit "${fit}" are activations from elsewhere: there is no network here to run a new image through, so no encoder can be made of it.`, [
      { pointer: '/layer', expected: 'a layer of a backbone', found: layer },
    ])
  const known = await findEncoder<EncoderCard>(context.db, fit, layer)
  if (known) return toView(known)
  const workerData: EncoderWorkerData = { config: context.config, fit, layer }
  const id = await new Promise<string>((resolve, reject) => {
    const worker = new Worker(workerUrl('encoder-worker', import.meta.url), { workerData })
    worker.once('message', (answer: { id: string } | { error: ReturnType<typeof errorToPlain> }) => ('error' in answer ? reject(errorFromPlain(answer.error)) : resolve(answer.id)))
    worker.once('error', reject)
    worker.once('exit', () => reject(new Error('the thread that makes encoders ended early')))
  })
  return getEncoder(context, id)
}

/** The model to download: `model.onnx`, or a zip of it and its weights file where these are apart. */
export const encoderModelFile = async (context: PipelineContext, id: string): Promise<FileAnswer> => {
  const { files } = await getRow(context.db, id)
  if (files['weights.bin'] === undefined) return { path: context.blobs.path(files['model.onnx']), filename: 'model.onnx' }
  return { path: await packModel(context, files), filename: 'model.zip' }
}

export const encoderReadout = async (context: PipelineContext, id: string): Promise<FileAnswer> => {
  const { files } = await getRow(context.db, id)
  return { path: context.blobs.path(files['readout.npz']), filename: 'readout.npz' }
}

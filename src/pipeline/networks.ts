import fs from 'node:fs'
import path from 'node:path'
import type { Pooling } from '../domain/backbone.ts'
import { VentralError } from '../domain/errors.ts'
import type { ResolvedFit } from '../domain/fit.ts'
import type { LayerGraph } from '../models/graph.ts'
import { readGivenParams } from '../models/given-onnx/read-given-params.ts'
import { randomParams } from '../models/initialise.ts'
import { publishedWeights } from '../models/weights/catalogue.ts'
import { readWeights } from '../models/weights/read-weights.ts'
import { getWeights, latestWeights } from '../storage/repositories/weights.ts'
import type { WeightsRow } from '../storage/repositories/weights.ts'
import { addWeights } from './backbones.ts'
import { findBackbone } from './models.ts'
import { refuseRandom } from './refuse-random.ts'
import type { PipelineContext } from './context.ts'
import { secondEngine } from './engine.ts'
import type { Network } from './extract.ts'

/** Changes when the same seed gives other random weights. */
const INITIALISER_REVISION = 1

const missing = (backbone: string, pointer: string): VentralError => {
  const [published] = publishedWeights(backbone)
  const fetch = published ? ` Download ${published.url} and run "ventral weights add FILE --backbone ${backbone}", or` : ` Run "ventral weights add FILE --backbone ${backbone}", or`
  return new VentralError('weights-missing', `There are no pretrained weights of ${backbone} here.${fetch} ask for "weights": "random".`, [
    { pointer, expected: `weights of ${backbone}`, found: 'none' },
  ])
}

/** The file of a published checkpoint in the extra read-only folder, by the name it is published under. */
const inWeightsFolder = (folder: string | null, backbone: string): string | null => {
  if (folder === null) return null
  const files = publishedWeights(backbone).map(({ url }) => path.join(folder, path.basename(url)))
  return files.find((file) => fs.existsSync(file)) ?? null
}

/** The weights that a request means, pinned: `pretrained` becomes the sha256 of the weights added last. Throws `weights-missing`. */
export const pinWeights = async (context: PipelineContext, graph: LayerGraph, weights: ResolvedFit['weights'], pointer = '/weights'): Promise<ResolvedFit['weights']> => {
  if (graph.params.length === 0 || weights === 'random') return weights
  return `sha256:${(await findWeights(context, graph.id, weights, pointer)).sha256}`
}

const findWeights = async (context: PipelineContext, backbone: string, weights: ResolvedFit['weights'], pointer = '/weights'): Promise<Pick<WeightsRow, 'sha256' | 'blob'>> => {
  if (weights !== 'pretrained') return getWeights(context.db, backbone, weights.slice('sha256:'.length))
  const latest = await latestWeights(context.db, backbone)
  if (latest) return latest
  const local = inWeightsFolder(context.config.weightsFolder, backbone)
  if (local === null) throw missing(backbone, pointer)
  // The name alone proves nothing: addWeights states the published source where the bytes are the published ones.
  const { sha256 } = await addWeights(context, backbone, local, { source: path.basename(local) })
  return getWeights(context.db, backbone, sha256)
}

/** How provenance names the weights of a request that are pinned: `sha256:…`, `random:SEED:REVISION`, or `none` where there are none. */
export const weightsName = (graph: Pick<LayerGraph, 'params'>, { weights, seed }: Pick<ResolvedFit, 'weights' | 'seed'>): string =>
  graph.params.length === 0 ? 'none' : weights === 'random' ? `random:${seed}:${INITIALISER_REVISION}` : weights

/** A backbone with the parameters that a request names. Throws `weights-missing`, `unknown-backbone`. */
export const openNetwork = async (context: PipelineContext, request: Pick<ResolvedFit, 'backbone' | 'weights' | 'seed'>, pooling: Pooling): Promise<Network> => {
  const graph = await findBackbone(context, request.backbone)
  refuseRandom(graph, request)
  const common = { graph, pooling, engine: (await secondEngine(context.config.engine)) ?? undefined }
  if (graph.params.length === 0) return { ...common, params: () => Promise.resolve(new Map()), weights: weightsName(graph, request) }
  if (request.weights === 'random') return { ...common, params: () => Promise.resolve(randomParams(graph, request.seed)), weights: weightsName(graph, request) }
  const { sha256, blob } = await findWeights(context, graph.id, request.weights)
  const [file, where] = [context.blobs.path(blob), `weights ${sha256.slice(0, 8)}`]
  const params = async () => (graph.given === undefined ? (await readWeights(file, graph.params, { where, backbone: graph.id })).params : readGivenParams(file, graph.params, where))
  return { ...common, params, weights: `sha256:${sha256}` }
}

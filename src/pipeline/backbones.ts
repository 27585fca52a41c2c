import path from 'node:path'
import type { BackboneParameter, LayerInfo, Preprocessing, WeightsInfo } from '../domain/backbone.ts'
import { VentralError } from '../domain/errors.ts'
import { modelBackbone, modelName } from '../domain/given-model.ts'
import type { ModelFacts } from '../domain/given-model.ts'
import { getBackbone, listBackbones, parametersOf } from '../models/backbones/index.ts'
import type { LayerGraph } from '../models/graph.ts'
import { publishedWeights } from '../models/weights/catalogue.ts'
import { readWeights } from '../models/weights/read-weights.ts'
import { holdBlobs } from '../storage/blob-references.ts'
import { addWeights as addRow, listWeights } from '../storage/repositories/weights.ts'
import type { WeightsRow } from '../storage/repositories/weights.ts'
import { listModels } from '../storage/repositories/models.ts'
import type { PipelineContext } from './context.ts'
import { modelManifest } from './models.ts'
import { withBlobs } from './with-blobs.ts'

export interface BackboneSummary {
  id: string
  family: string
  inputSize: number
  layerCount: number
  /** what may be varied of it, where anything may */
  parameters?: BackboneParameter[]
  weights: WeightsInfo[]
}

export interface BackboneDescription extends BackboneSummary {
  /** how images become its input */
  preprocessing: Preprocessing
  layers: LayerInfo[]
  /** of a user's own model */
  model?: ModelFacts
}

const toInfo = ({ sha256, source, licence, format, bytes }: WeightsRow): WeightsInfo => ({ sha256, source, licence, format, bytes })

const weightsOf = (id: string, weights: WeightsRow[]): WeightsInfo[] => weights.filter((row) => row.backbone === id).map(toInfo)

const summarise = ({ id, family, inputSize, layers }: LayerGraph, weights: WeightsRow[]): BackboneSummary => {
  const parameters = parametersOf(id)
  return {
    id, family, inputSize, layerCount: layers.length,
    ...(parameters.length === 0 ? {} : { parameters }),
    weights: weightsOf(id, weights),
  } // prettier-ignore
}

export const describeBackbones = async (context: PipelineContext): Promise<BackboneSummary[]> => {
  const [weights, models] = await Promise.all([listWeights(context.db), listModels(context.db)])
  const own = models.map(({ name, card }) => ({ id: modelBackbone(name), family: 'onnx', ...card, weights: weightsOf(modelBackbone(name), weights) }))
  return [...listBackbones().map((graph) => summarise(graph, weights)), ...own]
}

/** Throws `unknown-backbone`, `invalid-value`. */
export const describeBackbone = async (context: PipelineContext, id: string): Promise<BackboneDescription> => {
  if (modelName(id) !== null) return describeModel(context, id)
  const graph = getBackbone(id)
  return { ...summarise(graph, await listWeights(context.db, graph.id)), preprocessing: graph.preprocessing, layers: [...graph.layers] }
}

const describeModel = async (context: PipelineContext, id: string): Promise<BackboneDescription> => {
  const { inputSize, preprocessing, producer, opsets, origin, layers } = await modelManifest(context, id)
  return {
    id, family: 'onnx', inputSize, layerCount: layers.length, weights: weightsOf(id, await listWeights(context.db, id)), preprocessing, model: { producer, opsets, origin },
    layers: layers.map(({ value: _, ...layer }) => layer),
  } // prettier-ignore
}

/**
 * Checks a checkpoint against the backbone's parameters and keeps its bytes; `file` is left where it is. Throws
 * `unknown-backbone`, `invalid-value`, `checkpoint-mismatch`, `unsafe-checkpoint`, `damaged-file`.
 */
export const addWeights = async (context: PipelineContext, name: string, file: string, { source }: { source: string }): Promise<WeightsInfo> => {
  const graph = getBackbone(name)
  const backbone = graph.id
  if (graph.params.length === 0) throw new VentralError('checkpoint-mismatch', `${backbone} has no parameters, so it takes no weights.`)
  const { format } = await readWeights(file, graph.params, { where: path.basename(source), backbone })
  const row = await withBlobs(context, async (put) => {
    const sha256 = await put(file)
    const bytes = await context.blobs.size(sha256)
    const published = publishedWeights(backbone).find((entry) => sha256.startsWith(entry.sha256Prefix))
    return context.db.transaction(async (tx) => {
      await holdBlobs(tx, context.blobs, [sha256])
      return addRow(tx, { backbone, sha256, blob: sha256, source: published?.url ?? source, licence: published?.licence ?? null, format, bytes })
    })
  })
  return toInfo(row)
}

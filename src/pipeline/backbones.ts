import path from 'node:path'
import type { LayerInfo, WeightsInfo } from '../domain/backbone.ts'
import { VentralError } from '../domain/errors.ts'
import { backboneIds, getBackbone } from '../models/backbones/index.ts'
import { publishedWeights } from '../models/weights/catalogue.ts'
import { readWeights } from '../models/weights/read-weights.ts'
import { holdBlobs } from '../storage/blob-references.ts'
import { addWeights as addRow, listWeights } from '../storage/repositories/weights.ts'
import type { WeightsRow } from '../storage/repositories/weights.ts'
import type { PipelineContext } from './context.ts'
import { withBlobs } from './with-blobs.ts'

export interface BackboneSummary {
  id: string
  family: string
  inputSize: number
  layerCount: number
  weights: WeightsInfo[]
}

export interface BackboneDescription extends BackboneSummary {
  layers: LayerInfo[]
}

const toInfo = ({ sha256, source, licence, format, bytes }: WeightsRow): WeightsInfo => ({ sha256, source, licence, format, bytes })

const summarise = (id: string, weights: WeightsRow[]): BackboneSummary => {
  const { family, inputSize, layers } = getBackbone(id)
  return { id, family, inputSize, layerCount: layers.length, weights: weights.filter((row) => row.backbone === id).map(toInfo) }
}

export const describeBackbones = async (context: PipelineContext): Promise<BackboneSummary[]> => {
  const weights = await listWeights(context.db)
  return backboneIds.map((id) => summarise(id, weights))
}

/** Throws `unknown-backbone`. */
export const describeBackbone = async (context: PipelineContext, id: string): Promise<BackboneDescription> => {
  const { layers } = getBackbone(id)
  return { ...summarise(id, await listWeights(context.db, id)), layers: [...layers] }
}

/**
 * Checks a checkpoint against the backbone's parameters and keeps its bytes; `file` is left where it is. Throws
 * `unknown-backbone`, `checkpoint-mismatch`, `unsafe-checkpoint`, `damaged-file`.
 */
export const addWeights = async (context: PipelineContext, backbone: string, file: string, { source }: { source: string }): Promise<WeightsInfo> => {
  const graph = getBackbone(backbone)
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

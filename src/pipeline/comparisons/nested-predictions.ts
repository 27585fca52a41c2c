import fs from 'node:fs/promises'
import type { FitScores } from '../../domain/fit-scores.ts'
import type { Matrix } from '../../domain/matrix.ts'
import type { HeldOut } from '../../encoding/scores/fold-scores.ts'
import type { Split } from '../../encoding/splits/split.ts'
import { splitsSha256 } from '../../encoding/splits/split.ts'
import { decodeNpy } from '../../numerics/npy.ts'
import { decodeNpz } from '../../numerics/npz.ts'
import type { FitRow } from '../../storage/repositories/fits.ts'
import type { PipelineContext } from '../context.ts'

/** What is kept of a fit while others are read: its predictions, and the layers that its nested choice took. */
export interface FittedBackbone {
  name: string
  fit: Pick<FitRow, 'id' | 'request' | 'predictions'>
  layerPerSplit: string[]
  splitsSha256: string
}

/** Null where a fit has no scores. */
export const fittedBackbone = (name: string, { id, request, predictions }: FitRow, scores: FitScores | null): FittedBackbone | null =>
  scores?.bestLayer == null ? null : { name, fit: { id, request, predictions }, layerPerSplit: scores.bestLayer.nested.layerPerSplit!, splitsSha256: scores.provenance.splitsSha256 as string }

/** (row x site), a row per split and test stimulus. */
interface StoredPredictions {
  prediction: Matrix
  response: Matrix
}

const readPredictions = async ({ blobs }: PipelineContext, blob: string, where: string): Promise<StoredPredictions> => {
  const files = await decodeNpz(await fs.readFile(blobs.path(blob)), where, { maxBytes: 2 ** 34 })
  const read = (name: string): Matrix => {
    const { shape, data } = decodeNpy(files.get(name)!, name)
    return { rows: shape[0], cols: shape[1], data }
  }
  return { prediction: read('prediction'), response: read('response') }
}

/** The held-out predictions of a fit's nested choice: in each split those of the layer that its inner folds preferred, with the responses as the fold had them. */
export const nestedPredictions = async (context: PipelineContext, { fit: { id, predictions }, layerPerSplit, splitsSha256: fitted }: FittedBackbone, splits: Split[]): Promise<HeldOut[]> => {
  if (fitted !== splitsSha256(splits)) throw new Error(`the splits of fit ${id} cannot be had again`)
  const from = splits.map((_, f) => splits.slice(0, f).reduce((sum, { test }) => sum + test.length, 0))
  const folds = new Map<number, HeldOut>()
  for (const layer of new Set(layerPerSplit)) {
    const { prediction, response } = await readPredictions(context, predictions![layer], `predictions of ${layer}`)
    const rowsOf = ({ data, cols }: Matrix, f: number): Matrix => ({ rows: splits[f].test.length, cols, data: data.slice(from[f] * cols, (from[f] + splits[f].test.length) * cols) })
    for (const [f, name] of layerPerSplit.entries()) if (name === layer) folds.set(f, { test: splits[f].test, predictions: rowsOf(prediction, f), responses: rowsOf(response, f) })
  }
  return splits.map((_, f) => folds.get(f)!)
}

import type { DatasetManifest } from '../domain/dataset.ts'
import { foldResponses } from '../encoding/scores/fold-scores.ts'
import { encodeNpy } from '../numerics/npy.ts'
import { streamNpz } from '../numerics/npz.ts'
import type { Division, LayerResult } from './condition.ts'
import type { PipelineContext } from './context.ts'
import type { Population } from './fit-population.ts'

/**
 * Held-out predictions of each layer as npz, one row per (split, test stimulus): `stimulus_id`, `split`, `prediction` and
 * `response` (row x site; normalised as the fold was, where the fit normalises), `site_id`. Answers layer -> blob.
 */
export const storePredictions = async (
  { blobs }: PipelineContext,
  { stimuli }: DatasetManifest,
  { sites, Y }: Population,
  { splits }: Division,
  results: LayerResult[],
): Promise<Record<string, string>> => {
  const order = splits.flatMap(({ test }, split) => Array.from(test, (stimulus) => ({ stimulus, split })))
  const m = Y.cols
  const response = new Float64Array(order.length * m)
  let next = 0
  for (const fold of results[0]?.folds ?? []) {
    const { data, rows } = foldResponses(fold, Y)
    for (let i = 0; i < rows.length; i++) response.set(data.subarray(rows[i] * m, (rows[i] + 1) * m), next++ * m)
  }
  const shared = {
    stimulus_id: encodeNpy(order.map(({ stimulus }) => stimuli[stimulus].stimulusId), [order.length]),
    split: encodeNpy(Int32Array.from(order, ({ split }) => split), [order.length]),
    site_id: encodeNpy(sites.map((site) => site.siteId), [m]),
    response: encodeNpy(response, [order.length, m]),
  }
  const stored: Record<string, string> = {}
  for (const { scores, folds } of results) {
    const prediction = new Float64Array(order.length * m)
    let row = 0
    for (const { predictions } of folds) {
      prediction.set(predictions.data, row * m)
      row += predictions.rows
    }
    stored[scores.layer] = (await blobs.put(streamNpz({ ...shared, prediction: encodeNpy(prediction, [order.length, m]) }))).sha256
  }
  return stored
}

import type { DatasetManifest } from '../domain/dataset.ts'
import { encodeNpy } from '../numerics/npy.ts'
import { streamNpz } from '../numerics/npz.ts'
import type { Division } from './condition.ts'
import type { PipelineContext } from './context.ts'
import type { Population } from './fit-population.ts'

/** Names of a split's index arrays in splits.npz: train_000, test_000, train_001, … */
export const splitArray = (part: 'train' | 'test', split: number): string => `${part}_${String(split).padStart(3, '0')}`

/**
 * What a fit worked on, kept as it was: `responses.npz` with `stimulus_id`, `site_id`, `region` and `response` (stimulus x site, NaN
 * where a stimulus was never shown), and `splits.npz` with `stimulus_id` and, of every outer split, the rows of both parts. Answers
 * file name -> blob.
 */
export const storeRecord = async ({ blobs }: PipelineContext, { stimuli }: DatasetManifest, { sites, Y }: Population, { splits }: Division): Promise<Record<string, string>> => {
  const text = (values: string[]): Uint8Array => encodeNpy(values, [values.length])
  const stimulusId = text(stimuli.map((stimulus) => stimulus.stimulusId))
  const rows = (part: 'train' | 'test') => splits.map((split, k) => [splitArray(part, k), encodeNpy(split[part], [split[part].length])] as const)
  const put = async (arrays: Record<string, Uint8Array>): Promise<string> => (await blobs.put(streamNpz(arrays))).sha256
  return {
    'responses.npz': await put({
      stimulus_id: stimulusId,
      site_id: text(sites.map((site) => site.siteId)),
      region: text(sites.map((site) => site.region)),
      response: encodeNpy(Y.data, [Y.rows, Y.cols]),
    }),
    'splits.npz': await put({ stimulus_id: stimulusId, ...Object.fromEntries([...rows('train'), ...rows('test')]) }),
  }
}

import type { Site, Stimulus, TimeBin } from '../domain/dataset.ts'
import { getDataset } from '../storage/repositories/datasets.ts'
import type { PipelineContext } from './context.ts'
import { readManifest } from './open-dataset.ts'

/** A dataset's responses as they are stored, for export. */
export interface DatasetResponses {
  name: string
  stimuli: Pick<Stimulus, 'stimulusId' | 'filename'>[]
  sites: Pick<Site, 'siteId' | 'region'>[]
  timeBins: TimeBin[] | null
  /** .npy, stimulus x site x time bin x repetition; NaN where missing */
  path: string
}

/** Throws `not-found`. */
export const datasetResponses = async (context: PipelineContext, id: string): Promise<DatasetResponses> => {
  const row = await getDataset(context.db, id)
  const { name, stimuli, sites, timeBins } = await readManifest(context, row)
  return { name, stimuli, sites, timeBins, path: context.blobs.path(row.responses) }
}

import type { DatasetManifest } from '../domain/dataset.ts'
import type { NdArray } from '../domain/matrix.ts'
import { readNpyFile } from '../numerics/npy.ts'
import { getDataset } from '../storage/repositories/datasets.ts'
import type { DatasetRow } from '../storage/repositories/datasets.ts'
import type { PipelineContext } from './context.ts'
import { noStimulusFiles, openStimulusFiles } from './stimulus-files.ts'
import type { StimulusFiles } from './stimulus-files.ts'

export const readManifest = async (context: PipelineContext, row: Pick<DatasetRow, 'manifest'>): Promise<DatasetManifest> =>
  JSON.parse((await context.blobs.read(row.manifest)).toString()) as DatasetManifest

export interface OpenDataset {
  row: DatasetRow
  manifest: DatasetManifest
  stimuli: StimulusFiles
  /** (stimulus x site x time bin x repetition), NaN where missing */
  responses(): Promise<NdArray>
}

/** Opens a stored dataset; close `stimuli` when done. Throws `not-found`. */
export const openDataset = async (context: PipelineContext, id: string): Promise<OpenDataset> => {
  const row = await getDataset(context.db, id)
  const manifest = await readManifest(context, row)
  return {
    row,
    manifest,
    stimuli: row.stimuli === null ? noStimulusFiles(row.id, manifest.stimuli.length) : openStimulusFiles(context.blobs.path(row.stimuli), manifest.stimuli),
    responses: () => readNpyFile(context.blobs.path(row.responses)),
  }
}

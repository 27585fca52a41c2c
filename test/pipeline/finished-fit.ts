import type { DatasetSummary } from '../../src/domain/dataset.ts'
import type { FitRequest } from '../../src/domain/fit.ts'
import type { FitScores } from '../../src/domain/fit-scores.ts'
import type { PipelineContext } from '../../src/pipeline/context.ts'
import { importDataset } from '../../src/pipeline/datasets.ts'
import { runFit } from '../../src/pipeline/fit.ts'
import { createFit, fitScores } from '../../src/pipeline/fits.ts'
import type { FitView } from '../../src/pipeline/fits.ts'
import type { Registering } from '../../src/pipeline/registrations.ts'
import { beginDelivery, succeedFit } from '../../src/storage/repositories/fit-deliveries.ts'
import { noisePng, writeUpload } from './fixtures.ts'

/** Uploads noise images and responses, (stimulus x site) or (stimulus x site x repetition) in C order; answers the dataset's id. */
export const addDataset = async (
  context: PipelineContext,
  folder: string,
  { responses, shape, metadata, fields = {} }: { responses: Float64Array; shape: number[]; metadata?: Record<string, (row: number) => string>; fields?: Record<string, string> },
): Promise<string> => {
  const images = Array.from({ length: shape[0] }, (_, i) => noisePng(`finished ${i}`))
  const files = await writeUpload(folder, { images, responses, shape, metadata })
  const axes = shape.length === 2 ? 'stimulus,site' : 'stimulus,site,repetition'
  const answer = await importDataset(context, { files, fields: { name: 'noise', region: 'IT', unit: 'other', axes, ...fields }, owner: 'local', idempotency: null })
  return (answer.body as DatasetSummary).id
}

export const acceptedFit = async (context: PipelineContext, request: FitRequest, registering: Registering = {}): Promise<FitView> =>
  (await createFit(context, request, { owner: 'local', idempotency: null, ...registering })).body as FitView

/** Runs a fit that waits, as its process would, and ends it. */
export const finishFit = async (context: PipelineContext, id: string): Promise<FitScores> => {
  const begun = await context.db.transaction((tx) => beginDelivery(tx, id, { job: null }))
  if (begun.kind !== 'begun') throw new Error(`fit ${id} cannot begin`)
  const outcome = await runFit(context, id, { onProgress: () => undefined })
  await context.db.transaction((tx) => succeedFit(tx, begun.delivery, { ...outcome, peakRssBytes: 1 }))
  return fitScores(context, id)
}

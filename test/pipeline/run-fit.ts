import fs from 'node:fs'
import path from 'node:path'
import type { DatasetSummary } from '../../src/domain/dataset.ts'
import type { FitRequest } from '../../src/domain/fit.ts'
import type { FitScores } from '../../src/domain/fit-scores.ts'
import type { PipelineContext } from '../../src/pipeline/context.ts'
import { importDataset } from '../../src/pipeline/datasets.ts'
import { runFit } from '../../src/pipeline/fit.ts'
import type { FitOutcome } from '../../src/pipeline/fit.ts'
import type { FitOptions } from '../../src/pipeline/fit-run.ts'
import { resolveRequest } from '../../src/pipeline/fits.ts'
import { newId } from '../../src/storage/ids.ts'
import { insertFit } from '../../src/storage/repositories/fits.ts'
import { writeUpload } from './fixtures.ts'

export type RanFit = Omit<FitOutcome, 'scores'> & { id: string; scores: FitScores }

/** A fit as the worker runs it, in this process. */
export const runRequest = async (context: PipelineContext, request: FitRequest, options: Partial<FitOptions> = {}): Promise<RanFit> => {
  const resolved = await resolveRequest(context, request)
  const row = await context.db.transaction(async (tx) => insertFit(tx, { id: newId(), owner: 'local', request: resolved }))
  const outcome = await runFit(context, row.id, { onProgress: () => undefined, ...options })
  return { ...outcome, id: row.id, scores: JSON.parse((await context.blobs.read(outcome.scores)).toString()) as FitScores }
}

export interface Recording {
  images: readonly Uint8Array[]
  responses: Float64Array
  /** stimulus, site and, where there are any, repetition */
  shape: number[]
  metadata?: Record<string, (row: number) => string>
  /** column -> value of each site, site_id among them */
  sites?: Record<string, (site: number) => string>
  fields?: Record<string, string>
}

/** Imports a recording as a user uploads it. */
export const addRecording = async (context: PipelineContext, folder: string, { sites, fields, ...recording }: Recording): Promise<DatasetSummary> => {
  const files: Record<string, string> = { ...(await writeUpload(folder, recording)) }
  if (sites !== undefined) {
    const columns = Object.keys(sites)
    const lines = Array.from({ length: recording.shape[1] }, (_, j) => columns.map((column) => sites[column](j)).join(','))
    files.sites = path.join(folder, 'sites.csv')
    fs.writeFileSync(files.sites, [columns.join(','), ...lines, ''].join('\n'))
  }
  const axes = ['stimulus', 'site', 'repetition'].slice(0, recording.shape.length).join(',')
  const answer = await importDataset(context, { files, fields: { region: 'IT', unit: 'other', axes, ...fields }, owner: 'local', idempotency: null })
  return answer.body as DatasetSummary
}

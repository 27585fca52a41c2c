import fs from 'node:fs/promises'
import path from 'node:path'
import type { DatasetManifest, DatasetSummary } from '../domain/dataset.ts'
import { VentralError } from '../domain/errors.ts'
import { imageMediaType } from '../datasets/image-signature.ts'
import { parseImportFields } from '../datasets/import-fields.ts'
import { readDataset } from '../datasets/read-dataset.ts'
import type { DatasetFiles } from '../datasets/read-dataset.ts'
import { holdBlobs, releaseBlobs } from '../storage/blob-references.ts'
import { newId } from '../storage/ids.ts'
import type { Page, PageRequest } from '../storage/page.ts'
import { activationBlobsOf } from '../storage/repositories/activations.ts'
import { deleteDataset as deleteRow, getDataset, insertDataset, listDatasets as listRows, toDatasetSummary } from '../storage/repositories/datasets.ts'
import type { DatasetFacts } from '../storage/repositories/datasets.ts'
import { canonicalSha256, onceInTransaction } from '../storage/repositories/idempotency.ts'
import type { IdempotencyKey, StoredAnswer } from '../storage/repositories/idempotency.ts'
import type { PipelineContext } from './context.ts'
import { describeStimuli } from './describe-stimuli.ts'
import { normalisationOf } from './normalisation.ts'
import { readManifest } from './open-dataset.ts'
import { reportReliability } from './report-reliability.ts'
import { withBlobs } from './with-blobs.ts'

export interface ImportRequest {
  files: DatasetFiles
  /** text fields of the upload */
  fields: Record<string, string>
  owner: string
  idempotency: IdempotencyKey | null
  signal?: AbortSignal
}

/** A site as the API shows it. */
export interface SiteView {
  id: string
  region: string
  animal?: string
  /** reliability of the mean response */
  ceiling: number | null
  /** why the ceiling is null */
  note?: string
  constant: boolean
  metadata: Record<string, string>
}

/**
 * Reads, checks and stores a dataset: files -> canonical responses and stimuli pack -> every image decoded once for sizes and
 * duplicates -> reliability -> blobs -> one row. Whatever goes wrong, nothing is kept.
 */
export const importDataset = async (context: PipelineContext, { files, fields, owner, idempotency, signal }: ImportRequest): Promise<StoredAnswer> => {
  const workFolder = await fs.mkdtemp(path.join(context.home.folders.tmp, 'import-'))
  try {
    const read = await readDataset({ ...files, fields: parseImportFields(fields) }, workFolder, signal)
    const { stimuli, duplicates } = read.stimuliPackPath === null ? { stimuli: read.stimuli, duplicates: noDuplicates } : await describeStimuli(read.stimuliPackPath, read.stimuli, signal)
    const reliability = await reportReliability(read.responsesPath, read.sites, normalisationOf(read.manifest))
    const report = { ...read.report, duplicates, reliability }
    const manifest: DatasetManifest = { ...read.manifest, stimuli, report, warnings: [...read.manifest.warnings, ...duplicateWarnings(duplicates.pairs)] }
    return await withBlobs(context, async (put) => {
      const blobs = {
        manifest: await put(Buffer.from(JSON.stringify(manifest)), { signal }),
        responses: await put(read.responsesPath, { move: true, signal }),
        stimuli: read.stimuliPackPath === null ? null : await put(read.stimuliPackPath, { move: true, signal }),
      }
      return onceInTransaction(context.db, idempotency, async (tx) => {
        await holdBlobs(tx, context.blobs, Object.values(blobs).filter((blob) => blob !== null))
        const row = await insertDataset(tx, { id: newId(), owner, name: manifest.name, sha256: canonicalSha256(blobs), ...blobs, summary: summarise(manifest) })
        return { status: 201, headers: { location: `/datasets/${row.id}` }, body: toDatasetSummary(row) }
      })
    })
  } finally {
    await fs.rm(workFolder, { recursive: true, force: true })
  }
}

/** Without images nothing can be found. */
const noDuplicates = { exact: [], near: [], pairs: { exact: 0, near: 0 }, groups: [] }

const duplicateWarnings = ({ exact, near }: { exact: number; near: number }): string[] =>
  exact + near === 0 ? [] : [`${exact} pairs of images are equal and ${near} nearly so: fits keep them in one fold unless groupDuplicates is false.`]

const summarise = ({ stimuli, sites, report, timeBins, unit, normalise, groupingColumns, source, warnings }: DatasetManifest): DatasetFacts => ({
  stimuli: stimuli.length,
  sites: sites.length,
  regions: countOf(sites.map(({ region }) => region)),
  ...(sites.some(({ animal }) => animal !== undefined) ? { animals: countOf(sites.flatMap(({ animal }) => animal ?? [])) } : {}),
  repetitions: report.repetitions,
  timeBins,
  unit,
  ...(normalise == null ? {} : { normalise }),
  objects: stimuli[0]?.metadata.object_name === undefined ? null : new Set(stimuli.map(({ metadata }) => metadata.object_name)).size,
  ceiling: report.reliability === null ? null : { method: report.reliability.method, median: report.reliability.median },
  groupingColumns,
  ...(report.psth === undefined ? {} : { psth: report.psth }),
  simulated: source.simulated === 'true',
  warnings,
})

const countOf = (names: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

export const listDatasets = async (context: PipelineContext, request: PageRequest): Promise<Page<DatasetSummary>> => {
  const page = await listRows(context.db, request)
  return { ...page, items: page.items.map(toDatasetSummary) }
}

export const datasetSummary = async (context: PipelineContext, id: string): Promise<DatasetSummary> => toDatasetSummary(await getDataset(context.db, id))

/** Throws `dataset-in-use` when a fit refers to it. */
export const deleteDataset = async (context: PipelineContext, id: string): Promise<void> => {
  const blobs = await context.db.transaction(async (tx) => {
    const activations = await activationBlobsOf(tx, id) // they go with their dataset
    const { manifest, responses, stimuli } = await deleteRow(tx, id)
    return [manifest, responses, ...(stimuli === null ? [] : [stimuli]), ...activations]
  })
  await releaseBlobs(context.db, context.blobs, blobs)
}

/** The encoded bytes of one image. */
export const stimulusBytes = async (context: PipelineContext, id: string, stimulusId: string): Promise<{ bytes: Uint8Array; mediaType: string }> => {
  const row = await getDataset(context.db, id)
  const stimulus = (await readManifest(context, row)).stimuli.find((candidate) => candidate.stimulusId === stimulusId)
  if (!stimulus) throw new VentralError('not-found', `Dataset "${id}" has no stimulus "${stimulusId}".`)
  if (row.stimuli === null) throw new VentralError('not-found', `Dataset "${id}" came without images: there is none of stimulus "${stimulusId}".`)
  const bytes = await context.blobs.read(row.stimuli, { start: stimulus.offset, end: stimulus.offset + stimulus.bytes })
  return { bytes, mediaType: imageMediaType(bytes) ?? 'application/octet-stream' }
}

export const datasetSites = async (context: PipelineContext, id: string): Promise<SiteView[]> => {
  const { sites, report } = await readManifest(context, await getDataset(context.db, id))
  const constant = new Set(report.constantSites)
  return sites.map(({ siteId, region, animal, metadata }, j) => {
    const reliability = report.reliability?.sites[j]
    return {
      id: siteId,
      region,
      ...(animal === undefined ? {} : { animal }),
      ceiling: reliability?.rho ?? null,
      ...(reliability?.rho == null ? { note: reliability?.reason ?? 'no repetitions' } : {}),
      constant: constant.has(siteId),
      metadata,
    }
  })
}

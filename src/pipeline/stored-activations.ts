import path from 'node:path'
import { checkActivationsName } from '../domain/activations.ts'
import type { ActivationsVersion, StoredLayer } from '../domain/activations.ts'
import { VentralError } from '../domain/errors.ts'
import { readActivations } from '../datasets/read-activations.ts'
import { sourceFile } from '../datasets/source-file.ts'
import { holdBlobs, releaseBlobs } from '../storage/blob-references.ts'
import { newId } from '../storage/ids.ts'
import type { Page, PageRequest } from '../storage/page.ts'
import { addActivations, deleteActivations as deleteRows, listActivations as listRows, versionsOf } from '../storage/repositories/activations.ts'
import type { ActivationsRow } from '../storage/repositories/activations.ts'
import { getDataset } from '../storage/repositories/datasets.ts'
import { canonicalSha256 } from '../storage/repositories/idempotency.ts'
import type { PipelineContext } from './context.ts'
import { readManifest } from './open-dataset.ts'
import { withBlobs } from './with-blobs.ts'

export interface ActivationsUpload {
  name: string
  dataset: string
  /** `dataset-order` for a bare .npy */
  rows: string | null
  /** the uploaded file, and its sha256 */
  file: { path: string; sha256: string }
  /** where it came from, in the user's words */
  source: string
  signal?: AbortSignal
}

const toVersion = ({ id: _, owner: __, ...version }: ActivationsRow): ActivationsVersion => version

/**
 * Reads, checks and stores activations that other tools computed: each array as an .npy of its own with its rows in the dataset's
 * order, and their owner is its. The same activations as before are no new version. Whatever goes wrong, nothing is kept.
 */
export const putActivations = async (context: PipelineContext, { name, dataset, rows, file, source, signal }: ActivationsUpload): Promise<ActivationsVersion> => {
  const checked = checkActivationsName(name)
  const row = await getDataset(context.db, dataset)
  const { stimuli } = await readManifest(context, row)
  const workFolder = path.dirname(file.path)
  const read = await readActivations(sourceFile(file.path, path.basename(source)), { stimulusIds: stimuli.map(({ stimulusId }) => stimulusId), rows, workFolder, signal })
  const version = await withBlobs(context, async (put) => {
    const layers: StoredLayer[] = []
    for (const { path: npy, name, shape, units, type } of read) {
      const sha256 = await put(npy, { move: true, signal })
      layers.push({ name, shape, units, type, sha256, bytes: await context.blobs.size(sha256) })
    }
    const sha256 = canonicalSha256(layers.map(({ name, shape, type, sha256 }) => ({ name, shape, type, sha256 })))
    return context.db.transaction(async (tx) => {
      await holdBlobs(tx, context.blobs, layers.map((layer) => layer.sha256))
      return addActivations(tx, { id: newId(), owner: row.owner, name: checked, dataset, sha256, layers, source, uploadSha256: file.sha256 })
    })
  })
  return toVersion(version)
}

/** All versions, the latest first. */
export const listActivations = async (context: PipelineContext, request: PageRequest & { dataset?: string }): Promise<Page<ActivationsVersion>> => {
  const page = await listRows(context.db, request)
  return { ...page, items: page.items.map(toVersion) }
}

/** The versions of a name, the latest first. Throws `not-found`. */
export const activationsVersions = async (context: PipelineContext, name: string): Promise<ActivationsVersion[]> => {
  const rows = await versionsOf(context.db, name.normalize('NFC'))
  if (rows.length === 0) throw new VentralError('not-found', `There are no activations "${name}". GET /activations lists them.`)
  return rows.map(toVersion)
}

/** Deletes all versions of a name, or those of one dataset. Throws `not-found`, `activations-in-use`. */
export const deleteActivations = async (context: PipelineContext, name: string, dataset?: string): Promise<void> => {
  const rows = await context.db.transaction((tx) => deleteRows(tx, name.normalize('NFC'), dataset))
  await releaseBlobs(context.db, context.blobs, rows.flatMap(({ layers }) => layers.map(({ sha256 }) => sha256)))
}

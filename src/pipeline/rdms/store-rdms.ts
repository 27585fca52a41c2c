import type { RdmView } from '../../domain/rdm.ts'
import { holdBlobs } from '../../storage/blob-references.ts'
import { newId } from '../../storage/ids.ts'
import { insertRdm } from '../../storage/repositories/rdms.ts'
import type { RdmRow } from '../../storage/repositories/rdms.ts'
import type { PipelineContext } from '../context.ts'
import { withBlobs } from '../with-blobs.ts'
import type { MadeRdm } from './make-rdm.ts'
import { encodeRdmFile } from './rdm-file.ts'

export interface RdmCreation {
  owner: string
  signal?: AbortSignal
}

export const toView = ({ id, name, kind, n, by, distance, card, createdAt }: RdmRow): RdmView => ({ id, name, kind, n, by, distance, createdAt, ...card })

/** Stores made RDMs: the blobs and rows of all of them, or nothing. */
export const storeRdms = (context: PipelineContext, made: readonly MadeRdm[], { owner, signal }: RdmCreation): Promise<RdmView[]> =>
  withBlobs(context, async (put) => {
    const blobs: string[] = []
    for (const rdm of made) blobs.push(await put(encodeRdmFile(rdm), { signal }))
    return context.db.transaction(async (tx) => {
      await holdBlobs(tx, context.blobs, blobs)
      const views: RdmView[] = []
      for (const [i, { summary, dataset, card }] of made.entries()) views.push(toView(await insertRdm(tx, { id: newId(), owner, ...summary, dataset, blob: blobs[i], card })))
      return views
    })
  })

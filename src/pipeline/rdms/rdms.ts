import { sourceFile } from '../../datasets/source-file.ts'
import { VentralError } from '../../domain/errors.ts'
import type { CkaReport, CkaRequest, ComparisonRequest, RdmComparisonReport, RdmKind, RdmRequest, RdmSummary, RdmView } from '../../domain/rdm.ts'
import { releaseBlobs } from '../../storage/blob-references.ts'
import type { Page, PageRequest } from '../../storage/page.ts'
import { deleteRdm as deleteRow, getRdm as getRow, listRdms as listRows } from '../../storage/repositories/rdms.ts'
import type { PipelineContext } from '../context.ts'
import type { FileAnswer } from '../fits.ts'
import { resolveCka } from './cka.ts'
import { resolveComparison } from './compare-rdms.ts'
import type { GivenRdmRequest } from './given-rdm.ts'
import { checkSource, requestPerLayer } from './layers-of.ts'
import { resolveRdm } from './make-rdm.ts'
import { decodeRdmFile } from './rdm-file.ts'
import type { RdmValues } from './rdm-file.ts'
import { inRequestThread } from '../request-thread.ts'
import { storeRdms, toView } from './store-rdms.ts'
import type { RdmCreation } from './store-rdms.ts'

/** Computes an RDM, or one of each of several layers, in a thread of its own and stores what it made. An abort leaves nothing. */
export const createRdm = async (context: PipelineContext, request: RdmRequest, creation: RdmCreation): Promise<RdmView | RdmView[]> => {
  const perLayer = await requestPerLayer(context, request)
  if (perLayer !== null) return storeRdms(context, await inRequestThread(context, 'makeRdms', perLayer, creation.signal), creation)
  await checkSource(context, request.of, '/of')
  return (await storeRdms(context, [await inRequestThread(context, 'makeRdm', resolveRdm(request), creation.signal)], creation))[0]
}

const givenFields = ['name', 'dataset', 'variable', 'by', 'distance']

/** Stores an RDM that somebody else computed, out of an uploaded form. */
export const addRdm = async (context: PipelineContext, { files, fields }: { files: { file?: string; labels?: string }; fields: Record<string, string> }, creation: RdmCreation): Promise<RdmView> => {
  const unknown = Object.keys(fields).find((field) => !givenFields.includes(field))
  if (unknown !== undefined)
    throw new VentralError('unknown-field', `The form has a field "${unknown}", which is not known here. Known fields are ${givenFields.join(', ')}.`, [{ pointer: `/${unknown}`, expected: givenFields.join(', '), found: unknown }])
  if (files.file === undefined) throw new VentralError('missing-field', 'The form has no "file": the RDM as .npy, .npz, .csv or .mat.', [{ pointer: '/file', expected: 'a file', found: 'nothing' }])
  const { name = null, dataset = null, variable = null, by = 'stimulus', distance = 'as given' } = fields
  const request: GivenRdmRequest = { file: sourceFile(files.file), labels: files.labels === undefined ? null : sourceFile(files.labels), dataset, variable, by, distance, name }
  return (await storeRdms(context, [await inRequestThread(context, 'readGiven', request, creation.signal)], creation))[0]
}

export const getRdm = async (context: PipelineContext, id: string): Promise<RdmView> => toView(await getRow(context.db, id))

export const listRdms = (context: PipelineContext, request: PageRequest & { dataset?: string; kind?: RdmKind }): Promise<Page<RdmSummary>> => listRows(context.db, request)

export const deleteRdm = async (context: PipelineContext, id: string): Promise<void> => {
  const blob = await context.db.transaction((tx) => deleteRow(tx, id))
  await releaseBlobs(context.db, context.blobs, [blob])
}

export const rdmValues = async (context: PipelineContext, id: string): Promise<RdmValues & { by: string }> => {
  const { blob, by } = await getRow(context.db, id)
  return { ...(await decodeRdmFile(await context.blobs.read(blob))), by }
}

export const rdmFile = async (context: PipelineContext, id: string): Promise<FileAnswer> => ({ path: context.blobs.path((await getRow(context.db, id)).blob), filename: `rdm-${id}.npz` })

/** Agreement of stored RDMs, computed in a thread of its own. */
export const compareRdms = (context: PipelineContext, request: ComparisonRequest, signal?: AbortSignal): Promise<RdmComparisonReport> =>
  inRequestThread(context, 'compareStored', resolveComparison(request), signal)

/** Linear CKA, computed in a thread of its own. */
export const cka = async (context: PipelineContext, request: CkaRequest, signal?: AbortSignal): Promise<CkaReport> => {
  const resolved = resolveCka(request)
  await checkSource(context, request.a, '/a')
  await checkSource(context, request.b, '/b')
  return inRequestThread(context, 'compareByCka', resolved, signal)
}

import type { FitError, FitProgress, FitRequest, FitStatus, NamedNetwork, ResolvedFit } from '../domain/fit.ts'
import type { FitScores } from '../domain/fit-scores.ts'
import { activationsName } from '../domain/activations.ts'
import { modelName } from '../domain/given-model.ts'
import { VentralError } from '../domain/errors.ts'
import type { Registration } from '../domain/registration.ts'
import type { Queryable } from '../storage/database.ts'
import { newId } from '../storage/ids.ts'
import type { Page, PageRequest } from '../storage/page.ts'
import { referToActivations } from '../storage/repositories/activations.ts'
import { getDataset } from '../storage/repositories/datasets.ts'
import { fitEventsAfter } from '../storage/repositories/fit-events.ts'
import type { FitEvent } from '../storage/repositories/fit-events.ts'
import { getFit as getRow, insertFit, listFits as listRows, requestCancel } from '../storage/repositories/fits.ts'
import type { FitRow } from '../storage/repositories/fits.ts'
import { canonicalSha256, onceInTransaction } from '../storage/repositories/idempotency.ts'
import { referToModel } from '../storage/repositories/models.ts'
import type { IdempotencyKey, StoredAnswer } from '../storage/repositories/idempotency.ts'
import { checkDivisions } from './check-divisions.ts'
import { checkRoom } from './check-room.ts'
import { choosePopulation } from './choose-sites.ts'
import type { PipelineContext } from './context.ts'
import { spillBytes } from './disk.ts'
import { secondEngine } from './engine.ts'
import { networksOf } from './fit-networks.ts'
import type { FindOffer } from './offer.ts'
import { checkJointRoom } from './joint-room.ts'
import { takenLayer } from './layer-from.ts'
import { checkMemory, requestMemory } from './memory-estimate.ts'
import { pinWeights, weightsName } from './networks.ts'
import { readManifest } from './open-dataset.ts'
import { checkRegistering, frozenConditions, registerFit } from './registrations.ts'
import type { Registering } from './registrations.ts'
import { resolveEngine } from './resolve-engine.ts'
import { resolveFit } from './resolve-fit.ts'
import { openOffers } from './stored-offer.ts'

/** A fit as the API shows it. */
export interface FitView {
  id: string
  status: FitStatus
  dataset: string
  backbone: string
  progress: FitProgress | null
  request: ResolvedFit
  encoder: string | null
  error: FitError | null
  createdAt: string
  startedAt: string | null
  finishedAt: string | null
  peakRssBytes: number | null
  registration: Registration | null
}

/** A stored file to send, and the name that the user should see. */
export interface FileAnswer {
  path: string
  filename: string
}

export const toFitView = ({ id, status, dataset, backbone, progress, request, encoder, error, createdAt, startedAt, finishedAt, peakRssBytes, registration }: FitRow): FitView => ({
  id, status, dataset, backbone, progress, request, encoder, error, createdAt, startedAt, finishedAt, peakRssBytes, registration,
}) // prettier-ignore

/** Checks a request against its dataset and backbone, down to its folds and to what each site saw of them, and pins its weights. */
export const resolveRequest = async (context: PipelineContext, body: FitRequest): Promise<ResolvedFit> => {
  const row = await getDataset(context.db, body.dataset)
  const find = await openOffers(context, body)
  const manifest = await readManifest(context, row)
  const resolved = resolveFit(body, manifest, find)
  const request = { ...resolved, alsoBy: await checkDivisions(context.blobs.path(row.responses), manifest, resolved, { alsoByAsked: body.alsoBy !== undefined }) }
  checkJointRoom(request, manifest.stimuli.length, choosePopulation(manifest, request.sites).before.length, context.config.threads, undefined, find)
  await takenLayer(context, request)
  const weights = await pinned(context, find, request)
  const engine = resolveEngine(body.engine, context.config.engine, request, find)
  if (request.alongside === undefined) return { ...request, ...engine, weights }
  const alongside: NamedNetwork[] = []
  for (const [i, network] of request.alongside.entries())
    alongside.push({ ...network, weights: await pinned(context, find, network, `/alongside/${i}/weights`) })
  return { ...request, ...engine, weights, alongside }
}

/** Stored activations are pinned by then. */
const pinned = async (context: PipelineContext, find: FindOffer, network: Pick<NamedNetwork, 'backbone' | 'weights'>, pointer?: string): Promise<ResolvedFit['weights']> => {
  const { graph } = find(network)
  return graph === null ? network.weights : pinWeights(context, graph, network.weights, pointer)
}

/** A fit that was checked whole and can be accepted. */
export interface PreparedFit {
  request: ResolvedFit
  /** what a registration of it freezes */
  frozen: object
  /** sha256 of all that its scores depend on: the same for requests that differ in words only */
  conditions: string
}

/** Checks a request as `resolveRequest` does, and that it fits this machine. */
export const prepareFit = async (context: PipelineContext, body: FitRequest): Promise<PreparedFit> => {
  const request = await resolveRequest(context, body)
  const dataset = await getDataset(context.db, request.dataset)
  const find = await openOffers(context, request)
  checkRoom(context, request, dataset.summary.stimuli, find)
  const chosen = choosePopulation(await readManifest(context, dataset), request.sites)
  const facts = { stimuli: dataset.summary.stimuli, sites: chosen.before.length, spillBytes: spillBytes(context.config, context.home.folders.tmp) }
  checkMemory(requestMemory(context.config, request, facts, find), context.config.memoryBytes)
  const { graph } = find(request)
  const source = graph === null ? { weights: request.weights, preprocessing: null } : { weights: weightsName(graph, request), preprocessing: graph.preprocessing }
  const frozen = frozenConditions(request, dataset.sha256, source, await secondEngine(request.engine ?? 'onnx'))
  // `weights` are in the source's words already, an encoder changes no score, and sites may be named in several ways.
  const { weights: _weights, seed: _seed, encoder: _encoder, ...rest } = request
  return { request, frozen, conditions: canonicalSha256({ ...frozen, request: { ...rest, sites: chosen } }) }
}

/** Inserts a fit with its job and all that it refers to, in the caller's transaction. */
export const acceptFit = async (
  context: Pick<PipelineContext, 'queue'>,
  tx: Queryable,
  { request, conditions }: PreparedFit,
  { owner, registration, ofComparison }: { owner: string; registration?: string; ofComparison?: boolean },
): Promise<FitRow> => {
  const row = await insertFit(tx, { id: newId(), owner, request, registration, conditions, ofComparison })
  await referToStored(tx, row.id, request)
  await context.queue.enqueueFit(tx, row)
  return row
}

/** Accepts a fit: its row, its registration where one is asked for, and its job in one transaction, once per Idempotency-Key. */
export const createFit = async (
  context: PipelineContext,
  body: FitRequest,
  { owner, idempotency, ...registering }: { owner: string; idempotency: IdempotencyKey | null } & Registering,
): Promise<StoredAnswer> => {
  checkRegistering(registering)
  const prepared = await prepareFit(context, body)
  return onceInTransaction(context.db, idempotency, async (tx) => {
    const registration = await registerFit(tx, registering, owner, prepared.frozen)
    const row = await acceptFit(context, tx, prepared, { owner, registration })
    return { status: 202, headers: { location: `/fits/${row.id}` }, body: toFitView(row) }
  })
}

/** The activations from elsewhere and the users' models that a fit rests on stay as long as the fit. */
const referToStored = async (tx: Queryable, fit: string, request: ResolvedFit): Promise<void> => {
  for (const { backbone, weights } of networksOf(request)) {
    const sha256 = weights.slice('sha256:'.length)
    const [name, model] = [activationsName(backbone), modelName(backbone)]
    if (name !== null) await referToActivations(tx, fit, { name, dataset: request.dataset, sha256 })
    if (model !== null) await referToModel(tx, fit, { name: model, sha256 })
  }
}

export const getFit = async (context: PipelineContext, id: string): Promise<FitView> => toFitView(await getRow(context.db, id))

export const listFits = async (context: PipelineContext, request: PageRequest & { dataset?: string; status?: FitStatus }): Promise<Page<FitView>> => {
  const page = await listRows(context.db, request)
  return { ...page, items: page.items.map(toFitView) }
}

export const cancelFit = async (context: PipelineContext, id: string): Promise<FitView> => toFitView(await context.db.transaction((tx) => requestCancel(tx, id)))

/** Events of a fit with an id above `after`; throws `not-found`. */
export const fitEvents = async (context: PipelineContext, id: string, after: number): Promise<FitEvent[]> => {
  await getRow(context.db, id)
  return fitEventsAfter(context.db, id, after)
}

/** The row of a fit that has its results. Throws `not-found`, `fit-not-finished`. */
export const succeededFit = async (context: PipelineContext, id: string): Promise<FitRow> => {
  const row = await getRow(context.db, id)
  if (row.status === 'succeeded') return row
  const why = row.status === 'failed' || row.status === 'cancelled' ? `Fit "${id}" was ${row.status === 'failed' ? 'not completed: it failed' : 'cancelled'}, so it has no scores.` : `Fit "${id}" is ${row.status}. Follow GET /fits/${id}/events until it ends.`
  throw new VentralError('fit-not-finished', why)
}

/** Throws `fit-not-finished`. */
export const fitScores = async (context: PipelineContext, id: string): Promise<FitScores> => {
  const row = await succeededFit(context, id)
  return JSON.parse((await context.blobs.read(row.scores!)).toString()) as FitScores
}

/** The npz of a layer's held-out predictions. Throws `fit-not-finished`, `unknown-layer`. */
export const fitPredictions = async (context: PipelineContext, id: string, layer: string): Promise<FileAnswer> => {
  const { predictions } = await succeededFit(context, id)
  const layers = Object.keys(predictions!)
  if (!layers.includes(layer))
    throw new VentralError('unknown-layer', `Fit "${id}" has no predictions of layer "${layer}". It fitted ${layers.join(', ')}.`, [{ pointer: '/layer', expected: layers.join(' | '), found: layer }])
  return { path: context.blobs.path(predictions![layer]), filename: `${id}-${layer}.npz` }
}

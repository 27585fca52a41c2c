import type { BackboneComparisonRequest, ComparisonScores, ComparisonView } from '../../domain/comparison.ts'
import { VentralError } from '../../domain/errors.ts'
import { releaseBlobs } from '../../storage/blob-references.ts'
import { newId } from '../../storage/ids.ts'
import type { Page, PageRequest } from '../../storage/page.ts'
import {
  deleteComparison as deleteRow, fitOfConditions, fitsOfNoOther, getComparison as getRow, insertComparison, listComparisons as listRows, lockComparisons, markCancelled,
} from '../../storage/repositories/comparisons.ts' // prettier-ignore
import type { Queryable } from '../../storage/database.ts'
import { isFinished, requestCancel } from '../../storage/repositories/fits.ts'
import { onceInTransaction } from '../../storage/repositories/idempotency.ts'
import type { IdempotencyKey, StoredAnswer } from '../../storage/repositories/idempotency.ts'
import type { PipelineContext } from '../context.ts'
import { estimateFit } from '../estimate.ts'
import type { FitEstimate } from '../estimate.ts'
import { acceptFit, prepareFit } from '../fits.ts'
import { inRequestThread } from '../request-thread.ts'
import { toView } from './comparison-view.ts'
import { planComparison } from './plan-comparison.ts'
import { aboutEntry, refuseAll } from './refuse-entries.ts'

/**
 * Accepts a comparison: all its fits are resolved and checked before the first is queued, and all rows and jobs are made in one
 * transaction. A fit of the same conditions that is there, or on its way, is taken instead of a new one.
 */
export const createComparison = async (context: PipelineContext, body: BackboneComparisonRequest, { owner, idempotency }: { owner: string; idempotency: IdempotencyKey | null }): Promise<StoredAnswer> => {
  const { request, fits } = await planComparison(context, body)
  const prepared = await refuseAll(fits, ({ entry, body: fit }) => aboutEntry(entry, () => prepareFit(context, fit), body.backbones[entry]))
  const places = new Map<string, string>()
  for (const [i, { conditions }] of prepared.entries()) {
    const { name, region, entry } = fits[i]
    const first = places.get(conditions)
    if (first !== undefined)
      throw new VentralError('invalid-value', `"${name}" and "${first}" are the same fit in ${region}: list a backbone once.`, [{ pointer: `/backbones/${entry}`, expected: 'another backbone, other weights, layers or pooling', found: name }])
    places.set(conditions, name)
  }
  const pinned = request.backbones.map((entry, i) => ({ ...entry, weights: prepared[fits.findIndex((fit) => fit.entry === i)].request.weights }))
  return onceInTransaction(context.db, idempotency, async (tx) => {
    await lockComparisons(tx)
    const listed = []
    for (const [i, one] of prepared.entries()) {
      const { name, region } = fits[i]
      const there = await fitOfConditions(tx, one.conditions)
      listed.push({ name, region, fit: there?.id ?? (await acceptFit(context, tx, one, { owner, ofComparison: true })).id, reused: there !== null })
    }
    const row = await insertComparison(tx, { id: newId(), owner, request: { ...request, backbones: pinned }, fits: listed })
    return { status: 202, headers: { location: `/comparisons/${row.id}` }, body: toView(row) }
  })
}

/** The sum of what its fits are going to take, those that are there already left out; nothing is started. */
export interface ComparisonEstimate extends FitEstimate {
  /** how many fits there are, and how many of them need not be run */
  total: number
  reused: number
}

export const estimateComparison = async (context: PipelineContext, body: BackboneComparisonRequest): Promise<ComparisonEstimate> => {
  const { fits } = await planComparison(context, body)
  const estimates = await refuseAll(fits, ({ entry, body: fit }) =>
    aboutEntry(entry, async () => {
      const estimate = await estimateFit(context, fit)
      // What does not fit this machine is told, not refused: that is what a dry run is for.
      const there = estimate.fits ? await fitOfConditions(context.db, (await prepareFit(context, fit)).conditions) : null
      return { ...estimate, there: there?.status === 'succeeded' }
    }, body.backbones[entry]),
  )
  const run = estimates.filter(({ there }) => !there)
  return {
    // One fit runs at a time, and gives back what it took.
    memoryBytes: Math.max(0, ...run.map(({ memoryBytes }) => memoryBytes)),
    diskBytes: Math.max(0, ...run.map(({ diskBytes }) => diskBytes)),
    seconds: run.reduce((sum, { seconds }) => sum + seconds, 0),
    fits: run.every((estimate) => estimate.fits),
    warnings: estimates.flatMap(({ warnings }, i) => warnings.map((warning) => `${fits[i].name}, ${fits[i].region}: ${warning}`)),
    total: fits.length,
    reused: estimates.length - run.length,
  }
}

export const getComparison = async (context: PipelineContext, id: string): Promise<ComparisonView> => toView(await getRow(context.db, id))

export const listComparisons = async (context: PipelineContext, request: PageRequest & { dataset?: string }): Promise<Page<ComparisonView>> => {
  const page = await listRows(context.db, request)
  return { ...page, items: page.items.map(toView) }
}

const cancelFits = async (tx: Queryable, id: string): Promise<void> => {
  for (const fit of await fitsOfNoOther(tx, id)) await requestCancel(tx, fit)
}

/** Cancels a comparison, and those of its unfinished fits that nobody else asked for. Throws `already-finished`. */
export const cancelComparison = (context: PipelineContext, id: string): Promise<ComparisonView> =>
  context.db.transaction(async (tx) => {
    await lockComparisons(tx)
    const { status } = toView(await getRow(tx, id))
    if (isFinished(status)) throw new VentralError('already-finished', `Comparison "${id}" has already ${status === 'cancelled' ? 'been cancelled' : status}.`)
    await cancelFits(tx, id)
    await markCancelled(tx, id)
    return toView(await getRow(tx, id))
  })

/** Deletes a comparison and cancels those of its unfinished fits that nobody else asked for; the finished ones stay. */
export const deleteComparison = async (context: PipelineContext, id: string): Promise<void> => {
  const scores = await context.db.transaction(async (tx) => {
    await lockComparisons(tx)
    await cancelFits(tx, id)
    return deleteRow(tx, id)
  })
  if (scores !== null) await releaseBlobs(context.db, context.blobs, [scores])
}

/** The table of a comparison all of whose fits have ended; made in a thread of its own when it is first asked for, and kept. Throws `fit-not-finished`. */
export const comparisonScores = async (context: PipelineContext, id: string, signal?: AbortSignal): Promise<ComparisonScores> => {
  const row = await getRow(context.db, id)
  if (row.scores !== null) return JSON.parse((await context.blobs.read(row.scores)).toString()) as ComparisonScores
  const waiting = row.fits.filter(({ status }) => !isFinished(status)).length
  if (waiting > 0) throw new VentralError('fit-not-finished', `${waiting} of the ${row.fits.length} fits of comparison "${id}" have not ended. GET /comparisons/${id} tells how far they are.`)
  return inRequestThread(context, 'compareBackbones', id, signal)
}

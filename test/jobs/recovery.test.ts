import t from 'tap'
import { lookAfterFits } from '../../src/jobs/recovery.ts'
import { takeFitLock } from '../../src/storage/fit-lock.ts'
import { newId } from '../../src/storage/ids.ts'
import { insertDataset } from '../../src/storage/repositories/datasets.ts'
import { beginDelivery, recordProgress, type Delivery } from '../../src/storage/repositories/fit-deliveries.ts'
import { getFit, insertFit, requestCancel, type FitRow } from '../../src/storage/repositories/fits.ts'
import { openTestContext, someDataset, someRequest } from '../helper/home.ts'

const context = await openTestContext(t)
const { db, queue } = context
await insertDataset(db, someDataset('d'))
const recovery = lookAfterFits(context, { intervalMs: 1e8 }) // by hand
t.teardown(() => recovery.stop())
await recovery.look() // behind the look that it begins with

const newFit = (enqueue: boolean): Promise<FitRow> =>
  db.transaction(async (tx) => {
    const fit = await insertFit(tx, { id: newId(), owner: 'local', request: someRequest('d') })
    if (enqueue) await queue.enqueueFit(tx, fit)
    return fit
  })
const begin = async (fit: string): Promise<Delivery> => {
  const begun = await db.transaction((tx) => beginDelivery(tx, fit, { job: null }))
  if (begun.kind !== 'begun') throw new Error('over')
  return begun.delivery
}

t.test('a waiting fit with its job is left alone, one whose job is lost gets a new one at the second look', async (t) => {
  const [fine, lost] = [await newFit(true), await newFit(false)]
  t.equal(await queue.jobState(lost.job), 'none')
  t.same(await recovery.look(), [])
  t.same(await recovery.look(), [lost.id])
  t.equal((await getFit(db, fine.id)).job, fine.job)
  t.equal(await queue.jobState((await getFit(db, lost.id)).job), 'waiting')
  t.same([await recovery.look(), await recovery.look()], [[], []])
})

t.test('a running fit is given out again when nobody holds its mark, not while a worker does', async (t) => {
  const fit = await newFit(false)
  const mark = await takeFitLock(db, fit.id)
  const delivery = await begin(fit.id)
  for (let i = 0; i < 3; i++) t.same(await recovery.look(), [])
  t.equal(await takeFitLock(db, fit.id), null, 'nor can another worker take it')
  await mark?.release()
  t.same(await recovery.look(), [], 'once may be a moment between two connections')
  t.same(await recovery.look(), [fit.id])
  const again = await getFit(db, fit.id)
  t.equal(again.status, 'queued')
  t.equal(await queue.jobState(again.job), 'waiting')
  t.notOk(await db.transaction((tx) => recordProgress(tx, delivery, { stage: 'x', done: 1, total: 2, etaSeconds: null })), 'the lost delivery writes no more')
})

t.test('a lost fit that was asked to stop is cancelled, one that was lost too often is parked', async (t) => {
  const [cancelled, hopeless] = [await newFit(false), await newFit(false)]
  await begin(cancelled.id)
  await begin(hopeless.id)
  await db.transaction((tx) => requestCancel(tx, cancelled.id))
  await db.query('UPDATE fits SET losses = 99 WHERE id = $1', [hopeless.id])
  await recovery.look()
  t.same((await recovery.look()).toSorted(), [cancelled.id, hopeless.id].toSorted())
  t.equal((await getFit(db, cancelled.id)).status, 'cancelled')
  t.match(await getFit(db, hopeless.id), { status: 'failed', error: { detail: /lost 100 times/ } })
})

t.test('the mark of a fit is taken anew after the database was restarted', async (t) => {
  const fit = await newFit(false)
  const mark = await takeFitLock(db, fit.id)
  await begin(fit.id)
  await db.query(`SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'`)
  await recovery.look()
  await new Promise((resolve) => setTimeout(resolve, 300))
  t.same(await recovery.look(), [])
  t.equal((await getFit(db, fit.id)).status, 'running')
  await mark?.release()
})

import t from 'tap'
import { VentralError } from '../../src/domain/errors.ts'
import { fitEventsAfter, openFitEventHub } from '../../src/storage/repositories/fit-events.ts'
import { beginDelivery, cancelFit, deliveryState, failFit, interruptFit, recordProgress, succeedFit } from '../../src/storage/repositories/fit-deliveries.ts'
import type { Delivery } from '../../src/storage/repositories/fit-deliveries.ts'
import { deleteDataset, getDataset, insertDataset, listDatasets, toDatasetSummary } from '../../src/storage/repositories/datasets.ts'
import { findEncoder, getEncoder, insertEncoder, listEncoders } from '../../src/storage/repositories/encoders.ts'
import { getFit, insertFit, listFits, requestCancel } from '../../src/storage/repositories/fits.ts'
import { addWeights, getWeights, latestWeights, listWeights } from '../../src/storage/repositories/weights.ts'
import { newId } from '../../src/storage/ids.ts'
import { migrate, readMigrations } from '../../src/storage/migrate.ts'
import { openTestContext, someDataset, someRequest } from '../helper/home.ts'

const { db } = await openTestContext(t)
const sha = (digit: string): string => digit.repeat(64)

const newFit = async (): Promise<string> => {
  const dataset = newId()
  await insertDataset(db, someDataset(dataset))
  const fit = await db.transaction((tx) => insertFit(tx, { id: newId(), owner: 'local', request: someRequest(dataset) }))
  return fit.id
}

const begin = async (fit: string): Promise<Delivery> => {
  const begun = await db.transaction((tx) => beginDelivery(tx, fit, { job: null }))
  if (begun.kind !== 'begun') throw new Error('not begun')
  return begun.delivery
}

t.test('a dataset comes back as it went in, and pages cover all of them once, newest first', async (t) => {
  const ids = Array.from({ length: 7 }, (_, i) => `page${i}`)
  for (const id of ids) await insertDataset(db, someDataset(id))
  const one = await getDataset(db, 'page3')
  t.match(one, someDataset('page3'))
  t.match(toDatasetSummary(one), { id: 'page3', name: 'dataset page3', regions: { IT: 5 }, createdAt: /^\d{4}-\d\d-\d\dT/ })
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const page = await listDatasets(db, { limit: 3, cursor })
    t.ok(page.items.length > 0 && page.items.length <= 3)
    seen.push(...page.items.map((item) => item.id))
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  t.same(seen, ids.toReversed())
  await t.rejects(getDataset(db, 'nobody'), { code: 'not-found' })
  await t.rejects(listDatasets(db, { cursor: 'x' }), { code: 'invalid-value' })
  await t.rejects(listDatasets(db, { limit: 0 }), { code: 'invalid-value' })
})

t.test('a dataset with a fit cannot be deleted, one without can', async (t) => {
  const fit = await getFit(db, await newFit())
  await t.rejects(db.transaction((tx) => deleteDataset(tx, fit.dataset)), { code: 'dataset-in-use' })
  t.equal((await getDataset(db, fit.dataset)).id, fit.dataset)
  await insertDataset(db, someDataset('lonely'))
  t.equal((await db.transaction((tx) => deleteDataset(tx, 'lonely'))).manifest, sha('b'))
  await t.rejects(getDataset(db, 'lonely'), { code: 'not-found' })
  await t.rejects(db.transaction((tx) => deleteDataset(tx, 'lonely')), { code: 'not-found' })
})

t.test('a fit of a dataset that is gone is refused', async (t) => {
  await t.rejects(db.transaction((tx) => insertFit(tx, { id: newId(), owner: 'local', request: someRequest('gone') })), { code: 'not-found' })
})

t.test('a request keeps its numbers to the last bit', async (t) => {
  const fit = await getFit(db, await newFit())
  t.strictSame(fit.request, someRequest(fit.dataset))
})

t.test('the weights added last are the latest, also when they had been added before', async (t) => {
  const weights = { backbone: 'resnet18', blob: sha('1'), source: 'x.pth', licence: null, format: 'pth' as const, bytes: 46_827_520_000 }
  await addWeights(db, { ...weights, sha256: sha('1') })
  await addWeights(db, { ...weights, sha256: sha('2') })
  t.match(await latestWeights(db, 'resnet18'), { sha256: sha('2'), bytes: 46_827_520_000, licence: null })
  await addWeights(db, { ...weights, sha256: sha('1'), source: 'again.pth' })
  t.match(await latestWeights(db, 'resnet18'), { sha256: sha('1'), source: 'again.pth' })
  t.equal((await listWeights(db, 'resnet18')).length, 2)
  t.equal(await latestWeights(db, 'resnet50'), null)
  t.equal((await getWeights(db, 'resnet18', '22222222')).sha256, sha('2'))
  await t.rejects(getWeights(db, 'resnet18', '2'), { code: 'weights-missing' })
  await t.rejects(getWeights(db, 'resnet50', sha('2')), { code: 'weights-missing' })
})

t.test('only the latest delivery of a fit can write', async (t) => {
  const id = await newFit()
  const first = await begin(id)
  t.ok(await db.transaction((tx) => recordProgress(tx, first, { stage: 'extract', done: 1, total: 4, etaSeconds: 9 })))
  const second = await begin(id)
  t.equal(second.fence, first.fence + 1)
  t.notOk(await db.transaction((tx) => recordProgress(tx, first, { stage: 'extract', done: 4, total: 4, etaSeconds: 0 })))
  t.notOk(await db.transaction((tx) => succeedFit(tx, first, { scores: sha('1'), predictions: {}, record: {}, encoder: null, peakRssBytes: 1 })))
  t.notOk(await db.transaction((tx) => failFit(tx, first, { code: 'internal', detail: 'x', errors: [] })))
  t.equal(await deliveryState(db, first), 'superseded')
  t.equal(await deliveryState(db, second), 'go-on')
  t.match(await getFit(db, id), { status: 'running', progress: { done: 1 }, scores: null })
  t.ok(await db.transaction((tx) => succeedFit(tx, second, { scores: sha('1'), predictions: { pixels: sha('2') }, record: { 'splits.npz': sha('3') }, encoder: 'e', peakRssBytes: 5e9 })))
  t.match(await getFit(db, id), { status: 'succeeded', scores: sha('1'), predictions: { pixels: sha('2') }, record: { 'splits.npz': sha('3') }, encoder: 'e', peakRssBytes: 5e9, error: null })
  const named = await db.query<{ sha256: string }>(`SELECT DISTINCT sha256 FROM blob_references WHERE sha256 = ANY($1) ORDER BY 1`, [[sha('1'), sha('2'), sha('3'), sha('9')]])
  t.same(named.rows.map(({ sha256 }) => sha256), [sha('1'), sha('2'), sha('3')], 'its blobs are kept')
  t.notOk(await db.transaction((tx) => cancelFit(tx, second)), 'a finished fit stays as it is')
  await t.rejects(db.transaction((tx) => requestCancel(tx, id)), { code: 'already-finished' })
})

t.test('events of a fit are in order and end with its end; progress goes when the fit ends', async (t) => {
  const id = await newFit()
  const delivery = await begin(id)
  await db.transaction((tx) => recordProgress(tx, delivery, { stage: 'extract', done: 1, total: 2, etaSeconds: null }))
  const before = await fitEventsAfter(db, id)
  t.same(before.map((event) => event.type), ['status', 'status', 'progress'])
  await db.transaction((tx) => failFit(tx, delivery, { code: 'does-not-fit', detail: 'too big', errors: [] }, 'last words'))
  const after = await fitEventsAfter(db, id, before[2].id)
  t.match(after, [
    { type: 'status', data: { status: 'failed' } },
    { type: 'end', data: { status: 'failed', error: { code: 'does-not-fit' } } },
  ])
  t.same((await fitEventsAfter(db, id)).map((event) => event.type), ['status', 'status', 'status', 'end'])
  t.match(await getFit(db, id), { status: 'failed', error: { code: 'does-not-fit', detail: 'too big' } })
})

t.test('a waiting fit is cancelled at once, a running one when its worker sees it', async (t) => {
  const waiting = await newFit()
  t.match(await db.transaction((tx) => requestCancel(tx, waiting)), { status: 'cancelled', finishedAt: /^\d{4}/ })
  t.match(await db.transaction((tx) => beginDelivery(tx, waiting, { job: null })), { kind: 'over' })
  const running = await newFit()
  const delivery = await begin(running)
  t.match(await db.transaction((tx) => requestCancel(tx, running)), { status: 'running', cancelRequested: true, finishedAt: null })
  t.equal(await deliveryState(db, delivery), 'cancel')
  t.ok(await db.transaction((tx) => cancelFit(tx, delivery)))
  t.equal((await getFit(db, running)).status, 'cancelled')
  const lost = await newFit()
  await begin(lost)
  await db.transaction((tx) => requestCancel(tx, lost))
  t.match(await db.transaction((tx) => beginDelivery(tx, lost, { job: null })), { kind: 'over' }, 'a delivery that begins after the request cancels')
  t.equal((await getFit(db, lost)).status, 'cancelled')
})

t.test('an interrupted fit waits again under a new job, and its crashes and losses are counted', async (t) => {
  const id = await newFit()
  const { job } = await getFit(db, id)
  const first = await begin(id)
  t.match(await db.transaction((tx) => interruptFit(tx, first, 'crash', 'Killed')), { id, crashes: 1, losses: 0 })
  t.equal(await db.transaction((tx) => interruptFit(tx, first, 'crash')), null, 'once')
  const again = await getFit(db, id)
  t.equal(again.status, 'queued')
  t.not(again.job, job)
  t.match(await db.transaction((tx) => beginDelivery(tx, id, { job })), { kind: 'over' }, 'the job of the interrupted delivery is void')
  t.match(await db.transaction((tx) => beginDelivery(tx, id, { job: again.job })), { kind: 'begun', crashes: 1, losses: 0 })
  t.match(await db.transaction((tx) => beginDelivery(tx, id, { job: again.job })), { kind: 'begun', crashes: 1, losses: 1 }, 'begun twice: the first was lost')
})

t.test('a fit has one encoder per layer, which goes when the fit fails', async (t) => {
  const id = await newFit()
  const delivery = await begin(id)
  const card = { unit: 'count', sites: [{ id: 's' }] }
  const encoder = { owner: 'local', fit: id, dataset: 'd', backbone: 'pixels', layer: 'pixels', files: { 'model.onnx': sha('3') }, card }
  const first = await insertEncoder(db, { ...encoder, id: newId() })
  const second = await insertEncoder(db, { ...encoder, id: newId(), files: { 'model.onnx': sha('4') } })
  t.equal(second.id, first.id)
  t.match(await getEncoder(db, first.id), { files: { 'model.onnx': sha('4') }, card: { sites: [{ id: 's' }] } })
  t.equal((await findEncoder(db, id, 'pixels'))?.id, first.id)
  t.equal((await listEncoders(db, { fit: id })).items.length, 1)
  await db.transaction((tx) => failFit(tx, delivery, { code: 'internal', detail: 'x', errors: [] }))
  await t.rejects(getEncoder(db, first.id), { code: 'not-found' })
})

t.test('fits are listed by dataset and by status', async (t) => {
  const fit = await getFit(db, await newFit())
  t.same((await listFits(db, { dataset: fit.dataset })).items.map((item) => item.id), [fit.id])
  t.same((await listFits(db, { dataset: fit.dataset, status: 'failed' })).items, [])
})

t.test('a listener hears of events, and again after its connection was cut', async (t) => {
  const id = await newFit()
  const hub = await openFitEventHub(db)
  t.teardown(() => hub.close())
  const heard = (): Promise<void> =>
    new Promise((resolve) => {
      const stop = hub.subscribe(id, () => {
        stop()
        resolve()
      })
    })
  const first = heard()
  const delivery = await begin(id)
  await first
  const reconnected = heard() // everyone is called, since something may have been missed
  await db.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN ventral_fit_events%'`)
  await reconnected
  const second = heard()
  await db.transaction((tx) => recordProgress(tx, delivery, { stage: 'extract', done: 1, total: 2, etaSeconds: null }))
  await second
  t.equal((await fitEventsAfter(db, id)).at(-1)?.type, 'progress')
})

t.test('a text that cannot be stored is the user’s error, not a defect', async (t) => {
  await t.rejects(insertDataset(db, someDataset(newId(), { name: 'a\u0000b' })), { code: 'invalid-value' })
  const metadata = { warnings: ['a\u0000b'] }
  await t.rejects(insertDataset(db, someDataset(newId(), { summary: { ...someDataset('x').summary, ...metadata } })), { code: 'invalid-value' })
  t.equal((await db.query('SELECT 1')).rowCount, 1)
})

t.test('a transaction that throws leaves nothing behind', async (t) => {
  const boom = new VentralError('busy', 'boom')
  await t.rejects(
    db.transaction(async (tx) => {
      await insertDataset(tx, someDataset('halfway'))
      throw boom
    }),
    boom,
  )
  await t.rejects(getDataset(db, 'halfway'), { code: 'not-found' })
})

t.test('migrations apply once, in order; a changed or an unknown one stops the start', async (t) => {
  t.same(await migrate(db), [])
  const more = [...readMigrations(), { name: '900-more', sql: 'CREATE TABLE more (x int)' }]
  t.same(await Promise.all([migrate(db, more), migrate(db, more)]).then((lists) => lists.flat()), ['900-more'], 'two at a time, applied once')
  await t.rejects(migrate(db), /900-more, which this version of Ventral does not know/)
  await t.rejects(migrate(db, [...readMigrations(), { name: '900-more', sql: 'CREATE TABLE other (x int)' }]), /was changed/)
  await t.rejects(migrate(db, [...more, { name: '901-broken', sql: 'CREATE TABLE half (x int); SELECT nonsense' }]))
  t.same((await db.query(`SELECT 1 FROM pg_tables WHERE tablename = 'half'`)).rows, [], 'a broken one leaves nothing')
})

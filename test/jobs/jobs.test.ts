import fs from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { startJobs } from '../../src/jobs/start-jobs.ts'
import { newId } from '../../src/storage/ids.ts'
import { insertDataset } from '../../src/storage/repositories/datasets.ts'
import { fitEventsAfter } from '../../src/storage/repositories/fit-events.ts'
import { getFit, insertFit, isFinished, requestCancel, type FitRow } from '../../src/storage/repositories/fits.ts'
import { processStart } from '../../src/storage/process-identity.ts'
import { openTestContext, someDataset, someRequest } from '../helper/home.ts'

const context = await openTestContext(t)
const { db } = context
const jobs = startJobs(context, { fitModule: new URL('./doubles/fit.ts', import.meta.url).href })
t.teardown(() => jobs.stop())
await insertDataset(db, someDataset('d'))

const submit = (backbone: string): Promise<FitRow> =>
  db.transaction(async (tx) => {
    const fit = await insertFit(tx, { id: newId(), owner: 'local', request: { ...someRequest('d'), backbone } })
    await context.queue.enqueueFit(tx, fit)
    return fit
  })

const until = async <T>(what: string, check: () => Promise<T | null | undefined | false>, ms = 30_000): Promise<T> => {
  for (const end = Date.now() + ms; ; await delay(50)) {
    const value = await check()
    if (value) return value
    if (Date.now() > end) throw new Error(`waited ${ms} ms for ${what}`)
  }
}
const finished = (id: string): Promise<FitRow> => until(`the end of ${id}`, async () => getFit(db, id).then((fit) => isFinished(fit.status) && fit))
/** pid of the fit's process, and of its worker */
const startsOf = (id: string): { pid: number; worker: number }[] => {
  const file = `${context.config.home}/starts`
  const lines = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').trim().split('\n') : []
  return lines.filter((line) => line.startsWith(id)).map((line) => ({ pid: Number(line.split(' ')[1]), worker: Number(line.split(' ')[2]) }))
}
const started = (id: string, times = 1): Promise<{ pid: number; worker: number }> => until(`start ${times} of ${id}`, async () => startsOf(id)[times - 1])

t.test('a fit goes from the queue through a process of its own to its scores', async (t) => {
  const { id } = await submit('ok')
  const fit = await finished(id)
  t.match(fit, { status: 'succeeded', error: null, startedAt: /^\d{4}/, finishedAt: /^\d{4}/ })
  t.same(JSON.parse((await context.blobs.read(fit.scores!)).toString()), { of: id, backbone: 'ok' })
  t.ok(fit.peakRssBytes! > 1e7)
  const events = (await fitEventsAfter(db, id)).map((event) => `${event.type} ${String(event.data.status)}`)
  t.same(events, ['status queued', 'status running', 'status succeeded', 'end succeeded'])
  t.equal(startsOf(id)[0].worker, jobs.workerPid())
})

t.test('an enqueued fit whose transaction is rolled back is never run', async (t) => {
  const ids: string[] = []
  await t.rejects(
    db.transaction(async (tx) => {
      const fit = await insertFit(tx, { id: newId(), owner: 'local', request: { ...someRequest('d'), backbone: 'ok' } })
      await context.queue.enqueueFit(tx, fit)
      ids.push(fit.job)
      throw new Error('no')
    }),
    /no/,
  )
  t.equal(await context.queue.jobState(ids[0]), 'none')
})

t.test('what is wrong with a fit is told to the user; a defect is not', async (t) => {
  const [few, defect] = [await submit('too-few'), await submit('defect')]
  t.match(await finished(few.id), { status: 'failed', error: { code: 'too-few-stimuli', detail: /fewer stimuli/, errors: [{ pointer: '/split/folds' }] } })
  const failed = await finished(defect.id)
  t.match(failed, { status: 'failed', error: { code: 'internal' } })
  t.notMatch(failed.error!.detail, /matrix/)
  t.equal(startsOf(defect.id).length, 1, 'a defect does not go away by trying again')
})

t.test('a fit process that is killed once is tried again, one that always dies is parked with its last words', async (t) => {
  const [once, always] = [await submit('crash-once'), await submit('crash')]
  t.match(await finished(once.id), { status: 'succeeded' })
  t.equal(startsOf(once.id).length, 2)
  t.match(await finished(always.id), { status: 'failed', error: { code: 'internal', detail: /died 3 times \(SIGKILL\).*memory.*bad_alloc/ } })
  t.equal(startsOf(always.id).length, 3)
})

for (const backbone of ['long', 'deaf'])
  t.test(`a running fit (${backbone}) is cancelled within five seconds, and its process is gone`, async (t) => {
    const { id } = await submit(backbone)
    const { pid } = await started(id)
    const asked = Date.now()
    await db.transaction((tx) => requestCancel(tx, id))
    t.match(await finished(id), { status: 'cancelled' })
    t.ok(Date.now() - asked < 5_000, `${Date.now() - asked} ms`)
    t.equal(processStart(pid), null)
  })

t.test('a fit whose worker is killed -9 is given out again, and its old process dies', async (t) => {
  const { id } = await submit('long-once')
  const { pid, worker } = await started(id)
  process.kill(worker, 'SIGKILL')
  const again = await started(id, 2)
  t.not(again.worker, worker)
  t.match(await finished(id), { status: 'succeeded' })
  await until('the end of the old process', async () => processStart(pid) === null, 5_000)
})

t.test('a fit goes on while the database is killed -9 and comes back', async (t) => {
  const { id } = await submit('long')
  const { pid } = await started(id)
  const before = context.home.postgres!.pid()!
  process.kill(before, 'SIGKILL')
  await until('the new server', async () => ![null, before].includes(context.home.postgres!.pid()), 10_000)
  t.equal((await getFit(db, id)).status, 'running')
  await delay(5_000) // longer than two looks of the recovery
  t.same(startsOf(id).length, 1, 'its worker has marked it again, so it is not given out a second time')
  t.not(processStart(pid), null)
  await db.transaction((tx) => requestCancel(tx, id))
  t.match(await finished(id), { status: 'cancelled' })
})

t.test('a stopping worker gives its fit back at once', async (t) => {
  const { id } = await submit('long-once')
  const { pid } = await started(id)
  await jobs.stop()
  t.equal(processStart(pid), null)
  t.match(await getFit(db, id), { status: 'queued' })
  const next = startJobs(context, { fitModule: new URL('./doubles/fit.ts', import.meta.url).href })
  t.teardown(() => next.stop())
  t.match(await finished(id), { status: 'succeeded' })
})

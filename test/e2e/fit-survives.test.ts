import t from 'tap'
import type { Test } from 'tap'
import { readEvents } from './event-stream.ts'
import type { StreamEvent } from './event-stream.ts'
import { awaitProcess, haveEnded, killTree, processTree } from './process-tree.ts'
import { awaitFit, get, postJson, readAnswer, startService } from './service.ts'
import { addDataset, eventsUntil, forgetGrams, leftovers, resultsOf, smallFit, startFit, statuses } from './small-fit.ts'

let service = await startService(t)
const restart = async (): Promise<void> => {
  service = await startService(t, {}, service.home)
}
const dataset = await addDataset(service)
const undisturbed = await startFit(service, dataset, 0)
await awaitFit(service, undisturbed)
const expected = await resultsOf(service, undisturbed)

const startAnew = (): Promise<string> => {
  forgetGrams(service)
  return startFit(service, dataset, 0)
}
const isMonotone = (events: readonly StreamEvent[]): boolean => events.every(({ id }, i) => i === 0 || id > events[i - 1].id)
const endsWell = async (t: Test, fit: string): Promise<void> => {
  t.match(await awaitFit(service, fit), { status: 'succeeded', error: null })
  const results = await resultsOf(service, fit)
  t.same(results.scores, expected.scores, 'the same scores to the last digit')
  t.same(results.provenance, expected.provenance)
  t.ok(results.files.every((bytes, i) => bytes.equals(expected.files[i])), 'the same readout and predictions')
  t.same(leftovers(service), [])
}

t.test('kill -9 of its process', async (t) => {
  const fit = await startAnew()
  const all = readEvents(service, fit)
  await eventsUntil(service, fit, /activations/)
  const fitProcess = await awaitProcess(service.pid, 'fit-process')
  await eventsUntil(service, fit, /mappings/)
  process.kill(fitProcess, 'SIGKILL')
  await endsWell(t, fit)
  const events = await all
  t.same(statuses(events), ['queued', 'running', 'queued', 'running', 'succeeded'])
  t.ok(isMonotone(events))
  t.match(events.at(-1), { event: 'end', data: { status: 'succeeded', encoder: String } })
})

t.test('kill -9 of the worker', async (t) => {
  const fit = await startAnew()
  await eventsUntil(service, fit, /activations/)
  const [worker, fitProcess] = [await awaitProcess(service.pid, 'worker-process'), await awaitProcess(service.pid, 'fit-process')]
  process.kill(worker, 'SIGKILL')
  t.ok(await haveEnded([fitProcess], 3_000), 'the fit process goes with it')
  t.not(await awaitProcess(service.pid, 'worker-process', worker), worker, 'another worker takes its place')
  await endsWell(t, fit)
})

t.test('kill -9 of everything, and a start on the same folder', async (t) => {
  const key = { 'idempotency-key': 'across the restart' }
  const fit = await startAnew()
  const seen = await eventsUntil(service, fit, /mappings/)
  const asked = await readAnswer(await postJson(service, '/fit', smallFit(dataset, 9), key))
  const waiting = asked.body.id as string
  const tree = processTree(service.pid).map(({ pid }) => pid)
  t.ok(tree.length > 4, 'server, worker, fit and database')
  killTree(service.pid)
  t.ok(await haveEnded(tree, 3_000))

  await restart()
  t.equal((await get(service, '/readyz')).status, 200)
  const again = await readAnswer(await postJson(service, '/fit', smallFit(dataset, 9), key))
  t.strictSame([again.status, again.body.id], [202, waiting], 'a request that was acknowledged is not done twice')
  const rest = await readEvents(service, fit, { after: seen.at(-1)!.id })
  t.ok(isMonotone([...seen, ...rest]), 'ids go on growing')
  t.same(statuses(rest), ['queued', 'running', 'succeeded'])
  t.equal(rest.at(-1)?.event, 'end')
  await endsWell(t, fit)
  t.equal((await get(service, `/fits/${fit}/events`, { 'last-event-id': String(rest.at(-1)!.id) })).status, 204, 'nothing comes after the end')
  t.equal((await awaitFit(service, waiting)).status, 'succeeded', 'what waited is worked on, too')
})

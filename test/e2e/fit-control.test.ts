import t from 'tap'
import { readEvents } from './event-stream.ts'
import { awaitProcess, haveEnded, processTree } from './process-tree.ts'
import { awaitFit, get, postJson, readAnswer, startService } from './service.ts'
import type { Service } from './service.ts'
import { addDataset, eventsUntil, leftovers, smallFit, startFit, statuses } from './small-fit.ts'

const service = await startService(t)
const dataset = await addDataset(service)

t.test('cancelled fits end within five seconds and leave nothing', async (t) => {
  // Long enough that no machine is done with it before the cancellation arrives.
  const long = { controls: [{ name: 'random', seeds: Array.from({ length: 60 }, (_, i) => 100 + i) }] }
  const [running, queued] = [await startFit(service, dataset, 1, long), await startFit(service, dataset, 2)]
  const all = readEvents(service, running)
  await eventsUntil(service, running, /activations/)
  const fitProcess = await awaitProcess(service.pid, 'fit-process')
  const cancel = async (fit: string) => readAnswer(await fetch(`${service.url}/fits/${fit}/cancel`, { method: 'POST' }))
  t.match(await cancel(queued), { status: 202, body: { status: 'cancelled' } }, 'one that waits at once')
  const askedAt = performance.now()
  t.equal((await cancel(running)).status, 202)
  t.match(await awaitFit(service, running), { status: 'cancelled', encoder: null, error: null })
  t.ok(performance.now() - askedAt < 5_000)
  t.ok(await haveEnded([fitProcess], 1_000))
  t.same(statuses(await all), ['queued', 'running', 'cancelled'])
  t.match(await cancel(running), { status: 409, body: { code: 'already-finished', detail: /cancelled/ } })
  t.match(await get(service, `/fits/${running}/scores`), { status: 409, body: { code: 'fit-not-finished', detail: /cancelled/ } })
  t.same((await get(service, `/encoders?fit=${running}`)).body.items, [])
  t.same(leftovers(service), [])
})

t.test('many requests with one Idempotency-Key are one fit', async (t) => {
  const key = { 'idempotency-key': 'one' }
  const before = ((await get(service, '/fits?limit=1000')).body.items as unknown[]).length
  const answers = await Promise.all(Array.from({ length: 20 }, async () => readAnswer(await postJson(service, '/fit', smallFit(dataset, 3), key))))
  t.same([...new Set(answers.map(({ status }) => status))], [202])
  t.equal(new Set(answers.map(({ headers }) => headers.get('location'))).size, 1)
  t.equal(((await get(service, '/fits?limit=1000')).body.items as unknown[]).length, before + 1)
  t.match(await readAnswer(await postJson(service, '/fit', smallFit(dataset, 4), key)), { status: 422, body: { code: 'idempotency-key-reused', detail: /"one"/ } })
  await fetch(`${service.url}/fits/${answers[0].body.id as string}/cancel`, { method: 'POST' })
})

t.test('a server that stops or is killed takes all of its processes along, and the fit goes on at the next start', async (t) => {
  const fit = await startFit(service, dataset, 5)
  const treeUnderWay = async ({ url, pid }: Service): Promise<number[]> => {
    await eventsUntil({ url }, fit, /activations/)
    return processTree(pid).map((running) => running.pid)
  }
  const tree = await treeUnderWay(service)
  const { status, err } = await service.stop('SIGTERM')
  t.equal(status, 0, err)
  t.ok(await haveEnded(tree, 1_000))
  t.same(leftovers(service), [])

  const second = await startService(t, {}, service.home)
  const secondTree = await treeUnderWay(second)
  process.kill(second.pid, 'SIGKILL')
  t.ok(await haveEnded(secondTree, 5_000))

  const third = await startService(t, {}, service.home)
  t.equal((await awaitFit(third, fit)).status, 'succeeded')
  t.equal((await third.stop('SIGTERM')).status, 0)
  t.same(leftovers(service), [])
})

import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { startService } from '../helper/service.ts'
import type { TestService } from '../helper/service.ts'

const start = async (t: Parameters<typeof startService>[0], keepAliveMs?: number): Promise<TestService> => {
  const service = await startService(t, { keepAliveMs })
  await fetch(`${service.url}/fit`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"dataset":"d0","backbone":"pixels"}' })
  return service
}
const listen = (url: string, headers: Record<string, string> = {}, signal?: AbortSignal): Promise<Response> => fetch(`${url}/fits/f1/events`, { headers, signal })
const end = ({ fits, emit }: TestService): void => {
  fits.set('f1', { ...fits.get('f1')!, status: 'succeeded' })
  emit('f1', 'end', { status: 'succeeded' })
}
const until = async (what: () => boolean): Promise<void> => {
  for (let i = 0; i < 500 && !what(); i++) await delay(5)
}

t.test('events come as they happen, with growing ids, and the stream ends with the fit', async (t) => {
  const service = await start(t)
  const response = await listen(service.url)
  t.match(response.headers.get('content-type'), 'text/event-stream')
  t.equal(response.headers.get('cache-control'), 'no-store, no-transform')
  t.equal(response.headers.get('x-accel-buffering'), 'no')
  t.equal(response.headers.get('content-encoding'), null)
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  t.equal((await reader.read()).value, 'id: 1\nevent: status\ndata: {"status":"queued"}\n\n', 'what was before')
  await until(() => service.watchers() === 1)
  service.emit('f1', 'progress', { stage: 'extract', done: 1, total: 2 })
  t.equal((await reader.read()).value, 'id: 2\nevent: progress\ndata: {"stage":"extract","done":1,"total":2}\n\n', 'at once')
  end(service)
  t.match((await reader.read()).value, 'id: 3\nevent: end\n')
  t.ok((await reader.read()).done)
  t.equal(service.watchers(), 0)
})

t.test('who comes back gets what it missed, once; after the end there is nothing more', async (t) => {
  const service = await start(t)
  service.emit('f1', 'progress', { done: 1 })
  service.emit('f1', 'progress', { done: 2 })
  end(service)
  const missed = await listen(service.url, { 'last-event-id': '2' })
  const text = await missed.text()
  t.strictSame(text.match(/^id: \d+$/gm), ['id: 3', 'id: 4'])
  t.equal((await listen(service.url, { 'last-event-id': '4' })).status, 204)
  t.equal((await listen(service.url)).status, 204)
  t.equal((await listen(service.url, { 'last-event-id': 'x' })).status, 422)
  t.equal((await fetch(`${service.url}/fits/none/events`)).status, 404)
})

t.test('a quiet stream says from time to time that it is there, and finds events that nobody announced', async (t) => {
  const service = await start(t, 30)
  const { subscribe } = service.services.fitWatch
  service.services.fitWatch.subscribe = (fit) => subscribe(fit, () => {})
  const response = await listen(service.url)
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  await reader.read()
  t.equal((await reader.read()).value, ': still here\n\n')
  end(service)
  let text = ''
  for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value
  t.match(text, 'event: end')
})

t.test('a reader that goes away is forgotten', async (t) => {
  const service = await start(t)
  const leaving = new AbortController()
  await listen(service.url, {}, leaving.signal)
  await until(() => service.watchers() === 1)
  leaving.abort()
  await until(() => service.watchers() === 0)
  t.equal(service.watchers(), 0)
})

t.test('a server that stops does not wait for open streams', async (t) => {
  const service = await start(t)
  const response = await listen(service.url)
  await until(() => service.watchers() === 1)
  await service.app.close()
  t.match(await response.text(), 'event: status')
  t.equal(service.watchers(), 0)
})

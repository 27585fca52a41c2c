import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { Compile } from 'typebox/compile'
import type { TSchema } from 'typebox'
import { parse } from 'yaml'
import { backbone, dataset, encoder, scores } from '../helper/service-fixtures.ts'
import { startService } from '../helper/service.ts'
import { sharedSchemas } from '../../src/server/schemas/shared.ts'

/** A schema with the names in it replaced by what they name. */
const resolved = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(resolved)
  if (value === null || typeof value !== 'object') return value
  const { $ref, $id: _, ...rest } = value as { $ref?: string; $id?: string }
  if ($ref !== undefined) return resolved(schemaOf($ref.slice(0, -1)))
  return Object.fromEntries(Object.entries(rest).map(([key, inner]) => [key, resolved(inner)]))
}
const schemaOf = (name: string): TSchema => sharedSchemas.find((schema) => (schema as { $id?: string }).$id === name)!

t.test('health: live always, ready while the database answers', async (t) => {
  const { url, services } = await startService(t)
  t.strictSame(await (await fetch(`${url}/livez`)).json(), { status: 'live' })
  t.strictSame(await (await fetch(`${url}/readyz`)).json(), { status: 'ready' })
  t.strictSame(await (await fetch(`${url}/v2/health/ready`)).json(), { ready: true })
  services.context.db.query = async () => {
    throw new Error('gone')
  }
  t.equal((await fetch(`${url}/readyz`)).status, 503)
  t.equal((await fetch(`${url}/v2/health/ready`)).status, 503)
  t.equal((await fetch(`${url}/livez`)).status, 200)
})

t.test('metrics count requests by route, not by URL', async (t) => {
  const { url } = await startService(t)
  await fetch(`${url}/datasets/d0`)
  await fetch(`${url}/datasets/none`)
  await fetch(`${url}/no/such/path`)
  const text = await (await fetch(`${url}/metrics`)).text()
  t.match(text, 'ventral_http_request_duration_seconds_count{method="GET",route="/datasets/:id",status="200"} 1')
  t.match(text, 'ventral_http_request_duration_seconds_count{method="GET",route="/datasets/:id",status="404"} 1')
  t.notMatch(text, 'such')
  t.match(text, 'process_resident_memory_bytes')
})

t.test('the documentation is served, is the committed one, and names every route', async (t) => {
  const { url } = await startService(t)
  const text = await (await fetch(`${url}/openapi.yaml`)).text()
  const committed = fs.readFileSync(path.resolve(import.meta.dirname, '../../openapi.yaml'), 'utf8')
  t.equal(text, committed.slice(committed.indexOf('\n') + 1), '`npm run openapi` writes it')
  const document = parse(text) as { paths: Record<string, Record<string, unknown>>; info: { description: string } }
  const routes = Object.entries(document.paths).flatMap(([route, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${route}`))
  for (const route of ['POST /datasets', 'DELETE /datasets/{id}', 'PUT /backbones/{id}/weights', 'POST /fit', 'GET /fits/{id}/events', 'POST /predict', 'POST /v2/models/{encoder}/infer', 'GET /readyz'])
    t.ok(routes.includes(route), route)
  t.notMatch(text, /"#\/components\/schemas\/schema-\d/, 'every shared schema has its name')
  const docs = await (await fetch(`${url}/docs`)).text()
  t.match(docs, 'id="problem-idempotency-key-reused"')
  t.match(docs, '/backbones/{id}/weights')
  t.notMatch(docs, /<script|<style|style=/)
})

t.test('what the domain calls its results is what the documentation says', async (t) => {
  for (const [name, value] of Object.entries({ DatasetSummary: dataset, BackboneDescription: backbone, EncoderView: encoder, FitScores: scores })) {
    const validator = Compile(resolved(schemaOf(name)) as TSchema)
    t.strictSame(validator.Errors(value), [], name)
    t.notOk(validator.Check({ ...value, surplus: 1 }), `${name} is closed`)
  }
})

t.test('the page is served with its assets, and an unknown path stays a problem', async (t) => {
  const folder = t.testdir({ 'index.html': '<!doctype html><title>Ventral</title>', assets: { 'index-1.js': 'export {}' } })
  const { url } = await startService(t, { dashboardFolder: folder, apiKey: 'k' })
  const page = await fetch(url)
  t.strictSame([page.status, page.headers.get('content-type')], [200, 'text/html; charset=utf-8'])
  t.match(page.headers.get('content-security-policy'), "script-src 'self'")
  t.match((await fetch(`${url}/assets/index-1.js`)).headers.get('content-type'), 'javascript')
  for (const trick of ['/assets/..%2f..%2fpackage.json', '/%2e%2e/package.json', '/.env']) t.equal((await fetch(`${url}${trick}`)).status, 401, trick)
  const { url: bare } = await startService(t)
  t.match(await (await fetch(bare)).json(), { code: 'not-found', detail: /npm run/ })
})

t.test('a closing app finishes what is under way and waits for nothing else', async (t) => {
  const { url, app, services } = await startService(t, { graceMs: 60_000 })
  const { port } = new URL(url)
  // As browsers do: a connection without a request, and one in the middle of its headers.
  const [silent, slow] = [net.connect(Number(port), '127.0.0.1'), net.connect(Number(port), '127.0.0.1')]
  slow.write('GET /livez HTTP/1.1\r\nhost:')
  const ended = Promise.all([silent, slow].map((socket) => new Promise((resolve) => socket.on('error', () => {}).on('close', resolve))))
  let asked = (): void => {}
  const underWay = new Promise<void>((resolve) => (asked = resolve))
  services.pipeline.describeBackbones = async () => {
    asked()
    await delay(300)
    return []
  }
  const answer = fetch(`${url}/backbones`)
  await underWay
  const began = performance.now()
  await app.close()
  t.ok(performance.now() - began < 10_000)
  t.equal((await answer).status, 200)
  await ended
})

t.test('a closing app does not wait for ever', async (t) => {
  const { url, app, services } = await startService(t, { graceMs: 100 })
  services.pipeline.describeBackbones = () => new Promise(() => {})
  const answer = t.rejects(fetch(`${url}/backbones`))
  await delay(50)
  await app.close()
  await answer
})

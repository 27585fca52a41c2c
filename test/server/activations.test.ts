import fs from 'node:fs'
import path from 'node:path'
import { randomBytes } from 'node:crypto'
import t from 'tap'
import { startService } from '../helper/service.ts'

t.test('the body reaches the pipeline as a file, with what the query says of it', async (t) => {
  const { url, home } = await startService(t)
  const answer = await fetch(`${url}/activations/${encodeURIComponent('clip ä')}?dataset=d0&rows=dataset-order&source=x.npy`, { method: 'PUT', body: randomBytes(3_000_001) })
  t.strictSame([answer.status, answer.headers.get('location')], [201, '/activations/clip%20%C3%A4'])
  t.match(await answer.json(), { name: 'clip ä', dataset: 'd0', source: 'x.npy', layers: [{ name: 'dataset-order', bytes: 3_000_001 }] })
  t.strictSame(fs.readdirSync(path.join(home, 'tmp')), [])
})

t.test('a dataset must be named, a body be there, and nothing else be asked', async (t) => {
  const { url } = await startService(t)
  const put = async (query: string, body?: string): Promise<unknown> => (await fetch(`${url}/activations/clip${query}`, { method: 'PUT', body })).json()
  t.match(await put('', 'x'), { code: 'missing-field', errors: [{ pointer: '/dataset' }] })
  t.match(await put('?dataset=d0'), { code: 'missing-field', detail: /body is empty/ })
  t.match(await put('?dataset=d0&order=natural', 'x'), { code: 'unknown-field' })
})

t.test('versions are listed and deleted', async (t) => {
  const { url } = await startService(t)
  t.match(await (await fetch(`${url}/activations`)).json(), { items: [{ name: 'clip', layers: [{ units: 512 }] }], next: null })
  t.match(await (await fetch(`${url}/activations?dataset=d1`)).json(), { items: [], next: null })
  t.match(await (await fetch(`${url}/activations/clip`)).json(), { items: [{ sha256: /^1+$/ }], next: null })
  t.equal((await fetch(`${url}/activations/dino`)).status, 404)
  t.equal((await fetch(`${url}/activations/clip`, { method: 'DELETE' })).status, 409)
  t.equal((await fetch(`${url}/activations/dino?dataset=d0`, { method: 'DELETE' })).status, 204)
})

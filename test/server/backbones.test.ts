import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { startService } from '../helper/service.ts'

t.test('backbones are listed, and shown with their layers', async (t) => {
  const { url } = await startService(t)
  const list = (await (await fetch(`${url}/backbones`)).json()) as { items: object[] }
  t.match(list, { items: [{ id: 'squeezenet1_1', weights: [{ licence: null }] }], next: null })
  t.notOk('layers' in list.items[0])
  t.match(await (await fetch(`${url}/backbones/squeezenet1_1`)).json(), { layers: [{ name: 'features.2', shape: [64, 55, 55] }] })
  t.equal((await fetch(`${url}/backbones/vgg99`)).status, 422)
})

t.test('weights are the body, whatever its content type says and however large it is', async (t) => {
  const { url, weights, home } = await startService(t)
  const bytes = randomBytes(5_000_000)
  for (const type of ['application/octet-stream', 'application/x-www-form-urlencoded', 'application/json', 'application/zip', undefined]) {
    const answer = await fetch(`${url}/backbones/squeezenet1_1/weights?source=lab`, { method: 'PUT', body: bytes, headers: type === undefined ? {} : { 'content-type': type } })
    t.equal(answer.status, 201, type ?? 'none')
    t.equal(answer.headers.get('location'), '/backbones/squeezenet1_1')
    t.match(weights.at(-1), { backbone: 'squeezenet1_1', bytes: bytes.length, source: 'lab' })
  }
  t.strictSame(fs.readdirSync(path.join(home, 'tmp')), [])
  const empty = await fetch(`${url}/backbones/squeezenet1_1/weights`, { method: 'PUT' })
  t.equal(empty.status, 422)
  t.match(await empty.json(), { code: 'missing-field' })
})

t.test('a model of one’s own is put under its name, with what is said of it, and deleted', async (t) => {
  const { url, weights } = await startService(t)
  const put = (id: string, query: string) => fetch(`${url}/backbones/${encodeURIComponent(id)}/weights?${query}`, { method: 'PUT', body: 'onnx' })
  const answer = await put('onnx:net', 'source=/home/me/net.onnx&inputSize=96&mean=[0,0,0]&std=1,1,1')
  t.equal(answer.status, 201)
  t.equal(answer.headers.get('location'), '/backbones/onnx%3Anet')
  t.match(weights.at(-1), { backbone: 'onnx:net', bytes: 4, source: '/home/me/net.onnx', settings: { inputSize: 96, mean: [0, 0, 0], std: [1, 1, 1] } })
  for (const [id, query, expected] of [
    ['onnx:net', 'mean=1,2', { code: 'invalid-value', errors: [{ pointer: '/mean' }] }],
    ['onnx:net', 'inputSize=large', { code: 'invalid-value', errors: [{ pointer: '/inputSize' }] }],
    ['onnx:net', 'size=96', { code: 'unknown-field' }],
    ['squeezenet1_1', 'inputSize=96', { code: 'invalid-value', errors: [{ pointer: '/inputSize', expected: 'left out' }] }],
  ] as const) {
    const refused = await put(id, query)
    t.equal(refused.status, 422, query)
    t.match(await refused.json(), expected, query)
  }
  t.equal(weights.length, 1)
  t.equal((await fetch(`${url}/backbones/onnx%3Anet`, { method: 'DELETE' })).status, 204)
  const used = await fetch(`${url}/backbones/onnx%3Aused`, { method: 'DELETE' })
  t.equal(used.status, 409)
  t.match(await used.json(), { code: 'backbone-in-use' })
})

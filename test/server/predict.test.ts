import t from 'tap'
import { startService } from '../helper/service.ts'

const predict = (url: string, body: BodyInit | undefined, type?: string): Promise<Response> =>
  fetch(`${url}/predict?encoder=e1`, { method: 'POST', body, headers: type === undefined ? {} : { 'content-type': type } })

t.test('images come as the body, as a form or as base64 in JSON', async (t) => {
  const { url, images } = await startService(t)
  const [a, b] = [Buffer.from('first image'), Buffer.from('second')]
  for (const type of ['image/png', 'image/jpeg', 'image/bmp', 'application/octet-stream']) {
    const one = await predict(url, a, type)
    t.strictSame(await one.json(), { encoder: 'e1', layer: 'features.7', unit: 'count', sites: [{ id: 'a', region: 'V4' }, { id: 'b', region: 'V4' }], rates: [[11, -1]] }, type)
  }
  const form = new FormData()
  form.append('image', new File([a], 'a.png'))
  form.append('image', new File([b], 'b.png'))
  t.match(await (await predict(url, form)).json(), { rates: [[11, -1], [6, -1]] })
  t.match(await (await predict(url, JSON.stringify({ images: [a.toString('base64'), b.toString('base64')] }), 'application/json')).json(), { rates: [[11, -1], [6, -1]] })
  t.ok(images.every((list) => Buffer.compare(list[0], a) === 0), 'byte for byte')
})

t.test('requests without a usable image are refused', async (t) => {
  const { url, images } = await startService(t)
  const text = new FormData()
  text.set('image', 'text')
  const cases: [Promise<Response>, number, string][] = [
    [predict(url, undefined), 422, 'missing-field'],
    [predict(url, '', 'image/png'), 422, 'missing-field'],
    [predict(url, new FormData()), 422, 'missing-field'],
    [predict(url, text), 422, 'unknown-field'],
    [predict(url, '{"images":[]}', 'application/json'), 422, 'invalid-value'],
    [predict(url, '{"image":"x"}', 'application/json'), 422, 'unknown-field'],
    [predict(url, '{"images":["x"],"layer":1}', 'application/json'), 422, 'unknown-field'],
    [predict(url, '{"images":[7]}', 'application/json'), 422, 'invalid-value'],
    [predict(url, 'x', 'text/plain'), 415, 'unsupported-format'],
    [fetch(`${url}/predict`, { method: 'POST', body: 'x', headers: { 'content-type': 'image/png' } }), 422, 'missing-field'],
  ]
  for (const [answer, status, code] of cases) {
    const response = await answer
    t.match({ status: response.status, ...((await response.json()) as object) }, { status, code })
  }
  t.equal(images.length, 0)
})

t.test('images over 64 MB are refused in every form', async (t) => {
  const { url, images } = await startService(t)
  const large = Buffer.alloc(64 * 2 ** 20 + 1)
  const half = new Blob([large.subarray(0, 40 * 2 ** 20)])
  const [single, several] = [new FormData(), new FormData()]
  single.append('image', new Blob([large]), 'a')
  for (const name of ['a', 'b']) several.append('image', half, name)
  for (const [body, type] of [[large, 'image/png'], [single], [several], ['"'.padEnd(large.length, 'x'), 'application/json']] as [BodyInit, string?][]) {
    const response = await predict(url, body, type)
    t.match({ status: response.status, ...((await response.json()) as object) }, { status: 413, code: 'body-too-large' })
  }
  t.equal((await predict(url, large.subarray(0, 2 ** 20 + 1), 'image/png')).status, 200, 'over the limit of JSON elsewhere')
  t.equal(images.length, 1)
})

const infer = async (url: string, input: object, more: object = {}): Promise<{ status: number; body: unknown }> => {
  const request = { inputs: [{ name: 'pixels', datatype: 'FP32', ...input }], ...more }
  const response = await fetch(`${url}/v2/models/e1/infer`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(request) })
  return { status: response.status, body: await response.json() }
}

t.test('the Open Inference Protocol describes and runs an encoder', async (t) => {
  const { url, tensors } = await startService(t)
  t.match(await (await fetch(`${url}/v2/models/e1`)).json(), { name: 'e1', inputs: [{ name: 'pixels', shape: [-1, 3, 2, 2] }], outputs: [{ name: 'rates', shape: [-1, 2] }] })
  const flat = Array.from({ length: 24 }, (_, i) => i / 24)
  const { body } = await infer(url, { shape: [2, 3, 2, 2], data: flat }, { id: '7' })
  t.strictSame(body, { model_name: 'e1', id: '7', outputs: [{ name: 'rates', datatype: 'FP32', shape: [2, 2], data: [0, -1, 1, -1] }] })
  t.strictSame(tensors[0], { pixels: Float32Array.from(flat), images: 2 })
  const nested = [[[[0, 1], [2, 3]], [[4, 5], [6, 7]], [[8, 9], [10, 11]]]]
  t.equal((await infer(url, { shape: [1, 3, 2, 2], data: nested })).status, 200)
  t.strictSame(tensors[1].pixels, Float32Array.from({ length: 12 }, (_, i) => i))
})

t.test('tensors that do not fit are refused', async (t) => {
  const { url, tensors } = await startService(t)
  const twelve = Array.from({ length: 12 }, () => 0)
  t.match(await infer(url, { shape: [1, 3, 4, 4], data: twelve }), { status: 422, body: { code: 'invalid-value', errors: [{ pointer: '/inputs/0/shape', expected: '[n,3,2,2]' }] } })
  t.match(await infer(url, { shape: [2, 3, 2, 2], data: twelve }), { status: 422, body: { code: 'count-mismatch' } })
  t.match(await infer(url, { shape: [1, 3, 2, 2], data: [...twelve.slice(1), '1'] }), { status: 422, body: { code: 'invalid-value' } })
  t.match(await infer(url, { shape: [1, 3, 2, 2], data: [...twelve.slice(1), null] }), { status: 422, body: { code: 'invalid-value' } })
  t.match(await infer(url, { shape: [1, 3, 2, 2], data: twelve, datatype: 'FP64' }), { status: 422, body: { code: 'invalid-value' } })
  t.equal(tensors.length, 0)
  t.equal((await fetch(`${url}/v2/models/none`)).status, 404)
})

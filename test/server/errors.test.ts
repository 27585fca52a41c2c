import t from 'tap'
import { startService } from '../helper/service.ts'

const postFit = (url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${url}/fit`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: typeof body === 'string' ? body : JSON.stringify(body) })

t.test('every failure is problem+json with a code of the table', async (t) => {
  const { url } = await startService(t)
  const form = new FormData()
  form.set('name', 'throws')
  const cases: [string, Promise<Response>, number, string][] = [
    ['an unknown path', fetch(`${url}/nothing`), 404, 'not-found'],
    ['an unknown method', fetch(`${url}/datasets/d0`, { method: 'PATCH' }), 404, 'not-found'],
    ['a broken JSON body', postFit(url, '{"dataset":'), 400, 'invalid-json'],
    ['an empty JSON body', postFit(url, ''), 400, 'invalid-json'],
    ['a JSON body over 1 MB', postFit(url, { dataset: 'x'.repeat(2 ** 20) }), 413, 'body-too-large'],
    ['a content type that the route does not take', postFit(url, '<a/>', { 'content-type': 'application/xml' }), 415, 'unsupported-format'],
    ['no body', fetch(`${url}/fit`, { method: 'POST' }), 422, 'invalid-value'],
    ['an error of the pipeline', fetch(`${url}/datasets/none`), 404, 'not-found'],
    ['a query field that is not known', fetch(`${url}/datasets?limits=1`), 422, 'unknown-field'],
    ['a limit that is no number', fetch(`${url}/datasets?limit=5.5`), 422, 'invalid-value'],
    ['a limit out of range', fetch(`${url}/datasets?limit=1001`), 422, 'invalid-value'],
    ['a multipart body that is none', fetch(`${url}/datasets`, { method: 'POST', headers: { 'content-type': 'multipart/form-data; boundary=x' }, body: 'nonsense' }), 400, 'invalid-request'],
    ['a form where JSON is due', fetch(`${url}/fit`, { method: 'POST', body: form }), 415, 'unsupported-format'],
  ]
  for (const [what, answer, status, code] of cases) {
    const response = await answer
    const problem = (await response.json()) as Record<string, unknown>
    t.equal(response.status, status, `${what}: status`)
    t.match(problem, { status, code, title: String, detail: /\w/, type: `/docs#problem-${code}`, errors: Array }, what)
    t.match(response.headers.get('content-type'), 'application/problem+json', `${what}: type`)
  }
})

t.test('a defect is hidden: its text stays in the log', async (t) => {
  const { url } = await startService(t)
  const form = new FormData()
  form.set('name', 'throws')
  const response = await fetch(`${url}/datasets`, { method: 'POST', body: form })
  const text = await response.text()
  t.equal(response.status, 500)
  t.match(text, '"code":"internal"')
  t.notMatch(text, 'secret')
})

t.test('a full disk and a full queue have their own codes', async (t) => {
  const { url } = await startService(t)
  const form = new FormData()
  form.set('name', 'full')
  const full = await fetch(`${url}/datasets`, { method: 'POST', body: form })
  t.equal(full.status, 507)
  t.match(await full.json(), { code: 'disk-full' })
  const busy = await fetch(`${url}/predict?encoder=busy`, { method: 'POST', headers: { 'content-type': 'image/png' }, body: 'x' })
  t.equal(busy.status, 503)
  t.match(busy.headers.get('retry-after'), /^\d+$/)
})

t.test('fields that are wrong are named, with what was expected and found', async (t) => {
  const { url } = await startService(t)
  const base = { dataset: 'd0', backbone: 'pixels' }
  const cases: [object, string, object][] = [
    [{ ...base, layer: 'x' }, 'unknown-field', { pointer: '/layer', found: 'layer' }],
    [{ ...base, pooling: { grid: 4, side: 2 } }, 'unknown-field', { pointer: '/pooling/side' }],
    [{ ...base, mapping: { method: 'ridge', inner: { folds: 5, fold: 1 } } }, 'unknown-field', { pointer: '/mapping/inner/fold' }],
    [{ ...base, controls: [{ name: 'random', seed: 1 }] }, 'unknown-field', { pointer: '/controls/0/seed' }],
    [{ backbone: 'pixels' }, 'missing-field', { pointer: '/dataset' }],
    [{ ...base, seed: '0' }, 'invalid-value', { pointer: '/seed', found: '"0"' }],
    [{ ...base, pooling: 'some' }, 'invalid-value', { pointer: '/pooling', expected: /"none" or a value of type object/ }],
    [{ ...base, pooling: { grid: 'x' } }, 'invalid-value', { pointer: '/pooling/grid', expected: 'a value of type integer' }],
    [{ ...base, mapping: { method: 'ridge', alphas: [1, '10'] } }, 'invalid-value', { pointer: '/mapping/alphas/1' }],
    [{ ...base, selectBy: 'r' }, 'invalid-value', { pointer: '/selectBy', expected: /"correlation.median"/ }],
  ]
  for (const [body, code, detail] of cases) {
    const response = await postFit(url, body)
    t.equal(response.status, 422)
    t.match(await response.json(), { code, errors: [detail] }, JSON.stringify(body))
  }
})

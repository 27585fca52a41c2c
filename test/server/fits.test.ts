import t from 'tap'
import { registration, scores } from '../helper/service-fixtures.ts'
import { startService } from '../helper/service.ts'
import type { TestService } from '../helper/service.ts'

const postFit = (url: string, body: unknown, headers: Record<string, string> = {}, query = ''): Promise<Response> =>
  fetch(`${url}/fit${query}`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) })

const started = async (t: Parameters<typeof startService>[0]): Promise<TestService> => {
  const service = await startService(t)
  await postFit(service.url, { dataset: 'd0', backbone: 'pixels' })
  return service
}
const finish = ({ fits }: TestService): void => void fits.set('f1', { ...fits.get('f1')!, status: 'succeeded', encoder: 'e1' })

t.test('a fit is accepted with its place, and its request reaches the pipeline as it was sent', async (t) => {
  const { url, fits } = await startService(t)
  const body = {
    dataset: 'd0',
    backbone: 'squeezenet1_1',
    weights: 'pretrained',
    layers: ['features.2'],
    pooling: { grid: 4 },
    mapping: { method: 'ridge', alphas: [0.1, 10], alphaUnits: 'absolute', alphaPer: 'site', inner: { folds: 5 } },
    split: { scheme: 'kfold', folds: 10, shuffle: true, seed: 1 },
    sites: { region: 'IT', minCeiling: 0.3 },
    controls: ['pixels', { name: 'random', seeds: [1, 2] }],
    alsoBy: [],
    groupDuplicates: false,
    encoder: 'none',
    selectBy: 'explainedVariance.mean',
  }
  const answer = await postFit(url, body)
  t.equal(answer.status, 202)
  t.equal(answer.headers.get('location'), '/fits/f1')
  t.match(await answer.json(), { id: 'f1', status: 'queued', encoder: null })
  t.strictSame(fits.get('f1')?.request, body)
  t.match(await (await fetch(`${url}/fits?status=queued&limit=10`)).json(), { items: [{ id: 'f1' }] })
  t.match(await (await fetch(`${url}/fits?status=done`)).json(), { code: 'invalid-value' })
})

t.test('many posts with one key make one fit; another body with that key is refused', async (t) => {
  const { url, fits } = await startService(t)
  const body = { dataset: 'd0', backbone: 'pixels', seed: 3 }
  const answers = await Promise.all(Array.from({ length: 20 }, () => postFit(url, body, { 'idempotency-key': 'one' })))
  t.strictSame([...new Set(answers.map((answer) => answer.headers.get('location')))], ['/fits/f1'])
  t.equal((await postFit(url, { seed: 3, backbone: 'pixels', dataset: 'd0' }, { 'idempotency-key': 'one' })).status, 202, 'the order of keys is no difference')
  t.match(await (await postFit(url, { ...body, seed: 4 }, { 'idempotency-key': 'one' })).json(), { code: 'idempotency-key-reused' })
  t.match(await (await postFit(url, body, { 'idempotency-key': 'x'.repeat(256) })).json(), { code: 'invalid-value' })
  t.equal(fits.size, 1)
})

t.test('a dry run estimates and starts nothing', async (t) => {
  const { url, fits } = await startService(t)
  const answer = await postFit(url, { dataset: 'd0', backbone: 'pixels' }, { 'idempotency-key': 'dry' }, '?dryRun=true')
  t.equal(answer.status, 200)
  t.match(await answer.json(), { memoryBytes: Number, diskBytes: Number, seconds: Number })
  t.equal(fits.size, 0)
  t.match(await (await postFit(url, { dataset: 'd0', backbone: 'pixels' }, {}, '?dryRun=perhaps')).json(), { code: 'invalid-value' })
})

t.test('a fit is registered by the query, which is part of the request', async (t) => {
  const { url } = await startService(t)
  const body = { dataset: 'd0', backbone: 'pixels' }
  t.match(await (await postFit(url, body)).json(), { registration: null })
  const answer = await postFit(url, body, { 'idempotency-key': 'k' }, '?register=true')
  t.match(await answer.json(), { id: 'f2', registration })
  t.match(await (await postFit(url, body, { 'idempotency-key': 'k' }, '?register=true')).json(), { id: 'f2' })
  t.match(await (await postFit(url, body, { 'idempotency-key': 'k' })).json(), { code: 'idempotency-key-reused' })
  t.match(await (await postFit(url, body, {}, '?registration=r1')).json(), { registration: { id: 'r1' } })
  t.match(await (await fetch(`${url}/registrations/r1`)).json(), { ...registration, canonical: '{}', fits: [] })
  t.equal((await fetch(`${url}/registrations/r2`)).status, 404)
  for (const query of ['?dryRun=true&register=true', '?dryRun=true&registration=r1'])
    t.match(await (await postFit(url, body, {}, query)).json(), { status: 422, code: 'invalid-value', errors: [{ pointer: '/dryRun' }] })
})

t.test('scores come after the end, as JSON or as CSV', async (t) => {
  const service = await started(t)
  const { url } = service
  const early = await fetch(`${url}/fits/f1/scores`)
  t.equal(early.status, 409)
  t.match(await early.json(), { code: 'fit-not-finished' })
  finish(service)
  t.strictSame(await (await fetch(`${url}/fits/f1/scores`)).json(), scores, 'nulls stay nulls')
  const csv = await fetch(`${url}/fits/f1/scores`, { headers: { accept: 'text/csv' } })
  t.match(csv.headers.get('content-type'), 'text/csv')
  const lines = (await csv.text()).split('\n')
  t.equal(lines[0], 'condition,layer,site,region,r,ev,ceiling,alpha,r2,rOverSqrtCeiling,r2OverCeiling,evOverCeiling,feve,feveMean,deviance,devianceExplained,bitsPerSpike')
  t.ok(lines.includes('kfold,features.7,a,V4,0.5,0.25,0.8,10,0.24,0.56,0.31,0.31,0.3,,1.5,0.2,'))
  t.ok(lines.includes(`kfold,features.2,"'=b,""x""",V4,,,,,,,,,,,,,`), 'quoted, no formula, empty for null')
  t.strictSame([...new Set(lines.slice(1, -1).map((line) => line.split(',')[0]))], ['kfold', 'generalisation:object_name', 'control:pixels', 'control:random:1'])
  t.equal(lines.length, 1 + 2 * 5 + 1)
})

t.test('predictions, model and readout are downloads', async (t) => {
  const { url } = await started(t)
  const npz = await fetch(`${url}/fits/f1/predictions?layer=${encodeURIComponent('features.2 ä')}`)
  t.equal(await npz.text(), 'npz of features.2 ä')
  t.match(npz.headers.get('content-disposition'), "attachment; filename*=UTF-8''f1%20features.2%20%C3%A4.npz")
  t.match(await (await fetch(`${url}/fits/f1/predictions`)).json(), { code: 'missing-field', errors: [{ pointer: '/layer' }] })
  const model = await fetch(`${url}/encoders/e1/model.onnx`)
  t.strictSame([model.status, model.headers.get('content-length'), await model.text()], [200, '4', 'onnx'])
  const lost = await fetch(`${url}/encoders/e1/readout.npz`)
  t.equal(lost.status, 500)
  t.notMatch(await lost.text(), /no such file/, 'paths of this machine are not told')
})

t.test('the methods section comes in the format that is asked for', async (t) => {
  const service = await started(t)
  const get = (accept: string | null, query = '', id = 'f1'): Promise<Response> => fetch(`${service.url}/fits/${id}/methods${query}`, { headers: accept === null ? {} : { accept } })
  t.match(await (await get(null)).json(), { status: 409, code: 'fit-not-finished' })
  t.match(await (await get(null, '', 'f9')).json(), { status: 404, code: 'not-found' })
  finish(service)
  const cases: [string | null, string, string][] = [
    [null, '', 'markdown'],
    ['*/*', '', 'markdown'],
    ['text/html, application/xhtml+xml, */*;q=0.8', '', 'markdown'],
    ['text/markdown', '', 'markdown'],
    ['application/x-latex', '', 'latex'],
    ['text/x-latex;q=0.5, text/markdown;q=0.4', '', 'latex'],
    ['text/markdown;q=0.1, application/x-bibtex', '', 'bibtex'],
    ['text/markdown;q=0, TEXT/X-BIBTEX', '', 'bibtex'],
    ['application/*', '', 'latex'],
    ['text/markdown', '?format=bibtex', 'bibtex'],
    ['application/json', '', 'markdown'],
  ]
  const starts = { markdown: '# Methods', latex: '\\section', bibtex: '@misc' }
  for (const [accept, query, format] of cases) {
    const answer = await get(accept, query)
    t.equal(answer.headers.get('content-type'), `${format === 'markdown' ? 'text/markdown' : `application/x-${format}`}; charset=utf-8`, `${accept} ${query}`)
    t.match(await answer.text(), starts[format as keyof typeof starts])
    t.match(answer.headers.get('vary'), 'accept')
  }
  t.match(await (await get(null, '?format=pdf')).json(), { code: 'invalid-value', errors: [{ pointer: '/format' }] })
})

t.test('a bundle comes after the end, with its length', async (t) => {
  const service = await started(t)
  const get = (id: string): Promise<Response> => fetch(`${service.url}/fits/${id}/bundle.zip`)
  t.match(await (await get('f1')).json(), { status: 409, code: 'fit-not-finished' })
  t.match(await (await get('f9')).json(), { status: 404, code: 'not-found' })
  finish(service)
  const answer = await get('f1')
  t.match(Object.fromEntries(answer.headers), { 'content-type': 'application/zip', 'content-length': '12', 'content-disposition': "attachment; filename*=UTF-8''f1.zip" })
  t.equal(await answer.text(), 'bundle of f1')
})

t.test('a fit can be cancelled once', async (t) => {
  const { url } = await started(t)
  const cancel = (): Promise<Response> => fetch(`${url}/fits/f1/cancel`, { method: 'POST' })
  const first = await cancel()
  t.equal(first.status, 202)
  t.match(await first.json(), { status: 'cancelled' })
  t.match(await (await cancel()).json(), { code: 'already-finished' })
  t.equal((await fetch(`${url}/fits/f9/cancel`, { method: 'POST' })).status, 404)
})

t.test('encoders are made, listed and shown', async (t) => {
  const { url } = await started(t)
  const made = await fetch(`${url}/encoders`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ fit: 'f1', layer: 'features.2' }) })
  t.equal(made.status, 201)
  t.equal(made.headers.get('location'), '/encoders/e1')
  t.match(await made.json(), { fit: 'f1', layer: 'features.2' })
  t.match(await (await fetch(`${url}/encoders?fit=f1`)).json(), { items: [{ id: 'e1' }], next: null })
  t.equal((await fetch(`${url}/encoders/none`)).status, 404)
})

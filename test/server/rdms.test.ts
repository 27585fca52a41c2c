import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { RdmView } from '../../src/domain/rdm.ts'
import { decodeNpy, decodeNpyText } from '../../src/numerics/npy.ts'
import { decodeNpz } from '../../src/numerics/npz.ts'
import { collectOrphans } from '../../src/storage/blob-references.ts'
import { sameNumbers } from '../encoding/reference.ts'
import { addRdmDataset, rdmReference, stimulusIds, trials } from '../helper/rdm-dataset.ts'
import { get, post, startRdmService } from '../helper/rdm-service.ts'

interface Values {
  labels: string[]
  values: (number | null)[][]
}
const triangle = ({ values }: Values): (number | null)[] => values.flatMap((row, i) => row.slice(i + 1))

t.test('RDMs over HTTP', async (t) => {
  const service = await startRdmService(t)
  const { url, context } = service
  const flat = trials().map((x, k) => (Math.floor(k / 36) === 3 ? 7 : x)) // all sites answer s03 alike
  const dataset = (await addRdmDataset(t, context)).id
  const responses = { kind: 'responses', dataset }
  const pixels = { kind: 'activations', dataset, backbone: 'pixels', layer: 'pixels' }
  const make = async (body: object): Promise<RdmView> => (await post<RdmView>(service, '/rdms', body)).body
  const valuesOf = async (id: string, query = ''): Promise<Values> => (await get<Values>(service, `/rdms/${id}/values${query}`)).body

  await t.test('made, shown, and its values as JSON', async (t) => {
    const { status, body: rdm } = await post<RdmView>(service, '/rdms', { of: responses })
    t.equal(status, 201)
    t.match(rdm, { kind: 'responses', n: 12, by: 'stimulus', distance: 'pearson', labels: stimulusIds, undefinedPairs: 0, animals: ['a', 'b', 'c'], warnings: [], name: 'IT responses of made up' })
    t.match(rdm.provenance, { dataset: { id: dataset }, unit: 'other', distance: 'pearson, sites z-scored' })
    t.strictSame((await get(service, `/rdms/${rdm.id}`)).body, rdm)
    const { labels, values } = await valuesOf(rdm.id)
    t.strictSame(labels, stimulusIds)
    t.ok(values.every((row, i) => row.length === 12 && row[i] === 0 && row.every((x, j) => x === values[j][i])), 'symmetric with zeros on the diagonal')
    sameNumbers(t, triangle({ labels, values }), rdmReference.responses.pearson, 1e-10, 'pearson')
    const ranked = await valuesOf(rdm.id, '?percentiles=true')
    sameNumbers(t, triangle(ranked), rdmReference.responses.percentiles, 1e-10, 'percentiles')
    t.ok(ranked.values.every((row, i) => row[i] === null), 'the diagonal has no rank')
  })

  await t.test('as CSV and npz', async (t) => {
    const { id } = await make({ of: responses, by: 'object_name' })
    const fetched = async (query: string, accept = '*/*'): Promise<Response> => fetch(`${url}/rdms/${id}/values${query}`, { headers: { accept } })
    const csv = await (await fetched('', 'text/csv')).text()
    t.equal(await (await fetched('?format=csv')).text(), csv)
    const [header, ...rows] = csv.trimEnd().split('\n')
    t.equal(header, 'object_name,o0,o1,o2,o3')
    t.strictSame(rows.map((row) => row.split(',')[0]), ['o0', 'o1', 'o2', 'o3'])
    sameNumbers(t, rows.flatMap((row, i) => row.split(',').slice(i + 2).map(Number)), rdmReference.responses.by_object, 1e-10, 'csv')
    t.match((await (await fetched('?format=csv&percentiles=true')).text()).split('\n')[1], /^o0,,/)
    const npz = await fetched('', 'application/zip')
    t.equal(npz.headers.get('content-type'), 'application/zip')
    const files = await decodeNpz(new Uint8Array(await npz.arrayBuffer()), 'download')
    t.strictSame([...files.keys()].sort(), ['animal_id', 'animal_rdm', 'label', 'percentile', 'rdm'])
    t.strictSame(decodeNpyText(files.get('label')!, 'label').values, ['o0', 'o1', 'o2', 'o3'])
    t.strictSame(decodeNpy(files.get('rdm')!, 'rdm').shape, [4, 4])
  })

  await t.test('what is undefined is null or empty, never NaN', async (t) => {
    const { id, undefinedPairs } = await make({ of: { kind: 'responses', dataset: (await addRdmDataset(t, context, { name: 'flat', responses: flat })).id, zscore: false } })
    t.equal(undefinedPairs, 11)
    const { values } = await valuesOf(id)
    t.ok(values.every((row, i) => row.every((x, j) => (x === null) === (i !== j && (i === 3 || j === 3)))))
    t.match((await (await fetch(`${url}/rdms/${id}/values?format=csv`)).text()).split('\n')[4], /^s03,,,,0,,/)
  })

  await t.test('refusals are problems', async (t) => {
    t.match(await post(service, '/rdms', { of: { ...responses, layer: 'pixels' } }), { status: 422, body: { code: 'unknown-field', errors: [{ pointer: '/of/layer' }] } })
    t.match(await post(service, '/rdms', { of: responses, colour: 1 }), { status: 422, body: { code: 'unknown-field' } })
    t.match(await post(service, '/rdms', { of: { ...pixels, layer: 'conv1' } }), { status: 422, body: { code: 'unknown-layer' } }, 'from the thread, too')
    t.match(await get(service, '/rdms/none'), { status: 404, body: { code: 'not-found' } })
    t.match(await get(service, '/rdms/none/values'), { status: 404, body: { code: 'not-found' } })
  })

  await t.test('lists, deletes, and keeps its blobs and nothing else', async (t) => {
    const { id } = await make({ of: { ...pixels, pooling: { grid: 4 } }, name: 'last' })
    const list = (await get<{ items: RdmView[]; next: string | null }>(service, '/rdms?limit=2')).body
    t.match(list, { items: [{ id, name: 'last' }, {}], next: String })
    t.notOk('labels' in list.items[0])
    t.strictSame((await get<{ items: RdmView[] }>(service, `/rdms?dataset=${dataset}&kind=activations`)).body.items.map((item) => item.id), [id])
    t.same(await collectOrphans(context.db, context.blobs, -1), [], 'every blob has its row')
    t.equal((await fetch(`${url}/rdms/${id}`, { method: 'DELETE' })).status, 204)
    t.equal((await fetch(`${url}/rdms/${id}`, { method: 'DELETE' })).status, 404)
    t.same(await collectOrphans(context.db, context.blobs, -1), [])
    t.same(fs.readdirSync(context.home.folders.tmp), [])
  })

  await t.test('a client that goes away leaves nothing', async (t) => {
    const rows = async (): Promise<number> => (await get<{ items: [] }>(service, '/rdms?limit=1000')).body.items.length
    const before = await rows()
    const gone = new AbortController()
    const asked = fetch(`${url}/rdms`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ of: pixels }), signal: gone.signal })
    setTimeout(() => gone.abort(), 300)
    await t.rejects(asked, { name: 'AbortError' })
    // One at a time: what is asked now is answered when the thread has ended.
    t.equal((await post(service, '/rdms', { of: responses })).status, 201)
    t.equal(await rows(), before + 1)
    t.same(fs.readdirSync(context.home.folders.tmp), [])
    t.same(fs.readdirSync(path.join(context.home.folders.grams, 'held')).filter((name) => name.startsWith('request-')), [])
    t.same(await collectOrphans(context.db, context.blobs, -1), [])
  })
})

import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { DatasetSummary } from '../../src/domain/dataset.ts'
import { encodeNpy, readNpyFile } from '../../src/numerics/npy.ts'
import { deleteDataset, importDataset } from '../../src/pipeline/datasets.ts'
import { activationsVersions, deleteActivations, listActivations, putActivations } from '../../src/pipeline/stored-activations.ts'
import type { ActivationsUpload } from '../../src/pipeline/stored-activations.ts'
import { collectOrphans } from '../../src/storage/blob-references.ts'
import { uniforms } from '../helper/generator.ts'
import { openTestContext, temporaryFolder } from '../helper/home.ts'
import { zipBytes } from '../datasets/fixtures.ts'
import { noisePng, stimulusName, writeUpload } from './fixtures.ts'

const context = await openTestContext(t)
const n = 6
const folder = temporaryFolder(t)
const files = await writeUpload(folder, { images: Array.from({ length: n }, (_, i) => noisePng(`stored ${i}`)), responses: uniforms('rates', n * 2), shape: [n, 2] })
const { body } = await importDataset(context, { files, fields: { unit: 'other', region: 'IT' }, owner: 'local', idempotency: null })
const dataset = (body as DatasetSummary).id
const ids = Array.from({ length: n }, (_, i) => stimulusName(i).replace('.png', ''))
const X = uniforms('stored', n * 4)

const blobs = async (): Promise<string[]> => (await Array.fromAsync(context.blobs.list())).map(({ sha256 }) => sha256).sort()
const npz = (arrays: Record<string, Uint8Array>): Promise<Buffer> => zipBytes(Object.entries(arrays).map(([name, bytes]) => [`${name}.npy`, bytes] as const))
const ofRows = (order: readonly number[], values: ArrayLike<number>): Promise<Buffer> => {
  const width = values.length / n
  return npz({ activations: encodeNpy(Float64Array.from({ length: n * width }, (_, at) => values[order[Math.floor(at / width)] * width + (at % width)]), [n, width]), stimulus_id: encodeNpy(order.map((i) => ids[i]), [n]) })
}
const put = async (bytes: Uint8Array, change: Partial<ActivationsUpload> = {}) => {
  const work = fs.mkdtempSync(path.join(folder, 'put-'))
  const file = path.join(work, 'activations')
  fs.writeFileSync(file, bytes)
  try {
    return await putActivations(context, { name: 'clip', dataset, rows: null, file: { path: file, sha256: createHash('sha256').update(bytes).digest('hex') }, source: 'clip.npz', ...change })
  } finally {
    fs.rmSync(work, { recursive: true })
  }
}

t.test('activations are kept in the order of the dataset; the same ones are no new version', async (t) => {
  const first = await put(await ofRows([0, 1, 2, 3, 4, 5], X))
  t.match(first, { name: 'clip', dataset, source: 'clip.npz', layers: [{ name: 'activations', shape: [4], units: 4, type: 'f8' }] })
  t.strictSame((await readNpyFile(context.blobs.path(first.layers[0].sha256))).data, X)
  const [, before] = [first, await blobs()]
  const mixed = await put(await ofRows([5, 3, 1, 0, 2, 4], X))
  t.equal(mixed.sha256, first.sha256, 'rows that lie in another order are the same activations')
  t.not(mixed.uploadSha256, first.uploadSha256)
  t.same(await blobs(), before)
  const other = await put(await ofRows([0, 1, 2, 3, 4, 5], X.with(0, 0.25)))
  t.not(other.sha256, first.sha256)
  t.same((await activationsVersions(context, 'clip')).map(({ sha256 }) => sha256), [other.sha256, first.sha256])
  t.equal((await listActivations(context, { dataset })).items.length, 2)
  t.same(await collectOrphans(context.db, context.blobs, -1), [], 'the sweep of orphans spares them')
})

t.test('what is refused leaves nothing', async (t) => {
  const before = await blobs()
  const good = await ofRows([0, 1, 2, 3, 4, 5], X)
  await t.rejects(put(good, { dataset: 'nobody' }), { code: 'not-found' })
  await t.rejects(put(good, { name: '../x' }), { code: 'invalid-value', message: /name of activations/ })
  await t.rejects(put(await ofRows([0, 1, 2, 3, 4, 5], X.with(9, Infinity))), { code: 'non-finite-activations' })
  const second = npz({ a: encodeNpy(X, [n, 4]), b: encodeNpy(X.with(3, NaN), [n, 4]), stimulus_id: encodeNpy(ids, [n]) })
  await t.rejects(put(await second), { code: 'non-finite-activations' }, 'a good layer beside it neither')
  const broken = { ...context, db: { ...context.db, transaction: (() => Promise.reject(new Error('connection lost'))) as typeof context.db.transaction } }
  let calls = 0
  const flaky = { ...broken, db: { ...broken.db, transaction: ((work) => (++calls === 1 ? broken.db.transaction(work) : context.db.transaction(work))) as typeof context.db.transaction } }
  const work = path.join(folder, 'flaky')
  fs.mkdirSync(work)
  fs.writeFileSync(path.join(work, 'x'), await ofRows([0, 1, 2, 3, 4, 5], X.with(0, 7)))
  await t.rejects(putActivations(flaky, { name: 'clip', dataset, rows: null, file: { path: path.join(work, 'x'), sha256: '' }, source: 'x' }), { message: 'connection lost' })
  t.same(await blobs(), before)
})

t.test('activations are deleted with their blobs, and go with their dataset', async (t) => {
  const before = await blobs()
  const dino = await put(await ofRows([0, 1, 2, 3, 4, 5], X.with(0, 9)), { name: 'dino' })
  await deleteActivations(context, 'dino')
  t.same(await blobs(), before)
  await t.rejects(activationsVersions(context, 'dino'), { code: 'not-found' })
  await t.rejects(deleteActivations(context, 'dino'), { code: 'not-found' })
  t.notOk(before.includes(dino.layers[0].sha256))
  await deleteDataset(context, dataset)
  t.same(await blobs(), [])
  t.same((await listActivations(context, {})).items, [])
})

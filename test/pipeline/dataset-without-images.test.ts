import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { DatasetSummary } from '../../src/domain/dataset.ts'
import type { FitRequest } from '../../src/domain/fit.ts'
import { decodeNpy, decodeNpyText, encodeNpy } from '../../src/numerics/npy.ts'
import { decodeNpz } from '../../src/numerics/npz.ts'
import { datasetSummary, deleteDataset, importDataset, stimulusBytes } from '../../src/pipeline/datasets.ts'
import { resolveRequest } from '../../src/pipeline/fits.ts'
import { putActivations } from '../../src/pipeline/stored-activations.ts'
import type { Sampled } from '../encoding/reference.ts'
import { sameSampled } from '../encoding/reference.ts'
import { ridgeData } from '../encoding/ridge-data.ts'
import type { RidgeData } from '../encoding/ridge-data.ts'
import { openTestContext, temporaryFolder } from '../helper/home.ts'
import { needs, sharedJson } from '../helper/shared.ts'
import { zipBytes } from '../datasets/fixtures.ts'
import { runRequest } from './run-fit.ts'

const context = await openTestContext(t)
const file = ['reference', 'encoding', 'ridge.json']

const add = async (files: Record<string, string | Uint8Array>, fields: Record<string, string> = {}): Promise<DatasetSummary> => {
  const folder = temporaryFolder(t)
  const paths = Object.fromEntries(Object.keys(files).map((name) => [name.split('.')[0], path.join(folder, name)]))
  for (const [name, content] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), content)
  return (await importDataset(context, { files: paths, fields: { unit: 'other', region: 'IT', ...fields }, owner: 'local', idempotency: null })).body as DatasetSummary
}
const put = async (dataset: string, name: string, arrays: Record<string, Uint8Array>) => {
  const bytes = await zipBytes(Object.entries(arrays).map(([key, npy]) => [`${key}.npy`, npy] as const))
  const file = path.join(temporaryFolder(t), 'activations')
  fs.writeFileSync(file, bytes)
  return putActivations(context, { name, dataset, rows: null, file: { path: file, sha256: createHash('sha256').update(bytes).digest('hex') }, source: 'x.npz' })
}

t.test('held-out predictions from activations alone are scikit-learn’s', needs(...file), async (t) => {
  const { problems } = sharedJson<{ problems: { data: RidgeData; Ridge: { alpha: number; pred: Sampled }[]; GridSearchCV: object }[] }>(...file)
  for (const { data, Ridge } of problems.filter(({ data }) => data.tag !== 'ridgeE')) {
    const { X, Y } = ridgeData(data)
    const ids = Array.from({ length: X.rows }, (_, i) => `s${i}`)
    const dataset = await add(
      { 'responses.npy': encodeNpy(Y.data, [Y.rows, Y.cols]), 'metadata.csv': ['stimulus_id,split', ...ids.map((id, i) => `${id},${i < data.n_train ? 'train' : 'test'}`), ''].join('\n') },
      { name: data.tag },
    )
    t.match(dataset, { stimuli: X.rows, images: false })
    // The rows of the file lie the other way round: only their ids say whose they are.
    const turned = Float64Array.from({ length: X.data.length }, (_, k) => X.data[(X.rows - 1 - Math.floor(k / X.cols)) * X.cols + (k % X.cols)])
    await put(dataset.id, 'sklearn', { activations: encodeNpy(turned, [X.rows, X.cols]), stimulus_id: encodeNpy(ids.toReversed(), [ids.length]) })
    for (const { alpha, pred } of Ridge) {
      const request: FitRequest = { dataset: dataset.id, backbone: 'activations:sklearn', split: { scheme: 'given', by: 'split' }, mapping: { method: 'ridge', alphas: [alpha], alphaUnits: 'absolute' } }
      const { predictions } = await runRequest(context, request)
      const npz = await decodeNpz(await context.blobs.read(predictions.activations), 'predictions')
      t.same(decodeNpyText(npz.get('stimulus_id')!, 'x').values, ids.slice(data.n_train))
      sameSampled(t, decodeNpy(npz.get('prediction')!, 'x').data, pred, 1e-9, `${data.tag}, alpha ${alpha}`)
    }
  }
})

t.test('what needs an image says that there is none', async (t) => {
  const n = 12
  const csv = ['stimulus_id,a,b', ...Array.from({ length: n }, (_, i) => `im${i},${(i * 7) % 5},${(i * 3) % 4}`), ''].join('\n')
  const before = (await Array.fromAsync(context.blobs.list())).length
  const dataset = await add({ 'responses.csv': csv })
  t.match(dataset, { images: false, stimuli: n, warnings: [/no images/] })
  t.match(await datasetSummary(context, dataset.id), { images: false })
  await t.rejects(stimulusBytes(context, dataset.id, 'im0'), { code: 'not-found', message: /came without images/ })
  await t.rejects(stimulusBytes(context, dataset.id, 'im99'), { code: 'not-found', message: /no stimulus/ })
  await put(dataset.id, 'x', { activations: encodeNpy(Float32Array.from({ length: n * 2 }, (_, i) => i % 7), [n, 2]), stimulus_id: encodeNpy(Array.from({ length: n }, (_, i) => `im${i}`), [n]) })
  const refused: [Partial<FitRequest>, string][] = [
    [{ backbone: 'squeezenet1_1' }, '/backbone'],
    [{ backbone: 'pixels' }, '/backbone'],
    [{ controls: ['pixels'] }, '/controls/0'],
    [{ alongside: [{ backbone: 'pixels' }] }, '/alongside/0/backbone'],
  ]
  for (const [change, pointer] of refused)
    await t.rejects(resolveRequest(context, { dataset: dataset.id, backbone: 'activations:x', ...change }), { code: 'invalid-value', message: /without images.*activations:NAME.*"stimuli"/, errors: [{ pointer }] }, pointer)
  const { scores } = await runRequest(context, { dataset: dataset.id, backbone: 'activations:x', split: { scheme: 'kfold', folds: 3 }, mapping: { method: 'ridge', alphas: [1], inner: { folds: 2 } } })
  t.match(scores.leakage.find(({ what }) => what === 'near and exact duplicates'), { rows: /not known/, severity: 'note' })
  await t.rejects(deleteDataset(context, dataset.id), { code: 'dataset-in-use' })
  const numbered = await add({ 'responses.npy': encodeNpy(Float64Array.from({ length: 8 }, (_, i) => i), [4, 2]) })
  t.match(numbered.warnings, [/named by their row, 0 to 3/, /no images/])
  const between = (await Array.fromAsync(context.blobs.list())).length
  await deleteDataset(context, numbered.id)
  t.equal((await Array.fromAsync(context.blobs.list())).length, between - 2, 'manifest and responses go')
  t.ok(between > before)
})

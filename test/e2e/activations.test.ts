import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { ActivationsVersion } from '../../src/domain/activations.ts'
import type { DatasetSummary } from '../../src/domain/dataset.ts'
import type { FitScores } from '../../src/domain/fit-scores.ts'
import { decodeNpy, decodeNpyText, encodeNpy } from '../../src/numerics/npy.ts'
import { decodeNpz } from '../../src/numerics/npz.ts'
import { ventral } from '../helper/cli.ts'
import { uniforms } from '../helper/generator.ts'
import { temporaryFolder } from '../helper/home.ts'
import { stimulusName, writeUpload } from '../pipeline/fixtures.ts'
import { badActivations } from './bad-input/activations.ts'
import { refuseAll } from './bad-input/bad-case.ts'
import { get, noiseImages, startService } from './service.ts'

// One service, as a user starts it; activations that this very program wrote stand for those of another tool.
const service = await startService(t)
const folder = temporaryFolder(t)
const [n, m] = [24, 2]
const ids = Array.from({ length: n }, (_, i) => path.parse(stimulusName(i)).name)

const run = async <T>(...args: string[]): Promise<T> => {
  const { status, out, err } = await ventral([...args, '--home', service.home, '--json'], { VENTRAL_THREADS: '1' })
  if (status !== 0) throw new Error(`${args.join(' ')}: ${out}${err}`)
  return JSON.parse(out) as T
}
interface Fit {
  id: string
  encoder: string | null
  request: { backbone: string; weights: string }
  scores: FitScores
}
const { stimuli, responses } = await writeUpload(folder, { images: noiseImages(n).map(([, bytes]) => bytes), responses: uniforms('rates', n * m), shape: [n, m] })
const request = path.join(folder, 'request.json')
fs.writeFileSync(request, JSON.stringify({ mapping: { method: 'ridge', alphas: [0.1, 10], inner: { folds: 2 } }, split: { scheme: 'kfold', folds: 3 }, encoder: 'none' }))
const numbersOf = ({ scores: { layers, bestLayer, ceiling } }: Fit) => ({ layers: layers.map(({ layer: _, ...numbers }) => numbers), nested: bestLayer!.nested.correlation, ceiling })

t.test('activations out, in again, and fitted: the same scores as of the backbone itself', async (t) => {
  const dataset = await run<DatasetSummary>('dataset', 'add', '--stimuli', stimuli, '--responses', responses, '--axes', 'stimulus,site', '--region', 'IT', '--unit', 'other', '--name', 'd')
  const of = ['--dataset', dataset.id, '--request', request, '--wait']
  const out = path.join(folder, 'out')
  await run('activations', stimuli, '--backbone', 'squeezenet1_1', '--weights', 'random', '--layers', 'features.5', '--grid', '3', '--out', out)
  const own = await run<Fit>('fit', ...of, '--backbone', 'squeezenet1_1', '--weights', 'random', '--layers', 'features.5', '--grid', '3')
  const file = path.join(folder, 'p.npz')
  const fit = await run<Fit>('fit', ...of, '--activations', out, '--activations-name', 'mine', '--predictions', file)
  t.match(fit, { encoder: null, request: { backbone: 'activations:mine', weights: /^sha256:[0-9a-f]{64}$/ } })
  t.same(numbersOf(fit), numbersOf(own))

  const predictions = await decodeNpz(fs.readFileSync(file), 'p.npz')
  t.same(decodeNpyText(predictions.get('stimulus_id')!, 'x').values.toSorted(), ids)
  t.same(decodeNpy(predictions.get('prediction')!, 'x').shape, [n, m])

  const [version] = await run<ActivationsVersion[]>('activations', 'list', '--dataset', dataset.id)
  t.match(version, { name: 'mine', source: 'out', layers: [{ name: 'features.5', shape: [128, 3, 3], type: 'f4' }] })
  t.equal(`sha256:${version.sha256}`, fit.request.weights)
  const npy = path.join(out, 'features.5.npy')
  const bare = await run<Fit>('fit', ...of, '--activations', npy, '--rows', 'dataset-order')
  t.equal(bare.request.backbone, 'activations:features.5')
  t.same(numbersOf(bare), numbersOf(own), 'a bare .npy in the order of the dataset')
  t.match(await ventral(['fit', ...of, '--activations', npy, '--home', service.home]), { status: 1, err: /rows=dataset-order/ })
  t.match(await ventral(['activations', 'rm', 'mine', '--home', service.home]), { status: 1, err: /Fits rest on/ })
  await run('activations', 'put', 'spare', out, '--dataset', dataset.id)
  t.equal((await run<ActivationsVersion[]>('activations', 'show', 'spare')).length, 1)
  await run('activations', 'rm', 'spare')
  t.equal((await get(service, '/activations/spare')).status, 404)

  await t.test('bad activations', (t) => refuseAll(t, service, badActivations(dataset.id, ids)))
})

t.test('a dataset without images, by activations alone', async (t) => {
  const metadata = path.join(folder, 'names.csv')
  fs.writeFileSync(metadata, ['stimulus_id,split', ...ids.map((id, i) => `${id},${i % 3 === 0 ? 'test' : 'train'}`), ''].join('\n'))
  const dataset = await run<DatasetSummary>('dataset', 'add', '--responses', responses, '--metadata', metadata, '--axes', 'stimulus,site', '--region', 'IT', '--unit', 'other', '--name', 'alone')
  t.match(dataset, { images: false, stimuli: n })
  t.match(await get(service, `/datasets/${dataset.id}/stimuli/${ids[0]}`), { status: 404, body: { detail: /without images/ } })
  const file = path.join(folder, 'elsewhere.npy')
  fs.writeFileSync(file, encodeNpy(uniforms('elsewhere', n * 5), [n, 5]))
  const given = path.join(folder, 'given.json')
  fs.writeFileSync(given, JSON.stringify({ mapping: { method: 'ridge', alphas: [1], inner: { folds: 2 } }, split: { scheme: 'given', by: 'split' } }))
  const fit = await run<Fit>('fit', '--dataset', dataset.id, '--activations', file, '--rows', 'dataset-order', '--request', given, '--wait')
  t.match(fit, { request: { backbone: 'activations:elsewhere' }, scores: { layers: [{ layer: 'activations', units: 5 }] } })
  t.match(await ventral(['fit', '--dataset', dataset.id, '--backbone', 'pixels', '--home', service.home]), { status: 1, err: /without images/ })
})

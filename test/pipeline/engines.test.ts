import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { FitRequest } from '../../src/domain/fit.ts'
import { encodeNpy, readNpyFile } from '../../src/numerics/npy.ts'
import { writeActivations } from '../../src/pipeline/activations.ts'
import { estimateFit } from '../../src/pipeline/estimate.ts'
import { reportEngines } from '../../src/pipeline/engine-report.ts'
import { withEngine } from '../../src/pipeline/engine.ts'
import { resolveRequest } from '../../src/pipeline/fits.ts'
import { createPredictor } from '../../src/pipeline/predict.ts'
import { putActivations } from '../../src/pipeline/stored-activations.ts'
import { gauss } from '../helper/generator.ts'
import { openTestContext, temporaryFolder } from '../helper/home.ts'
import { relativeError } from '../models/tfjs/small-net.ts'
import { noisePng } from './fixtures.ts'
import { addRecording, runRequest } from './run-fit.ts'

const context = await openTestContext(t)
const [n, m] = [16, 3]
const images = Array.from({ length: n }, (_, i) => noisePng(`engine ${i}`))
const { id: dataset } = await addRecording(context, temporaryFolder(t), { images, responses: gauss('rates', n * m), shape: [n, m] })
const network = { backbone: 'squeezenet1_1', weights: 'random', seed: 1, layers: ['features.2', 'features.5'], pooling: { grid: 2 } } as const
const request: FitRequest = { dataset, ...network, layers: [...network.layers], split: { scheme: 'kfold', folds: 4 }, mapping: { method: 'ridge', alphas: [0.1, 10], inner: { folds: 3 } }, controls: ['pixels'] }

t.test('activations of both engines agree', async (t) => {
  const folder = temporaryFolder(t)
  const input = path.join(folder, 'images')
  fs.mkdirSync(input)
  for (const i of [0, 1, 2, 3, 4]) fs.writeFileSync(path.join(input, `${i}.png`), images[i])
  const layers = [...network.layers, 'classifier']
  const write = (name: 'onnx' | 'tfjs') => writeActivations(withEngine(context, name), { ...network, layers, input, out: path.join(folder, name) })
  t.same((await write('tfjs')).files.map(({ shape }) => shape), (await write('onnx')).files.map(({ shape }) => shape))
  for (const layer of layers) {
    const [onnx, tfjs] = await Promise.all(['onnx', 'tfjs'].map(async (name) => (await readNpyFile(path.join(folder, name, `${layer}.npy`))).data))
    t.ok(relativeError(tfjs, onnx) < 1e-5, layer)
    t.notOk(tfjs.every((value, i) => value === onnx[i]), 'though not to the bit: it is another engine')
  }
})

t.test('a fit says which engine computed it, and takes nothing that the other one computed', async (t) => {
  const grams = () => fs.readdirSync(context.home.folders.grams).filter((name) => name.endsWith('.gram')).length
  const onnx = await runRequest(context, request)
  t.equal(grams(), 3)
  const tfjs = await runRequest(context, { ...request, engine: 'tfjs' })
  t.equal(grams(), 6, 'every Gram matrix once more, the pixels too')
  t.match(onnx.scores.provenance, { engine: { name: 'onnxruntime-node' } })
  t.match(tfjs.scores.provenance, { engine: { name: 'tfjs', version: '4.22.0', backend: /wasm|tensorflow/, device: /cpu|gpu/, products: { name: 'onnxruntime-node' } } })
  const scores = ({ layers }: typeof onnx.scores) => layers.flatMap(({ sites }) => sites.map(({ r }) => r ?? NaN))
  t.ok(relativeError(scores(tfjs.scores), scores(onnx.scores)) < 1e-4)

  const predictor = createPredictor(context)
  t.teardown(() => predictor.close())
  const [a, b] = [await predictor.predict(onnx.encoder!, images.slice(0, 6)), await predictor.predict(tfjs.encoder!, images.slice(0, 6))]
  t.ok(relativeError(b.rates.flat(), a.rates.flat()) < 1e-4, 'rates of new images')
  t.not(b.rates[0][0], a.rates[0][0])
})

t.test('several layers in one encoder', async (t) => {
  const joint: FitRequest = { ...request, controls: [], mapping: { method: 'banded', candidates: 2, inner: { folds: 3 } } }
  const [onnx, tfjs] = [await runRequest(context, joint), await runRequest(context, { ...joint, engine: 'tfjs' })]
  const predictor = createPredictor(context)
  t.teardown(() => predictor.close())
  const [a, b] = [await predictor.predict(onnx.encoder!, images.slice(0, 2)), await predictor.predict(tfjs.encoder!, images.slice(0, 2))]
  t.ok(relativeError(b.rates.flat(), a.rates.flat()) < 1e-4)
})

t.test('the engine of a request, else that of the settings', async (t) => {
  const engine = async (settings: 'onnx' | 'tfjs', asked?: 'onnx' | 'tfjs') => (await resolveRequest(withEngine(context, settings), { ...request, engine: asked })).engine
  t.same([await engine('onnx'), await engine('tfjs'), await engine('tfjs', 'onnx'), await engine('onnx', 'tfjs')], [undefined, 'tfjs', undefined, 'tfjs'])
  const [first, second] = [await estimateFit(context, request), await estimateFit(context, { ...request, engine: 'tfjs' })]
  t.ok(second.seconds > first.seconds && second.memoryBytes > first.memoryBytes, 'the second one is slower and takes more memory, which the dry run says')
})

t.test('activations from elsewhere need no engine', async (t) => {
  const bytes = encodeNpy(Float32Array.from(gauss('stored', n * 4)), [n, 4])
  const file = path.join(temporaryFolder(t), 'stored.npy')
  fs.writeFileSync(file, bytes)
  await putActivations(context, { name: 'stored', dataset, rows: 'dataset-order', file: { path: file, sha256: createHash('sha256').update(bytes).digest('hex') }, source: 'stored.npy' })
  const stored: FitRequest = { dataset, backbone: 'activations:stored', engine: 'tfjs' }
  await t.rejects(resolveRequest(context, stored), { code: 'invalid-value', message: /no network that an engine would compute/ })
  t.equal((await resolveRequest(context, { ...stored, controls: ['pixels'] })).engine, 'tfjs', 'a control is a network')
  t.equal((await resolveRequest(withEngine(context, 'tfjs'), { ...stored, engine: undefined })).engine, undefined)
})

t.test('every engine is told of, one of them in use', async (t) => {
  for (const chosen of ['onnx', 'tfjs'] as const) {
    const reports = await reportEngines(chosen)
    t.same(reports.filter(({ inUse }) => inUse).map(({ engine }) => engine), [chosen])
    t.ok(reports.every(({ inUse, reason }) => inUse === (reason === null)), 'and for every other why not')
    t.ok(reports.some((report) => report.package === '@tensorflow/tfjs-node-gpu'))
  }
})

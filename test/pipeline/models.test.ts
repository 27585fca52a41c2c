import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { FitRequest } from '../../src/domain/fit.ts'
import { readNpyFile } from '../../src/numerics/npy.ts'
import * as ort from '../../src/numerics/onnx/runtime.ts'
import { decodeModel } from '../../src/numerics/onnx/schema.ts'
import { createSession } from '../../src/numerics/onnx/session.ts'
import { writeActivations } from '../../src/pipeline/activations.ts'
import { describeBackbone, describeBackbones } from '../../src/pipeline/backbones.ts'
import { createEncoder, encoderModelFile, getEncoder } from '../../src/pipeline/encoders.ts'
import { estimateFit } from '../../src/pipeline/estimate.ts'
import { resolveRequest } from '../../src/pipeline/fits.ts'
import { jointWork } from '../../src/pipeline/joint-room.ts'
import { addModel, deleteBackbone } from '../../src/pipeline/models.ts'
import { createPredictor } from '../../src/pipeline/predict.ts'
import { createRdm } from '../../src/pipeline/rdms/rdms.ts'
import { openOffers } from '../../src/pipeline/stored-offer.ts'
import { gauss } from '../helper/generator.ts'
import { openTestContext, temporaryFolder } from '../helper/home.ts'
import { exported, modelBytes, smallGraph, writeModel } from '../models/given-onnx/models.ts'
import { acceptedFit, finishFit } from './finished-fit.ts'
import { noisePng, stimulusName } from './fixtures.ts'
import type { Refusal } from './fixtures.ts'
import { addRecording, runRequest } from './run-fit.ts'

const context = await openTestContext(t)
const [n, m] = [40, 3]
const images = Array.from({ length: n }, (_, i) => noisePng(`models ${i}`))
const folder = temporaryFolder(t)
const stimuli = path.join(folder, 'stimuli')
fs.mkdirSync(stimuli)
images.forEach((bytes, i) => fs.writeFileSync(path.join(stimuli, stimulusName(i)), bytes))

const add = (name: string, file = exported(`${name}.onnx`), settings = {}) => addModel(context, name, file, { source: path.basename(file), where: path.basename(file), settings })
const { sha256 } = await add('maps')
await add('tokens')

/** Sites that read one layer of the model. */
const LAYER = 'blocks.0.add.Add'
const out = path.join(folder, 'activations')
await writeActivations(context, { input: stimuli, backbone: 'onnx:maps', layers: [LAYER], out })
const { data } = await readNpyFile(path.join(out, `${LAYER}.npy`))
const units = data.length / n
const weights = gauss('readouts', m * units)
const responses = Float64Array.from({ length: n * m }, (_, k) => {
  const [i, j] = [Math.floor(k / m), k % m]
  let rate = 0
  for (let u = 0; u < units; u++) rate += weights[j * units + u] * data[i * units + u]
  return rate
})
const sd = Math.sqrt(responses.reduce((sum, x) => sum + x * x, 0) / responses.length)
const { id: dataset } = await addRecording(context, folder, { images, responses, shape: [n, m] })
const request = {
  dataset, backbone: 'onnx:maps', layers: ['maxpool.MaxPool', LAYER, 'leaky.LeakyRelu'], split: { scheme: 'kfold', folds: 4 }, alsoBy: [],
  mapping: { method: 'ridge', alphas: [1e-9, 1e-7], inner: { folds: 3 } },
} satisfies FitRequest // prettier-ignore

t.test('a model is listed and shown with its layers, input and normalisation', async (t) => {
  t.match((await describeBackbones(context)).slice(-2), [
    { id: 'onnx:maps', family: 'onnx', inputSize: 32, layerCount: 29, weights: [{ sha256, source: 'maps.onnx', licence: null, format: 'onnx', bytes: fs.statSync(exported('maps.onnx')).size }] },
    { id: 'onnx:tokens' },
  ])
  const one = await describeBackbone(context, 'onnx:maps')
  t.match(one, {
    preprocessing: { resize: { width: 32, height: 32 }, mean: [0.485, 0.456, 0.406] },
    model: { producer: /^pytorch/, opsets: { '': 13 }, origin: { inputSize: 'file', normalisation: 'assumed' } },
  })
  t.match(one.layers.find(({ name }) => name === LAYER), { shape: [8, 8, 8], units: 512, kind: 'add', operator: 'Add', default: false })
  t.same(one.layers.filter((layer) => layer.default).map(({ name }) => name), ['relu.Relu', 'blocks.1.act.Mul', 'leaky.LeakyRelu', 'ReduceMean'])
})

t.test('a name never changes its model', async (t) => {
  t.match(await add('maps'), { sha256 }, 'the same once more is no error')
  await t.rejects(add('maps', exported('tokens.onnx')), { code: 'invalid-value', message: /another file/ })
  await t.rejects(add('maps', exported('maps.onnx'), { mean: [0, 0, 0], std: [1, 1, 1] }), { code: 'invalid-value', message: /other settings/ })
  await t.rejects(add('../maps', exported('maps.onnx')), { code: 'invalid-value', message: /cannot be a name/ })
  await t.rejects(add('page', writeModel(folder, Buffer.from('<html>'), 'page.onnx')), { code: 'damaged-file', message: /page\.onnx/ })
  t.same((await describeBackbones(context)).filter(({ family }) => family === 'onnx').length, 2)
})

t.test('fitted, encoded and predicted as any backbone', async (t) => {
  const fit = await runRequest(context, { ...request, controls: ['pixels'] })
  t.equal(fit.scores.bestLayer!.layer, LAYER)
  t.match(fit.scores.provenance, { backbone: 'onnx:maps', weights: `sha256:${sha256}`, preprocessing: { mean: [0.485, 0.456, 0.406] } })
  const predictor = createPredictor(context)
  t.teardown(() => predictor.close())
  const { rates } = await predictor.predict(fit.encoder!, images.slice(0, 20))
  const worst = rates.reduce((max, row, i) => Math.max(max, ...row.map((rate, j) => Math.abs(rate - responses[i * m + j]) / sd)), 0)
  t.ok(worst < 0.01, `the readout is found: off by ${worst} of a standard deviation`)

  const { path: file } = await encoderModelFile(context, fit.encoder!)
  const model = decodeModel(fs.readFileSync(file))
  t.same(model.opsetImport!.map(({ domain, version }) => [domain, version]), [['', 13]], 'in the operator set of the file')
  t.notOk(model.graph!.node!.some(({ name }) => /leaky|wide|Gemm/.test(name!)), 'and no further than the layer')
  const session = await createSession(file, { threads: 1 })
  const answer = await session.run({ pixels: new ort.Tensor('float32', new Float32Array(3 * 32 * 32), [1, 3, 32, 32]) })
  t.same(answer.rates.dims, [1, m])
  await session.release()
})

t.test('models beside each other: one encoder where they agree, a reason where they do not', async (t) => {
  await add('unnormalised', exported('maps.onnx'), { mean: [0, 0, 0], std: [1, 1, 1] })
  const banded = { ...request, layers: [LAYER], mapping: { method: 'banded', candidates: 3, alphas: [1e-6, 1e-3], inner: { folds: 3 } } } satisfies FitRequest
  const joint = await runRequest(context, { ...banded, alongside: [{ backbone: 'onnx:unnormalised', layers: ['relu.Relu'] }] })
  t.match(joint.scores.provenance, { alongside: [{ name: 'onnx:unnormalised', weights: `sha256:${sha256}`, preprocessing: { mean: [0, 0, 0] } }] })
  const predictor = createPredictor(context)
  t.teardown(() => predictor.close())
  const { rates } = await predictor.predict(joint.encoder!, images.slice(0, 4))
  for (const [i, row] of rates.entries()) for (const [j, rate] of row.entries()) t.ok(Math.abs(rate - responses[i * m + j]) < 0.2 * sd)

  const clash = await runRequest(context, { ...banded, alongside: [{ backbone: 'onnx:tokens', layers: ['norm.Add_1'] }] })
  t.equal(clash.encoder, null)
  t.match(clash.scores.warnings.join(), /one ONNX operator set/)
})

t.test('what a model cannot be asked is refused before anything runs', async (t) => {
  const cases: [Partial<FitRequest>, Refusal & { errors?: object[] }][] = [
    [{ weights: 'random' }, { code: 'invalid-value', message: /not in its file.*before its training/, errors: [{ pointer: '/weights' }] }],
    [{ seed: 3 }, { code: 'invalid-value', errors: [{ pointer: '/seed' }] }],
    [{ controls: ['random'] }, { code: 'invalid-value', message: /no control of random weights/, errors: [{ pointer: '/controls/0' }] }],
    [{ weights: `sha256:${'0'.repeat(64)}` }, { code: 'weights-missing' }],
    [{ layers: ['blocks.0.add'] }, { code: 'unknown-layer', message: /blocks\.0\.add\.Add/ }],
    [{ backbone: 'onnx:map' }, { code: 'unknown-backbone', message: /nearest are onnx:maps.*backbones add/, errors: [{ pointer: '/backbone' }] }],
    [{ alongside: [{ backbone: 'onnx:tokens', weights: 'random', layers: ['head.Gemm'] }] }, { code: 'invalid-value', errors: [{ pointer: '/alongside/0/weights' }] }],
    [{ alongside: [{ backbone: 'onnx:none', layers: ['x'] }] }, { code: 'unknown-backbone', errors: [{ pointer: '/alongside/0/backbone' }] }],
  ]
  for (const [change, refusal] of cases) await t.rejects(resolveRequest(context, { ...request, ...change }), refusal)
  await t.rejects(writeActivations(context, { input: stimuli, backbone: 'onnx:maps', weights: 'random', layers: [LAYER], out }), { code: 'invalid-value', message: /not in its file/ })
  t.match(await estimateFit(context, request), { fits: true, seconds: Number })
  const auto = await resolveRequest(context, { ...request, mapping: { method: 'auto', windows: 4, alphas: [1] } })
  t.match(jointWork(auto, await openOffers(context, auto)), { bands: 3 + 2 * 16 }, 'windows of the layers with maps that can tell them apart')
})

t.test('RDMs of a model', async (t) => {
  t.match(await createRdm(context, { of: { kind: 'activations', dataset, backbone: 'onnx:tokens', layer: 'head.Gemm' } }, { owner: 'local' }), { n, kind: 'activations' })
  await t.rejects(createRdm(context, { of: { kind: 'activations', dataset, backbone: 'onnx:tokens', layer: 'head' } }, { owner: 'local' }), { code: 'unknown-layer' })
})

t.test('deleted when no fit rests on it, with its files', async (t) => {
  const spare = writeModel(folder, modelBytes(smallGraph()), 'spare.onnx')
  const { sha256: file } = await add('spare', spare)
  t.ok(await context.blobs.has(file))
  const queued = await acceptedFit(context, { ...request, backbone: 'onnx:spare', layers: 'default' })
  await t.rejects(deleteBackbone(context, 'onnx:spare'), { code: 'backbone-in-use' })
  await finishFit(context, queued.id)
  const encoder = await createEncoder(context, { fit: queued.id, layer: queued.request.layers[0] })
  t.match(await getEncoder(context, encoder.id), { backbone: 'onnx:spare', inputSize: 16 })
  await t.rejects(deleteBackbone(context, 'onnx:spare'), { code: 'backbone-in-use' })
  t.ok(await context.blobs.has(file))

  await deleteBackbone(context, 'onnx:unnormalised')
  t.ok(await context.blobs.has(sha256), 'onnx:maps has the same file')
  await deleteBackbone(context, 'onnx:tokens')
  await t.rejects(describeBackbone(context, 'onnx:tokens'), { code: 'unknown-backbone' })
  await t.rejects(deleteBackbone(context, 'onnx:tokens'), { code: 'unknown-backbone' })
  await t.rejects(deleteBackbone(context, 'resnet18'), { code: 'invalid-value', message: /built in/ })
  const again = await add('tokens', exported('maps.onnx'))
  t.equal(again.sha256, sha256, 'the name is free again')
})

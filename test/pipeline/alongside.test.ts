import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { FitRequest } from '../../src/domain/fit.ts'
import { readNpyFile } from '../../src/numerics/npy.ts'
import { writeActivations } from '../../src/pipeline/activations.ts'
import { checkRoom } from '../../src/pipeline/check-room.ts'
import { getEncoder } from '../../src/pipeline/encoders.ts'
import { estimateFit } from '../../src/pipeline/estimate.ts'
import { createPredictor } from '../../src/pipeline/predict.ts'
import { gauss } from '../helper/generator.ts'
import { openTestContext, temporaryFolder } from '../helper/home.ts'
import { noisePng, resolved, stimulusName } from './fixtures.ts'
import { addRecording, runRequest } from './run-fit.ts'

// Sites that read a layer of one random network, among the layers of another one: the fit has to find the network.
const [n, m] = [40, 3]
const images = Array.from({ length: n }, (_, i) => noisePng(`alongside ${i}`))

t.test('a fit of several networks', async (t) => {
  const context = await openTestContext(t)
  const folder = temporaryFolder(t)
  images.forEach((bytes, i) => fs.writeFileSync(path.join(folder, stimulusName(i)), bytes))
  const out = path.join(temporaryFolder(t), 'activations')
  await writeActivations(context, { input: folder, backbone: 'squeezenet1_1', weights: 'random', seed: 7, layers: ['features.5'], pooling: { grid: 2 }, out })
  const { data } = await readNpyFile(path.join(out, 'features.5.npy'))
  const units = data.length / n
  const weights = gauss('readouts', m * units)
  const responses = Float64Array.from({ length: n * m }, (_, k) => {
    const [i, j] = [Math.floor(k / m), k % m]
    let rate = 0
    for (let u = 0; u < units; u++) rate += weights[j * units + u] * data[i * units + u]
    return rate
  })
  const { id: dataset } = await addRecording(context, temporaryFolder(t), { images, responses, shape: [n, m] })
  const request: FitRequest = {
    dataset, backbone: 'squeezenet1_1', weights: 'random', layers: ['features.2'], pooling: { grid: 2 }, split: { scheme: 'kfold', folds: 4 }, alsoBy: [],
    mapping: { method: 'ridge', alphas: [1e-5, 1e-3, 0.1, 10], inner: { folds: 3 } },
  } // prettier-ignore
  const alongside: FitRequest['alongside'] = [{ backbone: 'squeezenet1_1', weights: 'random', seed: 7, layers: ['features.2', 'features.5'] }]
  const alone = await runRequest(context, { ...request, encoder: 'none' })
  const fit = await runRequest(context, { ...request, alongside, controls: [{ name: 'random', seeds: [1] }] })

  t.same(fit.scores.layers.map(({ layer }) => layer), ['features.2', 'squeezenet1_1/random-7:features.2', 'squeezenet1_1/random-7:features.5'])
  t.same(fit.scores.layers[0], alone.scores.layers[0], 'the own layer scores as it does alone, to the bit')
  t.equal(fit.scores.bestLayer!.layer, 'squeezenet1_1/random-7:features.5')
  t.ok(fit.scores.layers[2].correlation.median! > fit.scores.layers[1].correlation.median!)
  t.same(Object.keys(fit.predictions), fit.scores.layers.map(({ layer }) => layer))
  t.same(fit.scores.controls.random!.seeds[0].layers.map(({ layer }) => layer), ['features.2'], 'controls are of the own backbone')
  t.same(fit.scores.controls.random!.summary.length, 1)
  t.match(fit.scores.provenance, { weights: 'random:0:1', alongside: [{ name: 'squeezenet1_1/random-7', backbone: 'squeezenet1_1', weights: 'random:7:1', pooling: { grid: 2 } }] })
  t.notOk('alongside' in alone.scores.provenance)

  const encoder = await getEncoder(context, fit.encoder!)
  t.equal(encoder.layer, 'squeezenet1_1/random-7:features.5')
  const predictor = createPredictor(context)
  t.teardown(() => predictor.close())
  const { rates } = await predictor.predict(encoder.id, images.slice(0, 8))
  const sd = Math.sqrt(responses.reduce((sum, x) => sum + x * x, 0) / responses.length)
  const worst = rates.reduce((max, row, i) => Math.max(max, ...row.map((rate, j) => Math.abs(rate - responses[i * m + j]) / sd)), 0)
  t.ok(worst < 0.1, `the encoder runs the network that the sites read: ${worst}`)

  const [one, two] = [await estimateFit(context, request), await estimateFit(context, { ...request, alongside })]
  t.ok(two.diskBytes > 2 * one.diskBytes, 'the dry run counts the layers of all networks')
  const room = { ...context, config: { ...context.config, spillBytes: 1e6 } }
  t.throws(() => checkRoom(room, resolved({ layers: ['features.12'], pooling: { grid: 1 }, alongside: [{ backbone: 'alexnet', layers: ['features.1'], pooling: 'none' }] }), n), { code: 'does-not-fit', message: /^features\.1 / })
})

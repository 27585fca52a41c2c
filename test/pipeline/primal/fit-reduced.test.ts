import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { DatasetSummary } from '../../../src/domain/dataset.ts'
import type { FitRequest } from '../../../src/domain/fit.ts'
import type { FitScores } from '../../../src/domain/fit-scores.ts'
import { importDataset } from '../../../src/pipeline/datasets.ts'
import { runFit } from '../../../src/pipeline/fit.ts'
import { resolveRequest } from '../../../src/pipeline/fits.ts'
import { makeEncoder } from '../../../src/pipeline/make-encoder.ts'
import { createPredictor } from '../../../src/pipeline/predict.ts'
import { newId } from '../../../src/storage/ids.ts'
import { beginDelivery, succeedFit } from '../../../src/storage/repositories/fit-deliveries.ts'
import { insertFit } from '../../../src/storage/repositories/fits.ts'
import { gauss } from '../../helper/generator.ts'
import { openTestContext, temporaryFolder } from '../../helper/home.ts'
import { manifestOf, noisePng, resolved, writeUpload } from '../fixtures.ts'

const [n, m] = [60, 3]

t.test('a fit from reduced activations', async (t) => {
  const context = await openTestContext(t)
  const images = Array.from({ length: n }, (_, i) => noisePng(`reduced ${i}`, 4))
  const responses = gauss('reduced rates', n * m)
  const files = await writeUpload(temporaryFolder(t), { images, responses, shape: [n, m], metadata: { object_name: (row) => `o${row % 4}` } })
  const answer = await importDataset(context, { files, fields: { region: 'IT', unit: 'other' }, owner: 'local', idempotency: null })
  const { id: dataset } = answer.body as DatasetSummary
  const layers = ['features.1', 'features.4']
  const request: FitRequest = {
    dataset, backbone: 'squeezenet1_1', weights: 'random', layers, pooling: { grid: 1 },
    mapping: { method: 'ridge', alphas: [0.1] }, split: { scheme: 'kfold', folds: 4 }, controls: [{ name: 'pixels', pooling: { grid: 4 } }],
  } // prettier-ignore
  const fit = async (request: FitRequest) => {
    const stages = new Set<string>()
    const { id } = await context.db.transaction(async (tx) => insertFit(tx, { id: newId(), owner: 'local', request: await resolveRequest(context, request) }))
    const begun = await context.db.transaction((tx) => beginDelivery(tx, id, { job: null }))
    if (begun.kind !== 'begun') throw new Error(begun.kind)
    const outcome = await runFit(context, id, { onProgress: ({ stage }) => void stages.add(stage) })
    await context.db.transaction((tx) => succeedFit(tx, begun.delivery, { ...outcome, peakRssBytes: 1 }))
    t.same(fs.readdirSync(context.home.folders.tmp), [], 'nothing stays behind')
    t.same(fs.readdirSync(path.join(context.home.folders.grams, 'held')), [])
    return { id, stages, ...outcome, scores: JSON.parse((await context.blobs.read(outcome.scores)).toString()) as FitScores }
  }
  const dual = await fit({ ...request, encoder: 'features.4' })
  const whole = await fit({ ...request, encoder: 'features.4', reduction: {} })

  await t.test('layers of no more units than dimensions score what they do from Gram matrices', (t) => {
    t.same(whole.scores.reduction, { dimensions: 3509, seed: 0, layers: [{ layer: 'features.1', units: 64, dimensions: 64, distortion: 0 }, { layer: 'features.4', units: 128, dimensions: 128, distortion: 0 }] })
    t.equal(dual.scores.reduction, undefined)
    const close = (a: number | null, b: number | null): void => void t.ok(a !== null && b !== null && Math.abs(a - b) < 1e-9, `${a} and ${b}`)
    for (const pick of [(scores: FitScores) => scores.layers, (scores: FitScores) => scores.generalisation.object_name.layers, (scores: FitScores) => scores.controls.pixels!.layers])
      pick(whole.scores).forEach((layer, l) => {
        const other = pick(dual.scores)[l]
        layer.sites.forEach((site, j) => close(site.r, other.sites[j].r))
        close(layer.explainedVariance.mean, other.explainedVariance.mean)
        close(layer.explainedVariance.interval![0], other.explainedVariance.interval![0])
      })
    t.end()
  })

  // Dimensions outnumber the stimuli, so that a small penalty lets the refit pass close to every response.
  const projected: FitRequest = { ...request, mapping: { method: 'ridge', alphas: [1e-4] }, encoder: 'features.4', reduction: { dimensions: 100, seed: 5 } }
  const { scores, encoder, stages, id } = await fit(projected)
  await t.test('a projection is told, with its distortion', (t) => {
    const [first, second] = scores.reduction!.layers
    t.match(first, { layer: 'features.1', units: 64, dimensions: 64, distortion: 0 })
    t.match(second, { layer: 'features.4', units: 128, dimensions: 100 })
    t.ok(second.distortion > 0.5 && second.distortion < 0.95, `${second.distortion}`)
    t.match(scores.provenance, { reduction: { dimensions: 100, seed: 5 } })
    t.ok(scores.warnings.some((warning) => /random projection/.test(warning)), 'and warned of')
    t.ok(stages.has('activations') && stages.has('mappings'))
    t.end()
  })

  await t.test('the encoder gives what the fit does, without another pass', async (t) => {
    t.equal(stages.has('encoder'), false)
    const predictor = createPredictor(context)
    t.teardown(() => predictor.close())
    const { rates } = await predictor.predict(encoder!, images.slice(0, 30))
    let [near, far] = [0, 0]
    for (let i = 0; i < 30; i++) for (let j = 0; j < m; j++) {
      near += (rates[i][j] - responses[i * m + j]) ** 2
      far += (rates[i][j] - responses[((i + 1) % 30) * m + j]) ** 2
    }
    t.ok(near < 0.1 * far, `${near} and ${far}`)
    const [a, b] = await Promise.all([dual, whole].map(async (each) => (await predictor.predict(each.encoder!, images.slice(0, 4))).rates.flat()))
    a.forEach((rate, i) => Math.abs(rate - b[i]) < 1e-5 || t.fail(`${rate} from the Gram matrix, ${b[i]} from the statistics`))
    const same = await predictor.predict(await makeEncoder(context, id, 'features.4'), images.slice(0, 2))
    t.same(same.rates, rates.slice(0, 2), 'an encoder made later is the same to the bit')
  })

  await t.test('the same request gives the same bits', async (t) => {
    const again = await fit(projected)
    t.same(again.scores.layers, scores.layers)
    t.equal(again.stages.has('activations'), false, 'from cached activations')
  })
})

t.test('when activations are reduced', (t) => {
  const many = manifestOf({ stimuli: 8001, metadata: (row) => ({ object_name: `o${row % 5}` }), groupingColumns: ['object_name'] })
  t.equal(resolved({}, manifestOf({ stimuli: 8000 })).reduction, undefined)
  t.same(resolved({}, many).reduction, { dimensions: 4096, seed: 0 })
  t.same(resolved({}, many).mapping.inner, { folds: 9 }, 'the other outer folds')
  t.same(resolved({ reduction: { seed: 3 } }).reduction, { dimensions: 2915, seed: 3 }, 'fewer stimuli need fewer dimensions for a distortion of .1')
  const refused = (request: Partial<FitRequest>, pointer: string, message: RegExp): void => void t.throws(() => resolved(request, many), { code: 'does-not-fit', message, errors: [{ pointer }] }, pointer)
  refused({ mapping: { method: 'ridge', inner: { folds: 5 } } }, '/mapping/inner', /inner folds are the other outer folds/)
  refused({ mapping: { method: 'ridge', pca: 5 } }, '/mapping/pca', /Leave mapping\/pca out/)
  refused({ mapping: { method: 'ridge', solver: 'reference' } }, '/mapping/solver', /Leave mapping\/solver out/)
  refused({ split: { scheme: 'kfold', folds: 2 } }, '/split/folds', /at least 3 folds/)
  t.throws(() => resolved({ reduction: { dimensions: 9000 } }), { code: 'invalid-value', errors: [{ pointer: '/reduction/dimensions' }] })
  t.end()
})

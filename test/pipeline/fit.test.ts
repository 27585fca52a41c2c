import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { DatasetSummary } from '../../src/domain/dataset.ts'
import type { FitRequest } from '../../src/domain/fit.ts'
import type { FitScores } from '../../src/domain/fit-scores.ts'
import { readNpyFile } from '../../src/numerics/npy.ts'
import { writeActivations } from '../../src/pipeline/activations.ts'
import type { PipelineContext } from '../../src/pipeline/context.ts'
import { importDataset } from '../../src/pipeline/datasets.ts'
import { listEncoders } from '../../src/pipeline/encoders.ts'
import { runFit } from '../../src/pipeline/fit.ts'
import type { FitOutcome } from '../../src/pipeline/fit.ts'
import type { FitOptions } from '../../src/pipeline/fit-run.ts'
import { resolveRequest } from '../../src/pipeline/fits.ts'
import { createPredictor } from '../../src/pipeline/predict.ts'
import { newId } from '../../src/storage/ids.ts'
import { insertFit } from '../../src/storage/repositories/fits.ts'
import { gauss } from '../helper/generator.ts'
import { openTestContext, temporaryFolder } from '../helper/home.ts'
import { noisePng, stimulusName, writeUpload } from './fixtures.ts'

// Simulated sites with known answers, on noise images: four linear readouts of one layer of a random network, one site of pure noise,
// one that never varies.
const [n, m, repetitions] = [60, 6, 3]
const layers = ['features.1', 'features.7', 'features.12']
const source = 'features.7'
const pooling = { grid: 2 }
const images = Array.from({ length: n }, (_, i) => noisePng(`fit ${i}`))

const simulate = async (context: PipelineContext, folder: string): Promise<Float64Array> => {
  fs.mkdirSync(path.join(folder, 'images'))
  images.forEach((bytes, i) => fs.writeFileSync(path.join(folder, 'images', stimulusName(i)), bytes))
  const out = path.join(folder, 'activations')
  await writeActivations(context, { input: path.join(folder, 'images'), backbone: 'squeezenet1_1', weights: 'random', seed: 0, layers: [source], pooling, out })
  const { data } = await readNpyFile(path.join(out, `${source}.npy`)) // (stimulus x unit)
  const units = data.length / n
  const noise = gauss('trials', n * m * repetitions)
  const readout = (j: number): number[] => {
    const weights = gauss(`readout ${j}`, units)
    const values = Array.from({ length: n }, (_, i) => weights.reduce((sum, w, k) => sum + w * data[i * units + k], 0))
    const mean = values.reduce((a, b) => a + b) / n
    const sd = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n)
    return values.map((x) => (x - mean) / sd)
  }
  const signals = Array.from({ length: 4 }, (_, j) => readout(j))
  return Float64Array.from(noise, (x, at) => {
    const [i, j] = [Math.floor(at / (m * repetitions)), Math.floor(at / repetitions) % m]
    return j < 4 ? signals[j][i] + 0.1 * x : j === 4 ? x : 2
  })
}

const fit = async (context: PipelineContext, request: FitRequest, options: Partial<FitOptions> = {}): Promise<Omit<FitOutcome, 'scores'> & { scores: FitScores }> => {
  const row = await context.db.transaction(async (tx) => insertFit(tx, { id: newId(), owner: 'local', request: await resolveRequest(context, request) }))
  const outcome = await runFit(context, row.id, { onProgress: () => undefined, ...options })
  return { ...outcome, scores: JSON.parse((await context.blobs.read(outcome.scores)).toString()) as FitScores }
}

t.test('fits with known answers', async (t) => {
  const context = await openTestContext(t)
  const folder = temporaryFolder(t)
  const upload = async (responses: Float64Array): Promise<string> => {
    const files = await writeUpload(temporaryFolder(t), { images, responses, shape: [n, m, repetitions], metadata: { object_name: (row) => `o${row % 4}`, familiar: (row) => `f${row % 2}` } })
    const answer = await importDataset(context, { files, fields: { region: 'IT', unit: 'other', axes: 'stimulus,site,repetition' }, owner: 'local', idempotency: null })
    return (answer.body as DatasetSummary).id
  }
  const responses = await simulate(context, folder)
  const request: FitRequest = {
    dataset: await upload(responses),
    backbone: 'squeezenet1_1',
    weights: 'random',
    layers,
    pooling,
    mapping: { method: 'ridge', alphas: [1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10], inner: { folds: 4 } },
    split: { scheme: 'kfold', folds: 5 },
    controls: ['pixels', { name: 'random', seeds: [1, 2] }],
    encoder: 'none',
  }
  const stages = new Set<string>()
  const { scores, encoder, predictions } = await fit(context, request, { onProgress: ({ stage }) => void stages.add(stage) })
  const of = (layer: string) => scores.layers.find((candidate) => candidate.layer === layer)!

  await t.test('nested choice finds the layer that the sites read', async (t) => {
    const { layer, nested, plainMax } = scores.bestLayer!
    t.equal(layer, source)
    t.equal(plainMax.layer, source)
    t.same(nested.timesChosen, { 'features.1': 0, 'features.7': 5, 'features.12': 0 })
    t.equal(nested.correlation.median, of(source).correlation.median, 'chosen in every fold, it has the score of the layer')
    for (const site of of(source).sites.slice(0, 4)) t.ok(site.r! > 0.9 && site.ev! > 0.8, `${site.id}: r ${site.r}, EV ${site.ev}`)
  })

  await t.test('each site chooses for itself: those that read a layer find it', async (t) => {
    const { sites, timesChosen, correlation } = scores.bestLayer!.perSite!
    t.same(sites.slice(0, 4).map(({ layer }) => layer), [source, source, source, source])
    t.equal(Object.values(timesChosen).reduce((sum, times) => sum + times), 5 * m)
    t.ok(timesChosen[source] >= 20 && correlation.interval![0] < correlation.median! && correlation.median! < correlation.interval![1])
  })

  await t.test('noise has no score to speak of, a constant site none at all', async (t) => {
    for (const { sites, correlation, explainedVariance } of scores.layers) {
      t.ok(sites[4].ev! < 0.1 && Math.abs(sites[4].r!) < 0.45)
      t.match(sites[5], { r: null, ev: null, note: /./ })
      t.equal(correlation.sitesExcluded, 1)
      t.equal(explainedVariance.sitesExcluded, 1)
    }
    t.ok(scores.warnings.includes('1 sites have no score (their responses do not vary).'))
  })

  await t.test('reliability', async (t) => {
    t.match(scores.ceiling, { method: 'analytic' })
    const rho = scores.ceiling!.sites.map((site) => site.rho)
    for (const site of rho.slice(0, 4)) t.ok(site! > 0.99 && site! < 1)
    t.equal(rho[5], null)
    t.equal(of(source).sites[5].ceiling, null)
    const { evOverCeiling } = of(source).ceiled
    t.ok(evOverCeiling.median! > 0.8 && evOverCeiling.ratioOfMeans! > 0.8)
    t.ok(evOverCeiling.sitesExcluded >= 1)
    const { sites } = scores.ceiling!
    for (const site of sites.slice(0, 4)) t.ok(site['splitHalf-brainscore']! > 0.97 && site.explainableVariance! > 0.97)
    t.match(sites[5], { rho: null, explainableVariance: null, reasons: { rho: 'the mean responses do not vary', explainableVariance: /./, 'splitHalf-brainscore': /./ } })
  })

  await t.test('R² and FEVe beside r and EV; Poisson scores for counts only', async (t) => {
    const { r2, feve, poisson, reasons, sites } = of(source)
    t.ok(r2!.mean! <= of(source).explainedVariance.mean! && r2!.interval![0] < r2!.mean! && r2!.mean! < r2!.interval![1])
    for (const site of sites.slice(0, 4)) t.ok(site.feve! > 0.8 && site.feveMean! > 0.8 && site.r2! <= site.ev!)
    t.equal(feve!.sitesExcluded, sites.filter((site) => site.feve === null).length)
    t.match(sites[5], { feve: null, reasons: { feve: /./ } })
    t.equal(poisson, null)
    t.match(reasons!.poisson, /in other: .*counts only/)
  })

  await t.test('controls', async (t) => {
    t.match(scores.controls.pixels!.layers, [{ layer: 'pixels', units: 3 * 28 * 28 }])
    const { seeds, summary } = scores.controls.random!
    t.same(seeds.map(({ seed, layers: each }) => [seed, ...each.map(({ layer }) => layer)]), [[1, ...layers], [2, ...layers]])
    t.same(summary.map(({ layer }) => layer), layers)
    const [a, b] = seeds.map((seed) => seed.layers[1].correlation.median!)
    t.not(a, b, 'each seed is another network')
    t.ok(Math.max(a, b) < of(source).correlation.median! - 0.02, `other weights (${a}, ${b}) do not have what the sites read (${of(source).correlation.median})`)
    t.ok(Math.abs(summary[1].mean! - (a + b) / 2) < 1e-12)
    t.same(summary[1].differences, [a, b].map((score) => of(source).correlation.median! - score))
    const differences = scores.differences!
    t.same(differences.map(({ between }) => between), [...layers.map(() => 'layers'), ...layers.map(() => 'pixels'), ...layers.flatMap(() => ['random', 'random'])])
    const paired = differences.filter(({ between, a: name }) => between === 'random' && name === source)
    t.same(paired.map(({ seed, correlation }) => [seed, correlation.difference]), [[1, summary[1].differences[0]], [2, summary[1].differences[1]]])
    const over = differences.find(({ between, a: name }) => between === 'pixels' && name === source)!.explainedVariance
    t.ok(over.interval![0] > 0 && over.p! < 0.01 && over.pHolm! >= over.p!, `the layer that the sites read is better than pixels: ${JSON.stringify(over)}`)
  })

  await t.test('generalisation by the columns that have groups enough', async (t) => {
    t.same(Object.keys(scores.generalisation), ['object_name'])
    const { split, layers: held } = scores.generalisation.object_name
    t.equal(split, 'leave one object_name out')
    const { bestLayer, leakage } = scores.generalisation.object_name
    t.same([bestLayer!.layer, Object.values(bestLayer!.nested.timesChosen).reduce((sum, times) => sum + times)], [source, 4], 'a nested choice of its own')
    t.match(leakage!.find(({ what }) => what === 'groups of object_name'), { severity: 'none' })
    t.match(scores.leakage.find(({ what }) => what === 'groups of object_name'), { severity: 'note' })
    t.same(held.map(({ layer, correlation }) => [layer, correlation.splits.length]), layers.map((layer) => [layer, 4]))
  })

  await t.test('what is stored', async (t) => {
    t.equal(encoder, null, 'no encoder was asked for')
    t.equal((await listEncoders(context, {})).items.length, 0)
    t.same(Object.keys(predictions), layers)
    t.match(scores.provenance, { weights: 'random:0:1', backbone: 'squeezenet1_1', splitsSha256: /^[0-9a-f]{64}$/, engine: { threads: 1 } })
    t.same(fs.readdirSync(context.home.folders.tmp), [])
    t.same(fs.readdirSync(path.join(context.home.folders.grams, 'held')), [])
    for (const stage of ['activations', 'mappings', 'pixels: mappings', 'random, seed 2: activations']) t.ok(stages.has(stage), `progress tells of ${stage}`)
  })

  await t.test('an encoder of the best layer answers as the sites do', async (t) => {
    const made = await fit(context, { ...request, layers: [source, 'features.12'], controls: [], alsoBy: [], encoder: 'best' })
    const predictor = createPredictor(context)
    t.teardown(() => predictor.close())
    const { layer, rates, sites } = await predictor.predict(made.encoder!, images.slice(0, 8))
    t.equal(layer, source)
    t.same(sites.map(({ id }) => id), of(source).sites.map(({ id }) => id))
    rates.forEach((row, i) => {
      for (let j = 0; j < 4; j++) {
        const mean = [0, 1, 2].reduce((sum, r) => sum + responses[(i * m + j) * repetitions + r] / 3, 0)
        if (Math.abs(row[j] - mean) > 0.6) t.fail(`image ${i}, site ${j}: ${row[j]} instead of about ${mean}`)
      }
      t.ok(Math.abs(row[5] - 2) < 1e-6, 'the constant site gives its constant')
    })
  })

  await t.test('a fit that is cancelled ends with the reason and leaves nothing open', async (t) => {
    const reason = new Error('cancelled')
    for (const at of ['activations', 'Gram matrix of features.4', 'mappings']) {
      const controller = new AbortController()
      const options: FitOptions = { signal: controller.signal, onProgress: ({ stage }) => stage === at && controller.abort(reason) }
      await t.rejects(fit(context, { ...request, layers: at === 'mappings' ? layers : ['features.4'], controls: [], alsoBy: [] }, options), reason, at)
      t.same(fs.readdirSync(context.home.folders.tmp), [])
      t.same(fs.readdirSync(path.join(context.home.folders.grams, 'held')), [])
    }
  })
})

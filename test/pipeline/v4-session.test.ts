import fs from 'node:fs'
import path from 'node:path'
import * as ort from '../../src/numerics/onnx/runtime.ts'
import t from 'tap'
import type { Test } from 'tap'
import type { DatasetSummary } from '../../src/domain/dataset.ts'
import type { FitRequest } from '../../src/domain/fit.ts'
import type { FitScores, LayerScores } from '../../src/domain/fit-scores.ts'
import { decodeNpy, readNpyFile } from '../../src/numerics/npy.ts'
import { decodeNpz } from '../../src/numerics/npz.ts'
import { writeActivations } from '../../src/pipeline/activations.ts'
import { compareCodePoints } from '../../src/datasets/natural-order.ts'
import { sourceFile } from '../../src/datasets/source-file.ts'
import { openZip } from '../../src/datasets/zip.ts'
import { addWeights } from '../../src/pipeline/backbones.ts'
import type { PipelineContext } from '../../src/pipeline/context.ts'
import { datasetSites, importDataset } from '../../src/pipeline/datasets.ts'
import { encoderModelFile, encoderReadout } from '../../src/pipeline/encoders.ts'
import { runFit } from '../../src/pipeline/fit.ts'
import { resolveRequest } from '../../src/pipeline/fits.ts'
import { createPredictor } from '../../src/pipeline/predict.ts'
import { newId } from '../../src/storage/ids.ts'
import { insertFit } from '../../src/storage/repositories/fits.ts'
import { openTestContext, temporaryFolder } from '../helper/home.ts'
import { needs, shared, sharedJson } from '../helper/shared.ts'

// The real V4 session (Cowley et al. 2023) against PyTorch, NumPy and scikit-learn: a check of the software, not a finding.

interface LayerReference {
  median_r: number
  mean_ev: number
  r_per_site?: number[]
}

const session = (file: string): string => shared('data/neural/cowley-v4-210325', file)
const layers = [2, 5, 7, 8, 10, 12].map((k) => `features.${k}`)
const alphas = Array.from({ length: 17 }, (_, i) => 10 ** (-1 + i / 2))

const importSession = async (context: PipelineContext, files: Record<string, string>, fields: Record<string, string>): Promise<DatasetSummary> => {
  const answer = await importDataset(context, { files, fields: { name: 'v4', region: 'V4', unit: 'count', timeBinMs: '50,150', ...fields }, owner: 'local', idempotency: null })
  return answer.body as DatasetSummary
}

/** Objects lie in blocks of 80 in file order. */
const objectColumn = async (folder: string): Promise<string> => {
  const names = ['bear', 'elephant', 'face', 'car', 'dog', 'apple', 'chair', 'plane']
  const zip = await openZip(sourceFile(session('images.zip')))
  const images = zip.entries.map((entry) => entry.baseName).sort(compareCodePoints)
  zip.close()
  const file = path.join(folder, 'metadata.csv')
  fs.writeFileSync(file, ['filename,object_name', ...images.map((image, i) => `${image},${names[Math.floor(i / 80)]}`)].join('\n') + '\n')
  return file
}

const fitSession = async (context: PipelineContext, request: FitRequest): Promise<{ scores: FitScores; bytes: Buffer; encoder: string | null; predictions: Record<string, string> }> => {
  const row = await context.db.transaction(async (tx) => insertFit(tx, { id: newId(), owner: 'local', request: await resolveRequest(context, request) }))
  const outcome = await runFit(context, row.id, { onProgress: () => undefined })
  const bytes = await context.blobs.read(outcome.scores)
  return { ...outcome, bytes, scores: JSON.parse(bytes.toString()) as FitScores }
}

const agrees = (t: Test, scores: LayerScores[], reference: Record<string, LayerReference>): void => {
  for (const layer of scores) {
    const { median_r, mean_ev, r_per_site } = reference[layer.layer]
    t.ok(Math.abs(layer.correlation.median! - median_r) < 0.003, `${layer.layer}: median r ${layer.correlation.median} against ${median_r}`)
    t.ok(Math.abs(layer.explainedVariance.mean! - mean_ev) < 0.003, `${layer.layer}: mean EV ${layer.explainedVariance.mean} against ${mean_ev}`)
    r_per_site?.forEach((r, j) => Math.abs(layer.sites[j].r! - r) < 0.01 || t.fail(`${layer.layer}, site ${j}: r ${layer.sites[j].r} against ${r}`))
  }
}

t.test('reliability of the single trials', needs('data/neural/cowley-v4-210325/responses_raw.npy'), async (t) => {
  const context = await openTestContext(t)
  const reference = sharedJson<{ rho_median: number; rho: number[]; split_half_median: number }>('reference/cowley_210325_more.json')
  const dataset = await importSession(context, { stimuli: session('images.zip'), responses: session('responses_raw.npy') }, { axes: 'site,stimulus,repetition' })
  t.match(dataset, { stimuli: 640, sites: 50, regions: { V4: 50 }, repetitions: { min: 6, max: 10 }, ceiling: { method: 'analytic' } })
  t.ok(Math.abs(dataset.ceiling!.median! - reference.rho_median) < 1e-6)
  const sites = await datasetSites(context, dataset.id)
  sites.forEach((site, j) => t.ok(Math.abs(site.ceiling! - reference.rho[j]) < 2e-6, `rho of ${site.id}`))

  const request: FitRequest = { dataset: dataset.id, backbone: 'pixels', pooling: { grid: 4 }, mapping: { method: 'ridge', alphas: [1] }, split: { scheme: 'kfold', folds: 2 }, encoder: 'none' }
  const { scores } = await fitSession(context, request)
  t.ok(Math.abs(scores.ceiling!.median! - reference.rho_median) < 1e-6)
  t.ok(Math.abs(scores.ceiling!.splitHalf.median! - reference.split_half_median) < 0.01, `split-half ${scores.ceiling!.splitHalf.median}`)
})

t.test('scores, encoder and predictions', needs('data/neural/cowley-v4-210325/images.zip'), async (t) => {
  const context = await openTestContext(t)
  const folder = temporaryFolder(t)
  await addWeights(context, 'squeezenet1_1', shared('data/weights/squeezenet1_1.pth'), { source: 'squeezenet1_1.pth' })
  const dataset = await importSession(context, { stimuli: session('images.zip'), responses: session('responses_mean.npy'), metadata: await objectColumn(folder) }, { axes: 'site,stimulus' })
  const request: FitRequest = {
    dataset: dataset.id,
    backbone: 'squeezenet1_1',
    layers,
    pooling: { grid: 4 },
    mapping: { method: 'ridge', alphas, alphaUnits: 'absolute', alphaPer: 'site', inner: { folds: 5 } },
    split: { scheme: 'kfold', folds: 10, shuffle: true, seed: 1 },
    groupDuplicates: false,
    alsoBy: ['object_name'],
    encoder: 'features.8',
  }
  const { scores, encoder, predictions } = await fitSession(context, request)

  t.test('every layer equals the reference, image-wise and leaving objects out', async (t) => {
    agrees(t, scores.layers, sharedJson<{ layers: Record<string, LayerReference> }>('reference/cowley_210325.json').layers)
    const held = scores.generalisation.object_name
    t.equal(held.split, 'leave one object_name out')
    agrees(t, held.layers, sharedJson<{ leave_object_out: Record<string, LayerReference> }>('reference/cowley_210325_more.json').leave_object_out)
  })

  t.test('the interval holds the score beside it, and nested choice names a layer for each fold', async (t) => {
    for (const { correlation } of scores.layers) t.ok(correlation.interval![0] < correlation.median! && correlation.median! < correlation.interval![1])
    const { nested, plainMax } = scores.bestLayer!
    t.equal(Object.values(nested.timesChosen).reduce((a, b) => a + b), 10)
    t.equal(plainMax.layer, 'features.8')
    t.ok(nested.correlation.median! <= plainMax.score! + 1e-12)
    t.equal(scores.ceiling, null, 'no repetitions, no ceiling')
  })

  t.test('held-out predictions recompute the score', async (t) => {
    const files = await decodeNpz(await context.blobs.read(predictions['features.8']), 'predictions')
    const [prediction, response, split] = ['prediction', 'response', 'split'].map((name) => decodeNpy(files.get(name)!, name))
    t.same(prediction.shape, [640, 50])
    const site = 7
    const folds = Array.from({ length: 10 }, (_, fold) => {
      const rows = [...split.data.keys()].filter((row) => split.data[row] === fold)
      return pearson(rows.map((row) => prediction.data[row * 50 + site]), rows.map((row) => response.data[row * 50 + site]))
    })
    t.ok(Math.abs(folds.reduce((a, b) => a + b) / 10 - scores.layers[3].sites[site].r!) < 1e-12)
  })

  t.test('/predict equals readout.npz on the activations, and model.onnx by itself', async (t) => {
    const image = path.join(folder, 'chelsea.png')
    fs.copyFileSync(shared('data/photos/chelsea.png'), image)
    const predictor = createPredictor(context)
    t.teardown(() => predictor.close())
    const { rates, sites, unit } = await predictor.predict(encoder!, [fs.readFileSync(image)])
    t.equal(unit, 'count')
    t.equal(sites.length, 50)

    const out = path.join(folder, 'activations')
    await writeActivations(context, { input: image, backbone: 'squeezenet1_1', layers: ['features.8'], pooling: { grid: 4 }, out })
    const activations = (await readNpyFile(path.join(out, 'features.8.npy'))).data
    const readout = await decodeNpz(fs.readFileSync((await encoderReadout(context, encoder!)).path), 'readout')
    const [weights, bias] = [decodeNpy(readout.get('weights')!, 'weights').data, decodeNpy(readout.get('bias')!, 'bias').data]
    const byHand = Array.from(bias, (b, j) => activations.reduce((sum, x, unit) => sum + x * weights[unit * 50 + j], b))
    t.ok(largestDifference(rates[0], byHand) < 1e-4, 'readout.npz')

    const model = await ort.InferenceSession.create((await encoderModelFile(context, encoder!)).path)
    const pixels = await onePixels(image)
    const own = (await model.run({ pixels: new ort.Tensor('float32', pixels, [1, 3, 224, 224]) })).rates.data as Float32Array
    t.ok(largestDifference(rates[0], [...own]) < 1e-4, 'model.onnx')
  })

  t.test('the same request gives the same numbers, from the cache and computed again', async (t) => {
    const numbers = ({ layers, bestLayer }: FitScores): unknown => ({ layers, bestLayer })
    const small: FitRequest = { ...request, layers: ['features.2'], alsoBy: [], encoder: 'none' }
    const cached = await fitSession(context, small)
    t.same(cached.scores.layers[0], scores.layers[0])
    fs.rmSync(context.home.folders.grams, { recursive: true })
    fs.mkdirSync(path.join(context.home.folders.grams, 'held'), { recursive: true })
    t.same(numbers((await fitSession(context, small)).scores), numbers(cached.scores))
  })
})

const onePixels = async (image: string): Promise<Float32Array> => {
  const { createDecoderPool } = await import('../../src/models/preprocess/decoder-pool.ts')
  const decoder = createDecoderPool({ size: 224 })
  try {
    return await decoder.decodeBatch([fs.readFileSync(image)])
  } finally {
    await decoder.close()
  }
}

const pearson = (a: number[], b: number[]): number => {
  const mean = (x: number[]): number => x.reduce((sum, v) => sum + v, 0) / x.length
  const [ma, mb] = [mean(a), mean(b)]
  const sum = (f: (i: number) => number): number => a.reduce((total, _, i) => total + f(i), 0)
  return sum((i) => (a[i] - ma) * (b[i] - mb)) / Math.sqrt(sum((i) => (a[i] - ma) ** 2) * sum((i) => (b[i] - mb) ** 2))
}

/** Largest difference relative to the largest rate. */
const largestDifference = (a: number[], b: number[]): number => Math.max(...a.map((x, i) => Math.abs(x - b[i]))) / Math.max(...a.map(Math.abs))

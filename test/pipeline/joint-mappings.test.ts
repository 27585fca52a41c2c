import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { FitRequest } from '../../src/domain/fit.ts'
import { decodeNpy, readNpyFile } from '../../src/numerics/npy.ts'
import { decodeNpz } from '../../src/numerics/npz.ts'
import { writeActivations } from '../../src/pipeline/activations.ts'
import { encoderReadout } from '../../src/pipeline/encoders.ts'
import { makeEncoder } from '../../src/pipeline/make-encoder.ts'
import { createPredictor } from '../../src/pipeline/predict.ts'
import { gauss } from '../helper/generator.ts'
import { openTestContext, temporaryFolder } from '../helper/home.ts'
import { noisePng, stimulusName } from './fixtures.ts'
import { acceptedFit, finishFit } from './finished-fit.ts'
import { addRecording, runRequest } from './run-fit.ts'

// One site reads one layer, another one another layer within the upper left of the image, a third both; the fourth is noise.
const [n, m] = [60, 4]
const [early, late] = ['features.2', 'features.5']
const images = Array.from({ length: n }, (_, i) => noisePng(`joint ${i}`))
const pooling = { grid: 4 }

t.test('mappings of all layers together', async (t) => {
  const context = await openTestContext(t)
  const folder = temporaryFolder(t)
  images.forEach((bytes, i) => fs.writeFileSync(path.join(folder, stimulusName(i)), bytes))
  const activationsOf = async (seed: number, layers: string[]): Promise<Map<string, Float64Array[]>> => {
    const out = path.join(temporaryFolder(t), 'activations')
    await writeActivations(context, { input: folder, backbone: 'squeezenet1_1', weights: 'random', seed, layers, pooling, out })
    const rows = async (layer: string): Promise<Float64Array[]> => {
      const { data } = await readNpyFile(path.join(out, `${layer}.npy`))
      return Array.from({ length: n }, (_, i) => Float64Array.from(data.subarray((i * data.length) / n, ((i + 1) * data.length) / n)))
    }
    return new Map(await Promise.all(layers.map(async (layer) => [layer, await rows(layer)] as const)))
  }
  const activations = await activationsOf(0, [early, late])
  const standardised = (values: number[]): number[] => {
    const mean = values.reduce((a, b) => a + b) / n
    const sd = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n)
    return values.map((x) => (x - mean) / sd)
  }
  const read = (name: string, layer: string, sees: (unit: number) => boolean): number[] => {
    const weights = gauss(name, 8192)
    return standardised(activations.get(layer)!.map((row) => row.reduce((sum, x, u) => sum + (sees(u) ? weights[u] * x : 0), 0)))
  }
  const place = (unit: number): boolean => unit % 16 === 0
  const [a, b, noise] = [read('a', early, () => true), read('b', late, place), gauss('noise', n)]
  const responses = Float64Array.from({ length: n * m }, (_, k) => [a, b, a.map((x, i) => x + b[i]), noise][k % m][Math.floor(k / m)])
  const { id: dataset } = await addRecording(context, temporaryFolder(t), { images, responses, shape: [n, m], metadata: { object_name: (row) => `o${row % 4}` } })
  const request: FitRequest = { dataset, backbone: 'squeezenet1_1', weights: 'random', layers: [early, late], pooling, split: { scheme: 'kfold', folds: 4 }, alsoBy: [], encoder: 'none' }
  const alphas = [1e-3, 1e-2, 0.1, 1, 10]
  const predictor = createPredictor(context)
  t.teardown(() => predictor.close())

  await t.test('banded with all weight on one layer is ridge on that layer', async (t) => {
    const ridge = await runRequest(context, { ...request, layers: [late], mapping: { method: 'ridge', alphas, inner: { folds: 4 } } })
    const banded = await runRequest(context, { ...request, mapping: { method: 'banded', weights: { [early]: 0, [late]: 3 }, alphas, inner: { folds: 4 } } })
    const [one, other] = [ridge.scores.layers[0], banded.scores.layers[0]]
    t.equal(other.layer, 'banded')
    t.equal(other.rank, one.rank)
    one.sites.forEach(({ r, ev, alphaPerSplit }, j) => {
      t.ok(Math.abs(r! - other.sites[j].r!) < 1e-9 && Math.abs(ev! - other.sites[j].ev!) < 1e-9)
      t.same(alphaPerSplit.map((alpha) => alpha! > 0), other.sites[j].alphaPerSplit.map((alpha) => alpha! > 0))
    })
    t.same(other.bands!.layerShares, [0, 1])
    t.same(banded.scores.bestLayer!.layer, 'banded')
  })

  await t.test('a search finds each site its layer', async (t) => {
    const { scores } = await runRequest(context, { ...request, mapping: { method: 'banded', candidates: 6, alphas, inner: { folds: 4 } } })
    const { candidates, sites } = scores.layers[0].bands!
    t.same(candidates.slice(0, 4), ['all layers', early, late, 'draw 1'])
    t.equal(candidates.length, 3 + 6)
    for (const { candidateShares, layerShares } of sites) {
      t.same(candidateShares.toSorted(), [...new Array<number>(8).fill(0), 1], 'one vector each')
      t.ok(Math.abs(layerShares[0]! + layerShares[1]! - 1) < 1e-12)
    }
    t.ok(sites[0].layerShares[0]! > sites[1].layerShares[0]!)
    const shared = await runRequest(context, { ...request, mapping: { method: 'banded', candidates: 6, weightsPer: 'all', alphas, inner: { folds: 4 } } })
    t.equal(new Set(shared.scores.layers[0].bands!.sites.map(({ candidateShares }) => candidateShares.indexOf(1))).size, 1, 'one vector for all')
  })

  const auto: FitRequest = { ...request, mapping: { method: 'auto', alphas, inner: { folds: 4 } } }
  const accepted = await acceptedFit(context, { ...auto, alsoBy: ['object_name'], controls: [{ name: 'pixels', pooling: { grid: 8 } }, { name: 'random', seeds: [1] }] })
  const scores = await finishFit(context, accepted.id)

  await t.test('auto finds layers and places, and beats each layer by itself', async (t) => {
    const [result] = scores.layers
    const alone = await runRequest(context, { ...request, mapping: { method: 'ridge', alphas, inner: { folds: 4 } } })
    t.equal(result.layer, 'auto')
    t.ok(result.explainedVariance.mean! > Math.max(...alone.scores.layers.map((layer) => layer.explainedVariance.mean!)))
    const { candidates, candidateShares, layerShares, windowShares, sites } = result.bands!
    t.equal(candidates.length, 3 + 16, 'all layers, each, and 16 places')
    t.equal(windowShares.length, 16)
    for (const shares of [candidateShares, ...sites.map((site) => site.candidateShares)]) t.ok(Math.abs(shares.reduce<number>((sum, x) => sum + x!, 0) - 1) < 1e-9)
    t.ok(Math.abs(layerShares[0]! + layerShares[1]! - 1) < 1e-9)
    const places = sites[1].candidateShares.slice(3)
    t.equal(places.indexOf(Math.max(...places.map((x) => x!))), 0, 'the place that the second site reads')
    t.ok(sites[1].layerShares[1]! > sites[0].layerShares[1]!)
    t.ok(result.correlation.interval![0] < result.correlation.median! && result.correlation.median! < result.correlation.interval![1])
  })

  await t.test('generalisation, controls and nested choice are of the same method', (t) => {
    t.same(scores.generalisation.object_name.layers.map(({ layer }) => layer), ['auto'])
    t.same(scores.controls.pixels!.layers.map(({ layer }) => layer), ['auto'])
    t.match(scores.controls.random!.summary, [{ layer: 'auto', differences: [Number] }])
    t.equal(scores.bestLayer!.layer, 'auto')
    t.equal(scores.bestLayer!.nested.correlation.median, scores.layers[0].correlation.median)
    t.match(scores.leakage[0].what, /weights of the bands/)
    t.end()
  })

  /** Rates by hand: the sum over layers of activations times readout, plus the bias; the worst difference to /predict, in sd of the rates. */
  const checkEncoder = async (id: string, parts: Map<string, Float64Array[]>): Promise<number> => {
    const files = await decodeNpz(fs.readFileSync((await encoderReadout(context, id)).path), 'readout')
    const array = (name: string): Float64Array => Float64Array.from(decodeNpy(files.get(name)!, name).data as unknown as Float32Array)
    const bias = array('bias')
    const { rates } = await predictor.predict(id, images.slice(0, 6))
    let worst = 0
    for (const [i, row] of rates.entries())
      for (const [j, rate] of row.entries()) {
        let byHand = bias[j]
        for (const [name, rows] of parts) {
          const weights = array(`weights:${name}`)
          rows[i].forEach((x, u) => (byHand += x * weights[u * m + j]))
        }
        worst = Math.max(worst, Math.abs(rate - byHand))
      }
    return worst
  }

  await t.test('the encoder of a finished fit reads all layers: its rates are those of its readouts', async (t) => {
    const id = await makeEncoder(context, accepted.id, 'auto')
    t.ok((await checkEncoder(id, activations)) < 1e-4)
    const { rates } = await predictor.predict(id, images)
    const rows = [a, b]
    rows.forEach((values, j) => {
      const mse = values.reduce((sum, x, i) => sum + (x - rates[i][j]) ** 2, 0) / n
      t.ok(mse < 0.5, `site ${j} is fitted: ${mse}`)
    })
  })

  await t.test('networks alongside are bands too, and run in the same encoder', async (t) => {
    const fit = await runRequest(context, { ...auto, alongside: [{ backbone: 'squeezenet1_1', weights: 'random', seed: 5, layers: [late] }], mapping: { method: 'auto', windows: 0, alphas, inner: { folds: 4 } }, encoder: 'auto' })
    const name = `squeezenet1_1/random-5:${late}`
    t.same(fit.scores.layers[0].bands!.candidates, ['all layers', early, late, name])
    const other = (await activationsOf(5, [late])).get(late)!
    t.ok((await checkEncoder(fit.encoder!, new Map([...activations, [name, other]]))) < 1e-4)
  })

  await t.test('networks that take images of different sizes have no encoder, and the scores say so', async (t) => {
    const fit = await runRequest(context, { ...auto, layers: [early], alongside: [{ backbone: 'efficientnet_b1', weights: 'random', layers: ['features.0'] }], mapping: { method: 'auto', windows: 0, alphas, inner: { folds: 4 } }, encoder: 'best' })
    t.equal(fit.encoder, null)
    t.match(fit.scores.warnings.join(), /No encoder: .*squeezenet1_1 224, efficientnet_b1 240/)
  })

  await t.test('sites that saw different stimuli are fitted apart', async (t) => {
    const holes = responses.map((rate, k) => (k === 5 ? NaN : rate))
    const { id } = await addRecording(context, temporaryFolder(t), { images, responses: holes, shape: [n, m] })
    const { scores } = await runRequest(context, { ...auto, dataset: id })
    t.equal(scores.population?.patterns, 2)
    t.ok(scores.layers[0].sites.every(({ ev }) => ev !== null))
  })
})

import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { FitScores } from '../../src/domain/fit-scores.ts'
import { getBackbone } from '../../src/models/backbones/index.ts'
import { decodeNpy, decodeNpyText, readNpyFile } from '../../src/numerics/npy.ts'
import { decodeNpz } from '../../src/numerics/npz.ts'
import { findOwner } from '../../src/storage/home.ts'
import { ventral } from '../helper/cli.ts'
import { fill, uniforms } from '../helper/generator.ts'
import { temporaryFolder } from '../helper/home.ts'
import { safetensors } from '../models/weights/checkpoint-builder.ts'
import { noisePng, stimulusName, writeUpload } from '../pipeline/fixtures.ts'
import { filesOf, get, startService } from './service.ts'

// From files to predicted rates by the command line alone: from an empty data folder without a server, then through one.

const [n, m] = [24, 3]
const layers = ['features.5', 'features.12']
const images = Array.from({ length: n }, (_, i) => noisePng(`image ${i}`, 24))
const rates = uniforms('rates', n * m).map((u) => Math.floor(20 * u))
const folder = temporaryFolder(t)
const home = path.join(folder, 'home')

/** Weights that no one else has, for every parameter of SqueezeNet. */
const checkpoint = (): Buffer => {
  let end = 0
  const tensors = getBackbone('squeezenet1_1').params.map(({ name, shape }) => ({ name, shape, data: fill(name, shape, shape.length === 1 ? 'b' : 'w') }))
  const header = tensors.map(({ name, shape, data }) => [name, { dtype: 'F32', shape, data_offsets: [end, (end += data.byteLength)] }] as const)
  return safetensors(Object.fromEntries(header), Buffer.concat(tensors.map(({ data }) => Buffer.from(data.buffer))))
}

interface Results {
  dataset: { id: string; sha256: string }
  weights: { sha256: string }
  fit: { id: string; status: string; encoder: string; request: { weights: string }; scores: FitScores }
  scores: FitScores
  rates: number[][]
  activations: Record<string, Float64Array>
  predictions: Map<string, Uint8Array>
}

const run = async (...args: string[]): Promise<unknown> => {
  const { status, out, err } = await ventral([...args, '--home', home, '--json'], { VENTRAL_THREADS: '1' })
  if (status !== 0) throw new Error(`${args.join(' ')}: ${out}${err}`)
  if (out.trim().includes('\n')) throw new Error(`${args[0]} prints more than one line of JSON: ${out}`)
  return JSON.parse(out)
}

const wholeWay = async (name: string): Promise<Results> => {
  const at = (file: string): string => path.join(folder, name, file)
  fs.mkdirSync(path.join(folder, name))
  const { stimuli, responses } = await writeUpload(path.join(folder, name), { images, responses: rates, shape: [n, m] })
  const dataset = (await run('dataset', 'add', '--stimuli', stimuli, '--responses', responses, '--axes', 'stimulus,site', '--region', 'V4', '--unit', 'count', '--name', name)) as Results['dataset']
  fs.writeFileSync(at('squeezenet.safetensors'), checkpoint())
  const weights = (await run('weights', 'add', at('squeezenet.safetensors'), '--backbone', 'squeezenet1_1')) as Results['weights']
  const request = { dataset: dataset.id, backbone: 'squeezenet1_1', layers, pooling: { grid: 3 }, mapping: { method: 'ridge', alphas: [0.01, 1, 100] }, split: { scheme: 'kfold', folds: 3, shuffle: true, seed: 1 }, encoder: 'features.12' }
  fs.writeFileSync(at('request.json'), JSON.stringify(request))
  const fit = (await run('fit', '--request', at('request.json'), '--wait', '--predictions', at('p.npz'), '--layer', 'features.12')) as Results['fit']
  const scores = (await run('scores', fit.id)) as FitScores
  fs.writeFileSync(at(stimulusName(5)), images[5])
  const predicted = (await run('predict', at(stimulusName(5)), '--encoder', fit.encoder)) as Results
  await run('activations', at(stimulusName(5)), '--backbone', 'squeezenet1_1', '--layers', layers.join(','), '--grid', '3', '--out', at('activations'))
  const activations = await Promise.all(layers.map(async (layer) => [layer, Float64Array.from((await readNpyFile(at(`activations/${layer}.npy`))).data)] as const))
  return { dataset, weights, fit, scores, rates: predicted.rates, activations: Object.fromEntries(activations), predictions: await decodeNpz(fs.readFileSync(at('p.npz')), 'p.npz') }
}

const pearson = (a: number[], b: number[]): number => {
  const mean = (x: number[]): number => x.reduce((sum, value) => sum + value, 0) / x.length
  const [ma, mb] = [mean(a), mean(b)]
  const product = (x: number[], mx: number, y: number[], my: number): number => x.reduce((sum, value, i) => sum + (value - mx) * (y[i] - my), 0)
  return product(a, ma, b, mb) / Math.sqrt(product(a, ma, a, ma) * product(b, mb, b, mb))
}

t.test('the whole way without a server, and through one', async (t) => {
  const alone = await wholeWay('alone')
  t.equal(await findOwner(home), null, 'no verb leaves the data folder open')

  await t.test('a fit of the weights that were added', async (t) => {
    t.match(alone.fit, { status: 'succeeded', encoder: String, request: { weights: `sha256:${alone.weights.sha256}` } })
    t.same(alone.fit.scores, alone.scores)
    t.same(alone.scores.layers.map(({ layer, units, sites }) => [layer, units, sites.length]), [['features.5', 128 * 9, m], ['features.12', 512 * 9, m]])
  })

  await t.test('held-out predictions are those that were scored', async (t) => {
    const [prediction, response, split] = ['prediction', 'response', 'split'].map((name) => decodeNpy(alone.predictions.get(name)!, name))
    const ids = decodeNpyText(alone.predictions.get('stimulus_id')!, 'stimulus_id').values
    t.same(ids.toSorted(), images.map((_, i) => path.parse(stimulusName(i)).name), 'each stimulus is held out once')
    ids.forEach((id, row) => t.same([...response.data.slice(row * m, (row + 1) * m)], [...rates.slice(Number(id.slice(1)) * m, (Number(id.slice(1)) + 1) * m)], id))
    for (const [j, site] of alone.scores.layers[1].sites.entries()) {
      const folds = [0, 1, 2].map((fold) => {
        const rows = [...split.data.keys()].filter((row) => split.data[row] === fold)
        return pearson(rows.map((row) => prediction.data[row * m + j]), rows.map((row) => response.data[row * m + j]))
      })
      t.ok(Math.abs(folds.reduce((a, b) => a + b) / 3 - site.r!) < 1e-12, site.id)
    }
  })

  const server = await startService(t, {}, home)
  const served = await wholeWay('served')
  t.equal((await findOwner(home))?.url, server.url, 'every verb went through it')

  await t.test('the same numbers by either way', async (t) => {
    t.not(served.dataset.id, alone.dataset.id)
    t.equal(served.weights.sha256, alone.weights.sha256)
    t.same(served.scores.layers, alone.scores.layers)
    t.same(served.scores.bestLayer, alone.scores.bestLayer)
    t.same(served.rates, alone.rates)
    t.same(served.activations, alone.activations)
  })

  await t.test('a predicted rate is the readout applied to the activations', async (t) => {
    const readout = await decodeNpz(Buffer.from(await (await fetch(`${server.url}/encoders/${alone.fit.encoder}/readout.npz`)).arrayBuffer()), 'readout.npz')
    const [weights, bias] = ['weights', 'bias'].map((name) => decodeNpy(readout.get(name)!, name).data)
    const byHand = Array.from(bias, (b, j) => alone.activations['features.12'].reduce((sum, x, unit) => sum + x * weights[unit * m + j], b))
    t.equal(alone.rates.length, 1)
    alone.rates[0].forEach((rate, j) => t.ok(Math.abs(rate - byHand[j]) <= 1e-4 * Math.max(1, Math.abs(byHand[j])), `site ${j}: ${rate} against ${byHand[j]}`))
  })

  t.equal(((await get(server, '/fits')).body.items as unknown[]).length, 2)
  t.same([...filesOf(path.join(home, 'tmp')), ...filesOf(path.join(home, 'blobs/incoming')), ...filesOf(path.join(home, 'cache/grams/held'))], [])
  t.equal((await server.stop('SIGTERM')).status, 0)
})

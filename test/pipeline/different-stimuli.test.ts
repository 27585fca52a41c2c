import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { FitRequest, Mapping } from '../../src/domain/fit.ts'
import type { DualFit } from '../../src/encoding/dual-fit.ts'
import type { Matrix } from '../../src/domain/matrix.ts'
import { makeSplits } from '../../src/encoding/splits/make-splits.ts'
import type { Split } from '../../src/encoding/splits/split.ts'
import { createLinearAlgebra } from '../../src/numerics/linear-algebra.ts'
import { decodeNpy, decodeNpyText, readNpyFile } from '../../src/numerics/npy.ts'
import { decodeNpz } from '../../src/numerics/npz.ts'
import { createProducts } from '../../src/numerics/products.ts'
import { writeActivations } from '../../src/pipeline/activations.ts'
import { resolveRequest } from '../../src/pipeline/fits.ts'
import { fitMappingAll, fitMappingFold } from '../../src/pipeline/mappings.ts'
import type { FittedMapping } from '../../src/pipeline/mappings.ts'
import { createPredictor } from '../../src/pipeline/predict.ts'
import { gauss } from '../helper/generator.ts'
import { openTestContext, temporaryFolder } from '../helper/home.ts'
import { noisePng, stimulusName } from './fixtures.ts'
import { addRecording, runRequest } from './run-fit.ts'

// Two sessions: sites 0 and 2 saw stimuli 0-41, sites 1 and 3 saw 18-59.
const [n, p, m] = [60, 12, 4]
const saw = (i: number, j: number): boolean => (j % 2 === 0 ? i < 42 : i >= 18)
const scheme = { scheme: 'kfold' as const, folds: 4, shuffle: true, seed: 1 }

t.test('sessions fitted at once give what each gives by itself, with the same folds restricted to its stimuli', async (t) => {
  const tools = { la: await createLinearAlgebra(), products: await createProducts({ threads: 1 }) }
  t.teardown(() => tools.products.close())
  const X: Matrix = { rows: n, cols: p, data: gauss('wild X', n * p) }
  const noise = gauss('wild noise', n * m)
  const signal = await tools.products.f64(X, { rows: p, cols: m, data: gauss('wild B', p * m) })
  const Y: Matrix = { ...signal, data: signal.data.map((y, k) => (saw(Math.floor(k / m), k % m) ? y + noise[k] : NaN)) }
  const K = await tools.products.f64(X, X, { transB: true })
  const by = Array.from({ length: n }, (_, i) => `g${i % 9}`)

  const inner = { folds: 3 }
  const mappings: Mapping[] = [
    { method: 'ridge', alphas: [0.01, 1, 100], alphaUnits: 'relative', alphaPer: 'site', inner },
    { method: 'ridge', alphas: [0.01, 1], alphaUnits: 'relative', alphaPer: 'site', inner, pca: 5 },
    { method: 'linear', inner },
    { method: 'linear', inner, pca: 5 },
    { method: 'pls', components: 3, yScale: 'site', perSite: false, solver: 'exact', inner },
    { method: 'pls', components: 3, yScale: 'none', perSite: true, solver: 'exact', inner, pca: 6 },
  ]
  for (const request of [scheme, { scheme: 'groupkfold' as const, folds: 3, by: 'g' }])
    for (const mapping of mappings)
      for (const sites of [[0, 2], [1, 3]]) {
        const rows = Int32Array.from({ length: n }, (_, i) => i).filter((i) => saw(i, sites[0]))
        const place = new Map(Array.from(rows, (row, i) => [row, i]))
        const own = (all: Int32Array): Int32Array => all.filter((row) => place.has(row)).map((row) => place.get(row)!)
        const Kown: Matrix = { rows: rows.length, cols: rows.length, data: Float64Array.from({ length: rows.length ** 2 }, (_, k) => K.data[rows[Math.floor(k / rows.length)] * n + rows[k % rows.length]]) }
        const Yown: Matrix = { rows: rows.length, cols: 2, data: Float64Array.from({ length: rows.length * 2 }, (_, k) => Y.data[rows[k >> 1] * m + sites[k & 1]]) }
        const columns = { by: Array.from(rows, (row) => by[row]) }
        const name = `${mapping.method}${JSON.stringify(mapping.pca) ?? ''}, ${request.scheme}, sites ${sites.join(' and ')}`
        const same = (a: number, b: number): boolean => (Number.isNaN(a) && Number.isNaN(b)) || Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b))
        for (const split of makeSplits(request, n, { by })) {
          const both = await fitMappingFold({ K, Y, mapping, inner: { request, by: inner, columns: { by } }, split }, tools)
          const ownSplit: Split = { train: own(split.train), test: own(split.test) }
          const alone = await fitMappingFold({ K: Kown, Y: Yown, mapping, inner: { request, by: inner, columns }, split: ownSplit }, tools)
          let row = 0
          split.test.forEach((stimulus, i) => {
            if (!place.has(stimulus)) return
            sites.forEach((site, j) => {
              if (!same(both.predictions.data[i * m + site], alone.predictions.data[row * 2 + j])) t.fail(`${name}: predictions differ`)
            })
            row++
          })
          t.ok(sites.every((site, j) => same(both.innerScores.explainedVariance[site], alone.innerScores.explainedVariance[j]) && same(both.alphas[site], alone.alphas[j])), `${name}: inner scores and penalties`)
        }
        const both = (await fitMappingAll({ K, Y, mapping, inner: { request, by: inner, columns: { by } } }, tools)) as FittedMapping & DualFit
        const alone = (await fitMappingAll({ K: Kown, Y: Yown, mapping, inner: { request, by: inner, columns } }, tools)) as FittedMapping & DualFit
        t.ok(sites.every((site, j) => same(both.bias[site], alone.bias[j])), `${name}: the encoder's intercept`)
        t.ok([...rows.keys()].every((i) => sites.every((site, j) => same(both.dual.data[rows[i] * m + site], alone.dual.data[i * 2 + j]))), `${name}: the encoder's coefficients`)
        t.ok([...both.rows].every((row) => place.has(row) || sites.every((site) => both.dual.data[row * m + site] === 0)), `${name}: nothing of stimuli not seen`)
      }
})

t.test('a recording of two sessions, from its upload to its encoder', async (t) => {
  const context = await openTestContext(t)
  const images = Array.from({ length: n }, (_, i) => noisePng(`wild ${i}`))
  const folder = temporaryFolder(t)
  images.forEach((bytes, i) => fs.writeFileSync(path.join(folder, stimulusName(i)), bytes))
  const out = path.join(folder, 'activations')
  await writeActivations(context, { input: folder, backbone: 'pixels', weights: 'random', layers: ['pixels'], pooling: { grid: 2 }, out })
  const { data: X } = await readNpyFile(path.join(out, 'pixels.npy')) // (stimulus x 12)
  const noise = gauss('wild trials', n * 6)
  // Sites 4 and 5: one that saw three stimuli, one that never varied in the 30 it saw.
  const responses = Float64Array.from({ length: n * 6 }, (_, k) => {
    const [i, j] = [Math.floor(k / 6), k % 6]
    if (j === 4) return i < 3 ? noise[k] : NaN
    if (j === 5) return i < 30 ? 2 : NaN
    const w = gauss(`wild readout ${j}`, 12)
    return saw(i, j) ? 20 * w.reduce((sum, x, u) => sum + x * X[i * 12 + u], 0) + 0.2 * noise[k] + j : NaN
  })
  const { id } = await addRecording(context, temporaryFolder(t), { images, responses, shape: [n, 6] })
  const request: FitRequest = { dataset: id, backbone: 'pixels', layers: 'all', pooling: { grid: 2 }, split: scheme, mapping: { method: 'ridge', alphas: [1e-4, 1e-2, 1], inner: { folds: 4 } } }
  for (const [mapping, wanted] of [[request.mapping!, 'best'], [{ method: 'pls', components: 6, inner: { folds: 4 } }, 'none']] as const) {
    const { scores, predictions, encoder } = await runRequest(context, { ...request, mapping, encoder: wanted })
    const [{ sites, correlation }] = scores.layers
    for (const site of sites.slice(0, 4)) t.ok(site.r! > 0.9 && site.ev! > 0.8, `${mapping.method}, ${site.id}: r ${site.r}`)
    t.match(sites[4], { r: null, ev: null, alpha: null, note: /no held-out stimulus .*folds leave too few of the site's stimuli to fit it/ })
    t.match(sites[5], { r: null, ev: null, note: /the responses do not vary/ })
    t.equal(correlation.sitesExcluded, 2)
    t.ok(correlation.interval![0] > 0.8)
    t.ok(scores.warnings.some((warning) => /1 sites have no score \(they saw too few/.test(warning)))

    const npz = await decodeNpz(await context.blobs.read(predictions.pixels), 'predictions')
    const [response, prediction] = ['response', 'prediction'].map((name) => decodeNpy(npz.get(name)!, name).data)
    const stimuli = decodeNpyText(npz.get('stimulus_id')!, 'stimulus_id').values
    const index = new Map(images.map((_, i) => [stimulusName(i).replace('.png', ''), i]))
    t.equal(stimuli.length, n, 'folds are drawn once over all stimuli')
    t.ok(stimuli.every((name, row) => [0, 1, 2, 3].every((j) => Number.isNaN(response[row * 6 + j]) !== saw(index.get(name)!, j) && Number.isFinite(prediction[row * 6 + j]))))

    if (wanted === 'none') continue
    const predictor = createPredictor(context)
    const predicted = await predictor.predict(encoder!, images)
    await predictor.close()
    t.same(predicted.sites.map((site) => site.id), [0, 1, 2, 3, 5].map((j) => sites[j].id), 'an encoder of the sites that could be fitted')
    t.ok(predicted.rates.every((rates, i) => [0, 1, 2, 3].every((j) => !saw(i, j) || Math.abs(rates[j] - responses[i * 6 + j]) < 1.5) && Math.abs(rates[4] - 2) < 1e-6))
    t.ok(scores.warnings.some((warning) => /encoder leaves out 1 sites/.test(warning)))
  }

  await t.test('mappings of all layers together', async (t) => {
    const auto = { method: 'auto', windows: 0, alphas: [1e-4, 1e-2, 1], inner: { folds: 4 } }
    const { scores, encoder } = await runRequest(context, { ...request, mapping: auto })
    const { sites, bands } = scores.layers[0]
    for (const site of sites.slice(0, 4)) t.ok(site.r! > 0.9 && site.ev! > 0.8, `${site.id}: r ${site.r}`)
    t.match(sites[4], { r: null, note: /too few/ })
    t.match(bands, { layerShares: [1], sites: [{ layerShares: [1] }, {}, {}, {}, { layerShares: [null] }, {}] })
    const predictor = createPredictor(context)
    const { rates } = await predictor.predict(encoder!, images.slice(18, 42))
    await predictor.close()
    t.ok(rates.every((row, k) => [0, 1, 2, 3].every((j) => Math.abs(row[j] - responses[(18 + k) * 6 + j]) < 1.5)))
    const shared = { method: 'banded', weightsPer: 'all' as const, inner: { folds: 4 } }
    await t.rejects(resolveRequest(context, { ...request, mapping: shared }), { code: 'choose-sites', message: /4 different sets of stimuli.*"weightsPer": "site"/ })
  })

  await t.test('what cannot be fitted is refused before a fit is queued', async (t) => {
    await t.rejects(resolveRequest(context, { ...request, sites: { ids: ['site-5'] } }), { code: 'too-few-stimuli', message: /the most that one saw is 3/ })
    const scattered = Float64Array.from({ length: n * 52 }, (_, k) => (Math.floor(k / 52) === k % 52 ? NaN : k % 7))
    const wild = await addRecording(context, temporaryFolder(t), { images, responses: scattered, shape: [n, 52] })
    await t.rejects(resolveRequest(context, { ...request, dataset: wild.id }), { code: 'choose-sites', message: /52 different sets of stimuli.*at most 50/ })
    const ids = Array.from({ length: 50 }, (_, j) => `site-${String(j + 1).padStart(2, '0')}`)
    t.match(await resolveRequest(context, { ...request, dataset: wild.id, sites: { ids } }), { sites: { ids } })
  })
})

import t from 'tap'
import type { FitRequest } from '../../src/domain/fit.ts'
import { decodeNpy } from '../../src/numerics/npy.ts'
import { decodeNpz } from '../../src/numerics/npz.ts'
import { datasetSites, datasetSummary } from '../../src/pipeline/datasets.ts'
import { getEncoder } from '../../src/pipeline/encoders.ts'
import { resolveRequest } from '../../src/pipeline/fits.ts'
import { gauss } from '../helper/generator.ts'
import { openTestContext, temporaryFolder } from '../helper/home.ts'
import { noisePng } from './fixtures.ts'
import { addRecording, runRequest } from './run-fit.ts'
import type { Recording } from './run-fit.ts'

// Two days with another gain and offset each, over the same tuning; site 2 saw only one stimulus of day 2.
const [n, m, repetitions] = [48, 3, 3]
const images = Array.from({ length: n }, (_, i) => noisePng(`day ${i}`))
const [signal, noise] = [gauss('day signal', n * m), gauss('day trials', n * m * repetitions)]
const day = (i: number): number => (i % 2 === 0 ? 1 : 2)
const metadata = { day: (i: number) => `d${day(i)}`, block: (i: number) => `b${day(i)}${Math.floor(i / 16)}`, object: (i: number) => `o${Math.floor(i / 2) % 4}` }
/** `shift` and `gain` of the second day. */
const responses = (shift: number, gain: number): Float64Array =>
  noise.map((x, at) => {
    const [i, j] = [Math.floor(at / (m * repetitions)), Math.floor(at / repetitions) % m]
    const rate = signal[i * m + j] + 0.3 * x
    return j === 2 && day(i) === 2 && i !== 1 ? NaN : day(i) === 2 ? shift + gain * rate : rate
  })

t.test('responses are normalised by session inside the folds', async (t) => {
  const context = await openTestContext(t)
  const add = (change: Partial<Recording>) => addRecording(context, temporaryFolder(t), { images, responses: responses(50, 4), shape: [n, m, repetitions], metadata, ...change })
  const zscore = { normalise: 'zscore', sessionColumn: 'day' }
  const { id, normalise, groupingColumns } = await add({ fields: zscore })
  t.same([normalise, (await datasetSummary(context, id)).normalise], [{ method: 'zscore', sessionColumn: 'day' }, { method: 'zscore', sessionColumn: 'day' }])
  t.same(groupingColumns, ['day', 'block', 'object'])
  const request: FitRequest = { dataset: id, backbone: 'pixels', layers: 'all', pooling: { grid: 2 }, split: { scheme: 'kfold', folds: 4 }, mapping: { method: 'ridge', alphas: [0.1, 10], inner: { folds: 3 } } }
  const fit = await runRequest(context, request)
  const [layer] = fit.scores.layers

  // z-scores do not know the days' gain and offset, in the fit's scores and in the reliabilities.
  const level = await add({ responses: responses(0, 1), fields: zscore })
  const { ceiling, layers: [same] } = (await runRequest(context, { ...request, dataset: level.id, encoder: 'none' })).scores // prettier-ignore
  const close = (a: number | null, b: number | null): boolean => (a === null ? b === null : Math.abs(a - b!) < 1e-9)
  t.ok(layer.sites.every(({ r, ev, ceiling }, j) => close(r, same.sites[j].r) && close(ev, same.sites[j].ev) && close(ceiling, same.sites[j].ceiling)))
  for (const kind of ['rho', 'splitHalf', 'earlyLate', 'splitHalf-brainscore'] as const)
    t.ok(fit.scores.ceiling!.sites.every((site, j) => close(site[kind]!, ceiling!.sites[j][kind]!)), kind)
  const [normalised, raw] = [await datasetSites(context, level.id), await datasetSites(context, (await add({})).id)]
  t.ok(close((await datasetSites(context, id))[0].ceiling, normalised[0].ceiling))
  t.ok(raw[0].ceiling! > normalised[0].ceiling! + 0.01, 'as recorded, the days themselves look reliable')

  // What was scored is in the predictions: each fold's responses by the statistics of its training rows.
  const npz = await decodeNpz(await context.blobs.read(fit.predictions.pixels), 'predictions')
  const [response, split] = ['response', 'split'].map((name) => decodeNpy(npz.get(name)!, name).data)
  t.ok(Array.from(split).every((_, row) => Math.abs(response[row * m]) < 6), 'no offset is left')
  t.match(layer.sites[2].note, undefined)
  t.equal(Array.from(split).filter((_, row) => !Number.isNaN(response[row * m + 2])).length, n / 2, 'a session of one stimulus of a site is nothing to go by')

  t.ok(fit.scores.leakage.some(({ what, rows }) => /normalisation of the responses \(zscore/.test(what) && /training rows of each outer fold/.test(rows)))
  t.match(layer, { feve: null, reasons: { feve: /normalised by the training rows/ } })
  t.same(Object.keys(fit.scores.generalisation), ['block', 'object'], 'days cannot be left out whole')
  t.equal((await getEncoder(context, fit.encoder!)).unit, 'zscore')

  await t.test('a fold must leave every session something to be normalised by', async (t) => {
    const three = (await add({ metadata: { ...metadata, day: (i) => `d${i % 3}` }, fields: zscore })).id
    const split = { scheme: 'leaveonegroupout', by: 'day' }
    await t.rejects(resolveRequest(context, { ...request, dataset: three, split }), { code: 'too-few-stimuli', message: /normalised per session.*sessions \(day\) with fewer than 2/, errors: [{ pointer: '/split' }] })
    await t.rejects(resolveRequest(context, { ...request, dataset: three, alsoBy: ['day'] }), { code: 'too-few-stimuli', errors: [{ pointer: '/alsoBy' }] })
    t.same((await resolveRequest(context, { ...request, dataset: three })).alsoBy, ['block', 'object'])
  })

  await t.test('what the import cannot do is refused', async (t) => {
    await t.rejects(add({ fields: { sessionColumn: 'day' } }), { code: 'invalid-value', errors: [{ pointer: '/sessionColumn' }] })
    await t.rejects(add({ fields: { normalise: 'zscore', sessionColumn: 'hour' } }), { code: 'missing-field', message: /no column "hour"/ })
    await t.rejects(add({ metadata: { day: (i) => (i === 5 ? '' : 'd') }, fields: zscore }), { code: 'missing-field', message: /1 stimuli have no value/ })
    await t.rejects(add({ fields: { normalise: 'rank' } }), { code: 'invalid-value', errors: [{ pointer: '/normalise' }] })
  })
})

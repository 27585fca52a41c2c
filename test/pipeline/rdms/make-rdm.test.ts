import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { RdmRequest } from '../../../src/domain/rdm.ts'
import { rdmOf } from '../../../src/encoding/rsa/rdm.ts'
import { createLinearAlgebra } from '../../../src/numerics/linear-algebra.ts'
import { encodeNpy } from '../../../src/numerics/npy.ts'
import { encodeNpz } from '../../../src/numerics/npz.ts'
import { createProducts } from '../../../src/numerics/products.ts'
import { getDataset } from '../../../src/storage/repositories/datasets.ts'
import type { Division, LayerResult } from '../../../src/pipeline/condition.ts'
import type { Population } from '../../../src/pipeline/fit-population.ts'
import { readManifest } from '../../../src/pipeline/open-dataset.ts'
import { storePredictions } from '../../../src/pipeline/predictions.ts'
import { checkSource, requestPerLayer } from '../../../src/pipeline/rdms/layers-of.ts'
import { putActivations } from '../../../src/pipeline/stored-activations.ts'
import { makeRdm, resolveRdm } from '../../../src/pipeline/rdms/make-rdm.ts'
import type { MadeRdm } from '../../../src/pipeline/rdms/make-rdm.ts'
import { decodeRdmFile, encodeRdmFile } from '../../../src/pipeline/rdms/rdm-file.ts'
import { sameNumbers } from '../../encoding/reference.ts'
import { gauss } from '../../helper/generator.ts'
import { openTestContext, someRequest, temporaryFolder } from '../../helper/home.ts'
import { addRdmDataset, rdmReference, stimulusIds, trials } from '../../helper/rdm-dataset.ts'

t.test('RDMs equal to SciPy', async (t) => {
  const context = await openTestContext(t)
  const products = await createProducts({ threads: 1 })
  t.teardown(() => products.close())
  const work = { products, tools: { la: await createLinearAlgebra(), products }, folder: context.home.folders.tmp }
  const make = async (request: RdmRequest): Promise<MadeRdm> => makeRdm(context, resolveRdm(request), work)
  const dataset = (await addRdmDataset(t, context)).id
  const responses = { kind: 'responses', dataset }
  const pixels = { kind: 'activations', dataset, backbone: 'pixels', layer: 'pixels', pooling: { grid: 28 } }

  await t.test('of responses', async (t) => {
    for (const [key, request] of [
      ['pearson', {}],
      ['euclidean', { distance: 'euclidean' }],
      ['cosine', { distance: 'cosine' }],
      ['raw', { of: { ...responses, zscore: false } }],
      ['by_object', { by: 'object_name' }],
      ['crossnobis', { distance: 'crossnobis' }],
      ['crossnobis_diagonal', { distance: 'crossnobis', noise: 'diagonal' }],
    ] as const)
      sameNumbers(t, (await make({ of: responses, ...request })).rdm.values, rdmReference.responses[key], 1e-10, key)
    const { percentiles, animals, card } = await make({ of: responses })
    sameNumbers(t, percentiles.values, rdmReference.responses.percentiles, 1e-10, 'percentiles')
    t.strictSame(animals.map(({ animal }) => animal), ['a', 'b', 'c'])
    sameNumbers(t, animals.flatMap(({ rdm }) => Array.from(rdm.values)), rdmReference.responses.animals.flat(), 1e-10, "animals' own")
    t.match(card.of, { zscore: true, missing: 'refuse', sites: {} })
  })

  await t.test('of activations, from their Gram matrix alone', async (t) => {
    for (const [key, request] of [
      ['pearson', {}],
      ['euclidean', { distance: 'euclidean' }],
      ['cosine', { distance: 'cosine' }],
      ['by_object', { by: 'object_name' }],
    ] as const) {
      const { rdm, card } = await make({ of: pixels, ...request })
      t.match(card, { animals: [], provenance: { units: 2352, precision: 'f64', activations: { backbone: 'pixels', weights: 'none' } } })
      sameNumbers(t, rdm.values, rdmReference.pixels[key], 1e-6, key) // activations are float32
    }
  })

  await t.test('stimuli in another order, and one animal', async (t) => {
    const order = [7, 3, 11, 0, 9, 5, 1, 10, 2, 8, 4, 6]
    const shuffled = await addRdmDataset(t, context, { name: 'shuffled', order, animals: 'aaaaaaaaa' })
    const { rdm, card } = await make({ of: { kind: 'responses', dataset: shuffled.id } })
    t.strictSame(card.labels, order.map((i) => stimulusIds[i]))
    t.strictSame(card.animals, [])
    sameNumbers(t, [rdm.values[0]], [rdmReference.responses.pearson[3 * 12 - 6 + 3]], 1e-10, 'of s07 and s03')
  })

  await t.test('sites that missed stimuli', async (t) => {
    const holes = trials()
    holes.fill(NaN, (5 * 9 + 2) * 4, (5 * 9 + 2) * 4 + 4) // s05 was never shown to n2
    const of = { kind: 'responses', dataset: (await addRdmDataset(t, context, { name: 'holes', responses: holes })).id }
    await t.rejects(make({ of }), { code: 'choose-sites', message: /saw 11 of 12 stimuli; 8 of 9 sites/, errors: [{ pointer: '/of/missing' }] })
    const shared = await make({ of: { ...of, missing: 'sharedStimuli' } })
    t.strictSame(shared.card.labels, stimulusIds.filter((id) => id !== 's05'))
    t.match(shared.card.warnings, [/1 of 12 stimuli/])
    const complete = await make({ of: { ...of, missing: 'completeSites' } })
    t.equal(complete.summary.n, 12)
    t.match(complete.card.warnings, [/1 of 9 sites/])
    t.same(complete.card.provenance.sites, [0, 1, 3, 4, 5, 6, 7, 8].map((j) => `n${j}`))
    const each = trials().map((x, k) => (Math.floor(k / 36) === Math.floor(k / 4) % 9 ? NaN : x)) // site j never saw stimulus j
    const allMiss = { kind: 'responses', dataset: (await addRdmDataset(t, context, { name: 'each', responses: each })).id }
    await t.rejects(make({ of: { ...allMiss, missing: 'completeSites' } }), { code: 'choose-sites', message: /leaves nothing/ })
    t.strictSame((await make({ of: { ...allMiss, missing: 'sharedStimuli' } })).card.labels, ['s09', 's10', 's11'])
    const once = { kind: 'responses', dataset: (await addRdmDataset(t, context, { name: 'once', responses: trials().fill(NaN, 1, 4) })).id }
    await t.rejects(make({ of: once, distance: 'crossnobis' }), { code: 'invalid-value', message: /fewer than 2 repetitions/ })
  })

  await t.test('a pattern that does not vary has no distance', async (t) => {
    const flat = trials().map((x, k) => (Math.floor(k / 36) === 3 ? 7 : x)) // all sites answer s03 alike
    const made = await make({ of: { kind: 'responses', dataset: (await addRdmDataset(t, context, { name: 'flat', responses: flat })).id, zscore: false } })
    t.equal(made.card.undefinedPairs, 11)
    t.match(made.card.warnings, [/11 of 66 pairs have no value: the patterns of s03 do not vary/])
    const chunks: Uint8Array[] = []
    for await (const chunk of encodeRdmFile(made)) chunks.push(chunk)
    const { rdm, percentiles, animals, images, labels } = await decodeRdmFile(Buffer.concat(chunks))
    t.strictSame({ rdm, percentiles, animals, images, labels }, { rdm: made.rdm, percentiles: made.percentiles, animals: made.animals, images: made.images, labels: made.card.labels }, 'what is stored is read again')
  })

  await t.test('held-out predictions: those of a stimulus averaged, others left out', async (t) => {
    const manifest = await readManifest(context, await getDataset(context.db, dataset))
    const splits = [[0, 3, 5], [5, 2, 9]].map((test) => ({ train: new Int32Array(0), test: Int32Array.from(test) }))
    const predictions = gauss('predictions', 54)
    const folds = splits.map(({ test }, f) => ({ test, predictions: { rows: 3, cols: 9, data: predictions.slice(27 * f, 27 * (f + 1)) } }))
    const Y = { rows: 12, cols: 9, data: new Float64Array(108) }
    const stored = await storePredictions(context, manifest, { sites: manifest.sites, Y } as Population, { splits } as Division, [{ scores: { layer: 'pixels' }, folds } as unknown as LayerResult])
    const request = JSON.stringify(someRequest(dataset))
    const [{ sha256 }] = [await context.blobs.put(Buffer.from('{}'))]
    await context.db.query("INSERT INTO fits (id, owner, dataset, backbone, request, status, job, scores, predictions) VALUES ('f', 'local', $1, 'pixels', $2, 'succeeded', gen_random_uuid(), $3, $4)", [dataset, request, sha256, JSON.stringify(stored)])
    const { card, rdm, summary } = await make({ of: { kind: 'predicted', fit: 'f', layer: 'pixels', zscore: false }, distance: 'euclidean' })
    t.match(summary, { kind: 'predicted', n: 5 })
    t.strictSame(card.labels, ['s00', 's02', 's03', 's05', 's09'])
    t.match(card, { animals: [], warnings: [/7 of 12 stimuli are left out: no split/], provenance: { fit: 'f', layer: 'pixels', dataset: { id: dataset } } })
    const row = (k: number): number[] => Array.from(predictions.subarray(9 * k, 9 * k + 9))
    const s05 = row(2).map((x, j) => (x + row(3)[j]) / 2)
    const patterns = [row(0), row(4), row(1), s05, row(5)]
    const expected = patterns.flatMap((a, i) => patterns.slice(i + 1).map((b) => Math.hypot(...a.map((x, j) => x - b[j]))))
    sameNumbers(t, rdm.values, expected, 1e-12, 'distances of mean predictions')
    await t.rejects(make({ of: { kind: 'predicted', fit: 'f', layer: 'conv1' } }), { code: 'unknown-layer' })
    await t.rejects(make({ of: { kind: 'predicted', fit: 'f', layer: 'pixels' }, distance: 'crossnobis' }), { code: 'invalid-value' })
  })

  await t.test('activations from elsewhere', async (t) => {
    const X = { rows: 12, cols: 7, data: gauss('elsewhere', 84) }
    const bytes = await encodeNpz({ late: encodeNpy(X.data, [12, 7]), stimulus_id: encodeNpy(stimulusIds, [12]) })
    const file = path.join(temporaryFolder(t), 'mine.npz')
    fs.writeFileSync(file, bytes)
    const stored = await putActivations(context, { name: 'mine', dataset, rows: null, file: { path: file, sha256: createHash('sha256').update(bytes).digest('hex') }, source: 'mine.npz' })
    const of = { kind: 'activations', dataset, backbone: 'activations:mine', layer: 'late' }
    await checkSource(context, of, '/of')
    const { rdm, card } = await make({ of })
    sameNumbers(t, rdm.values, Array.from((await rdmOf(X, 'pearson', products)).values), 1e-10, 'pearson')
    t.match(card, { of: { weights: `sha256:${stored.sha256}` }, provenance: { units: 7 } })
    t.strictSame((await requestPerLayer(context, { of: { ...of, layer: undefined, layers: 'all' } }))!.map((request) => request.of), [{ ...of, weights: 'pretrained', seed: 0, pooling: 'none' }])
    await t.rejects(checkSource(context, { ...of, weights: 'random' }, '/of'), { code: 'invalid-value', errors: [{ pointer: '/of/weights' }] })
    await t.rejects(checkSource(context, { ...of, layer: 'early' }, '/of'), { code: 'unknown-layer' })
    await t.rejects(checkSource(context, { ...of, backbone: 'activations:other' }, '/of'), { code: 'unknown-backbone' })
    await t.rejects(requestPerLayer(context, { of: { ...of, layers: ['late'] } }), { code: 'invalid-value', errors: [{ pointer: '/of/layers' }] })
    await t.rejects(requestPerLayer(context, { of: { ...of, layer: undefined, layers: [] } }), { code: 'invalid-value' })
  })

  await t.test('responses that fits take normalised per session are so here', async (t) => {
    const normalised = await addRdmDataset(t, context, { name: 'by session', fields: { normalise: 'zscore', sessionColumn: 'object_name' } })
    const { rdm, card } = await make({ of: { kind: 'responses', dataset: normalised.id, zscore: false }, distance: 'euclidean' })
    const mean = Float64Array.from({ length: 108 }, (_, cell) => trials().subarray(4 * cell, 4 * cell + 4).reduce((a, b) => a + b, 0) / 4)
    const session = (k: number): number[] => [0, 4, 8].map((step) => mean[(((Math.floor(k / 9) % 4) + step) * 9 + (k % 9))])
    const patterns = mean.map((y, k) => {
      const [a, b, c] = session(k)
      const middle = (a + b + c) / 3
      return (y - middle) / Math.sqrt(((a - middle) ** 2 + (b - middle) ** 2 + (c - middle) ** 2) / 3)
    })
    sameNumbers(t, rdm.values, Array.from((await rdmOf({ rows: 12, cols: 9, data: patterns }, 'euclidean', products)).values), 1e-10, 'euclidean')
    t.match(card.provenance, { unit: 'zscore', normalise: { method: 'zscore', sessionColumn: 'object_name' } })
  })

  await t.test('what cannot be is refused by name', async (t) => {
    const refused = (request: RdmRequest, expected: { code: string; message?: RegExp; errors?: object[] }): Promise<unknown> => t.rejects(make(request), expected, JSON.stringify(request))
    await refused({ of: { kind: 'rates', dataset } }, { code: 'invalid-value', errors: [{ pointer: '/of/kind' }] })
    await refused({ of: { ...responses, layer: 'pixels' } }, { code: 'unknown-field', errors: [{ pointer: '/of/layer' }] })
    await refused({ of: { ...pixels, zscore: true } }, { code: 'unknown-field', errors: [{ pointer: '/of/zscore' }] })
    await refused({ of: { ...responses, missing: 'guess' } }, { code: 'invalid-value', errors: [{ pointer: '/of/missing' }] })
    await refused({ of: { kind: 'activations', dataset, backbone: 'pixels' } }, { code: 'missing-field', errors: [{ pointer: '/of/layer' }] })
    await refused({ of: { ...pixels, layer: 'conv1' } }, { code: 'unknown-layer' })
    await refused({ of: { ...pixels, backbone: 'alexnet', layer: 'features.0' } }, { code: 'weights-missing' })
    await refused({ of: pixels, distance: 'crossnobis' }, { code: 'invalid-value', message: /repetitions/ })
    await refused({ of: responses, noise: 'full' }, { code: 'invalid-value', errors: [{ pointer: '/noise' }] })
    await refused({ of: responses, by: 'colour' }, { code: 'invalid-value', message: /object_name/ })
    await refused({ of: responses, by: 'region' }, { code: 'invalid-value', errors: [{ pointer: '/by' }] })
    await refused({ of: { ...responses, dataset: 'none' } }, { code: 'not-found' })
    await refused({ of: { ...responses, sites: { ids: ['n0'] } } }, { code: 'choose-sites', message: /one site/ })
    await refused({ of: { kind: 'predicted', fit: 'none', layer: 'pixels' } }, { code: 'not-found' })
  })
})

import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { FitRequest } from '../../src/domain/fit.ts'
import type { FitScores } from '../../src/domain/fit-scores.ts'
import { decodeNpz } from '../../src/numerics/npz.ts'
import { decodeNpy, encodeNpy } from '../../src/numerics/npy.ts'
import { writeActivations } from '../../src/pipeline/activations.ts'
import { createEncoder } from '../../src/pipeline/encoders.ts'
import { estimateFit } from '../../src/pipeline/estimate.ts'
import { createFit, resolveRequest } from '../../src/pipeline/fits.ts'
import { deleteActivations, putActivations } from '../../src/pipeline/stored-activations.ts'
import { gauss } from '../helper/generator.ts'
import { openTestContext, temporaryFolder } from '../helper/home.ts'
import { zipBytes } from '../datasets/fixtures.ts'
import { noisePng, stimulusName } from './fixtures.ts'
import { addRecording, runRequest } from './run-fit.ts'

const context = await openTestContext(t)
const [n, m] = [32, 3]
const images = Array.from({ length: n }, (_, i) => noisePng(`stored fit ${i}`))
const ids = images.map((_, i) => path.parse(stimulusName(i)).name)
const { id: dataset } = await addRecording(context, temporaryFolder(t), { images, responses: gauss('rates', n * m), shape: [n, m], metadata: { object_name: (i) => `o${i % 4}` } })
const folder = temporaryFolder(t)
const plain = { split: { scheme: 'kfold', folds: 4 }, mapping: { method: 'ridge', alphas: [1e-3, 0.1, 10], inner: { folds: 3 } } } satisfies Partial<FitRequest>

const put = async (name: string, arrays: Record<string, Uint8Array>, of = dataset) => {
  const work = fs.mkdtempSync(path.join(folder, 'put-'))
  const bytes = await zipBytes(Object.entries({ ...arrays, stimulus_id: encodeNpy(ids, [n]) }).map(([key, npy]) => [`${key}.npy`, npy] as const), { compress: false })
  const file = path.join(work, 'activations')
  fs.writeFileSync(file, bytes)
  return putActivations(context, { name, dataset: of, rows: null, file: { path: file, sha256: createHash('sha256').update(bytes).digest('hex') }, source: 'x.npz' })
}
const layersOf = (folder: string, names: string[]): Record<string, Uint8Array> => Object.fromEntries(names.map((layer) => [layer, fs.readFileSync(path.join(folder, `${layer}.npy`))]))
/** All that the numbers of a fit are: what it rests on is said differently. */
const numbers = ({ layers, generalisation, bestLayer, ceiling }: FitScores) => ({ layers, generalisation, bestLayer, ceiling })

await t.test('activations of a backbone, stored and fitted, score as the backbone itself', async (t) => {
  const stimuli = path.join(folder, 'stimuli')
  fs.mkdirSync(stimuli)
  images.forEach((bytes, i) => fs.writeFileSync(path.join(stimuli, stimulusName(i)), bytes))
  const layers = ['features.2', 'features.5']
  const network = { backbone: 'squeezenet1_1', weights: 'random' as const, seed: 3, layers }
  const written = async (name: string, pooling: FitRequest['pooling']): Promise<Record<string, Uint8Array>> => {
    await writeActivations(context, { ...network, input: stimuli, out: path.join(folder, name), pooling })
    return layersOf(path.join(folder, name), layers)
  }
  const version = await put('squeeze', await written('pooled', { grid: 3 }))
  t.match(version.layers, [{ name: 'features.2', shape: [64, 3, 3], type: 'f4' }, { name: 'features.5' }])
  const own = await runRequest(context, { ...plain, dataset, ...network, pooling: { grid: 3 }, encoder: 'none' })
  const stored = await runRequest(context, { ...plain, dataset, backbone: 'activations:squeeze' })
  t.same(numbers(stored.scores), numbers(own.scores), 'the same numbers to the last digit')
  const [a, b] = await Promise.all([own, stored].map(async ({ predictions }) => decodeNpy((await decodeNpz(await context.blobs.read(predictions['features.5']), 'x')).get('prediction')!, 'x')))
  t.same(a.data, b.data)
  t.equal(stored.encoder, null)
  t.match(stored.scores.provenance, { backbone: 'activations:squeeze', weights: `sha256:${version.sha256}`, preprocessing: null, pooling: 'none' })
  t.notMatch(stored.scores.warnings.join(), /fill the input/)

  await put('whole', await written('whole', 'none'))
  const pooled = await runRequest(context, { ...plain, dataset, backbone: 'activations:whole', pooling: { grid: 3 } })
  for (const [k, { sites, units }] of pooled.scores.layers.entries()) {
    t.equal(units, own.scores.layers[k].units)
    for (const [j, { r }] of sites.entries()) t.ok(Math.abs(r! - own.scores.layers[k].sites[j].r!) < 1e-5, 'pooled here as the backbone pools, but for the rounding of float32')
  }
})

await t.test('float64 is fitted as float64', async (t) => {
  // Two copies of a unit differ in the 10th digit: in float32 they would be one.
  const p = 5000
  const X = gauss('wide', n * p)
  const shifted = X.map((x) => 1e6 + x * 1e-3)
  await put('wide', { activations: encodeNpy(shifted, [n, p]) })
  await put('plain', { activations: encodeNpy(X, [n, p]) })
  const mapping: FitRequest['mapping'] = { method: 'ridge', alphas: [0.01, 1, 100], inner: { folds: 3 } }
  const [moved, still] = [await runRequest(context, { ...plain, mapping, dataset, backbone: 'activations:wide' }), await runRequest(context, { ...plain, mapping, dataset, backbone: 'activations:plain' })]
  for (const [j, { r }] of moved.scores.layers[0].sites.entries()) t.ok(Math.abs(r! - still.scores.layers[0].sites[j].r!) < 1e-5, 'a shift and a scale change nothing')
})

await t.test('every mapping, split and control that makes sense, and a network beside', async (t) => {
  const backbone = 'activations:plain'
  for (const mapping of [{ method: 'linear' }, { method: 'pls', components: 3 }, { method: 'ridge', pca: 5 }]) {
    const { scores } = await runRequest(context, { ...plain, mapping: { ...mapping, inner: { folds: 3 } }, dataset, backbone, alsoBy: [] })
    t.ok(scores.layers[0].correlation.median !== null, mapping.method)
  }
  const grouped = await runRequest(context, { ...plain, dataset, backbone, split: { scheme: 'leaveonegroupout', by: 'object_name' }, controls: [{ name: 'pixels', pooling: { grid: 2 } }] })
  t.equal(grouped.scores.controls.pixels!.layers[0].units, 12)
  const beside = await runRequest(context, { ...plain, dataset, backbone: 'pixels', pooling: { grid: 2 }, alongside: [{ backbone }], alsoBy: [], encoder: 'best' })
  t.same(beside.scores.layers.map(({ layer }) => layer), ['pixels', 'activations:plain:activations'])
  if (beside.scores.bestLayer!.layer !== 'pixels') t.match(beside.scores.warnings.at(-1), /No encoder: activations:plain:activations/)
  t.equal(beside.encoder === null, beside.scores.bestLayer!.layer !== 'pixels')
  const estimate = await estimateFit({ ...context, config: { ...context.config, spillBytes: 1 } }, { ...plain, dataset, backbone })
  t.match(estimate, { fits: true, warnings: [] }, 'no spill is needed')
  await t.rejects(createEncoder(context, { fit: grouped.id, layer: 'activations' }), { code: 'fit-not-finished' })
})

await t.test('a fit pins its version, and keeps it', async (t) => {
  const start = (request: Partial<FitRequest>) => createFit(context, { ...plain, dataset, backbone: 'activations:versions', ...request }, { owner: 'local', idempotency: null })
  const first = await put('versions', { a: encodeNpy(gauss('v1', n * 4), [n, 4]), b: encodeNpy(gauss('v2', n * 4), [n, 4]) })
  const { body } = (await start({})) as { body: { id: string; request: FitRequest } }
  t.match(body.request, { backbone: 'activations:versions', weights: `sha256:${first.sha256}`, layers: ['a', 'b'], encoder: 'none', pooling: 'none' })
  const second = await put('versions', { a: encodeNpy(gauss('v3', n * 4), [n, 4]) })
  t.match(((await start({})) as { body: object }).body, { request: { weights: `sha256:${second.sha256}`, layers: ['a'] } })
  t.match(await resolveRequest(context, { ...body.request }), body.request, 'what was resolved can be sent again')
  await t.rejects(deleteActivations(context, 'versions'), { code: 'activations-in-use' })
})

await t.test('what has no meaning for activations from elsewhere is refused', async (t) => {
  const other = await addRecording(context, temporaryFolder(t), { images: images.slice(0, 8), responses: gauss('other', 8 * m), shape: [8, m] })
  const refused: [Partial<FitRequest>, string, RegExp, string][] = [
    [{ weights: 'random' }, 'invalid-value', /no network here/, '/weights'],
    [{ weights: 'pretrained' }, 'invalid-value', /no network here/, '/weights'],
    [{ weights: `sha256:${'0'.repeat(64)}` }, 'unknown-backbone', /no version/, '/weights'],
    [{ seed: 3 }, 'invalid-value', /seed means nothing/, '/seed'],
    [{ pooling: { grid: 2 } }, 'invalid-value', /without a height and a width/, '/pooling'],
    [{ layers: ['conv1'] }, 'unknown-layer', /they have activations/, '/layers'],
    [{ encoder: 'best' }, 'invalid-value', /No encoder can be made/, '/encoder'],
    [{ encoder: 'activations' }, 'invalid-value', /No encoder can be made/, '/encoder'],
    [{ controls: ['random'] }, 'invalid-value', /made random/, '/controls/0'],
    [{ backbone: 'activations:none' }, 'unknown-backbone', /no activations "none"/, '/backbone'],
    [{ dataset: other.id }, 'unknown-backbone', new RegExp(`belong to dataset ${dataset}`), '/backbone'],
    [{ backbone: 'pixels', alongside: [{ backbone: 'activations:none' }] }, 'unknown-backbone', /none/, '/alongside/0/backbone'],
    [{ backbone: 'pixels', alongside: [{ backbone: 'activations:plain' }], encoder: 'activations:plain:activations' }, 'invalid-value', /No encoder can be made/, '/encoder'],
  ]
  for (const [change, code, message, pointer] of refused)
    await t.rejects(resolveRequest(context, { ...plain, dataset, backbone: 'activations:plain', ...change }), { code, message, errors: [{ pointer }] }, JSON.stringify(change))
})

await t.test('stored activations in primal form, reduced as those of a network', async (t) => {
  const layers = ['features.2', 'features.5']
  const reduced = { ...plain, mapping: { method: 'ridge', alphas: [1e-3, 0.1, 10] }, dataset, reduction: { dimensions: 50 }, alsoBy: [] }
  const own = await runRequest(context, { ...reduced, backbone: 'squeezenet1_1', weights: 'random', seed: 3, layers, pooling: { grid: 3 }, encoder: 'none' })
  const stored = await runRequest(context, { ...reduced, backbone: 'activations:squeeze' })
  t.same(numbers(stored.scores), numbers(own.scores))
})

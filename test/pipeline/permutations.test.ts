import fs from 'node:fs'
import t from 'tap'
import type { DatasetSummary } from '../../src/domain/dataset.ts'
import type { FitRequest } from '../../src/domain/fit.ts'
import type { FitScores } from '../../src/domain/fit-scores.ts'
import { readNpyFile } from '../../src/numerics/npy.ts'
import { writeActivations } from '../../src/pipeline/activations.ts'
import { importDataset } from '../../src/pipeline/datasets.ts'
import { runFit } from '../../src/pipeline/fit.ts'
import { resolveRequest } from '../../src/pipeline/fits.ts'
import { exchangeBlocks, exchangeColumns } from '../../src/pipeline/resolve-permutations.ts'
import { divide } from '../../src/pipeline/condition.ts'
import { newId } from '../../src/storage/ids.ts'
import { insertFit } from '../../src/storage/repositories/fits.ts'
import { gauss } from '../helper/generator.ts'
import { openTestContext, temporaryFolder } from '../helper/home.ts'
import { manifestOf, noisePng, resolved, writeUpload } from './fixtures.ts'

t.test('what a request may ask for', async (t) => {
  t.notOk('permutations' in resolved({}))
  t.strictSame(resolved({ permutations: {} }).permutations, { count: 1000, seed: 0 })
  for (const [request, refusal] of [
    [{ permutations: { count: 0 } }, { code: 'invalid-value', errors: [{ pointer: '/permutations/count' }] }],
    [{ permutations: {}, mapping: { method: 'pls' } }, { code: 'invalid-value', message: /"pls" would have to be fitted anew/ }],
    [{ permutations: {}, mapping: { method: 'ridge', pca: { components: 3, fitOn: 'all' } } }, { code: 'invalid-value', message: /components rest on all stimuli/ }],
  ] as const)
    t.throws(() => resolved(request), refusal)
})

t.test('stimuli are exchanged within session and group', async (t) => {
  const manifest = manifestOf({ stimuli: 12, metadata: (row) => ({ session: `s${row % 2}`, object_name: `o${row % 3}` }), groupingColumns: ['session', 'object_name'] })
  const plain = resolved({ split: { scheme: 'kfold', folds: 3 } }, manifest)
  const grouped = resolved({ split: { scheme: 'leaveonegroupout', by: 'object_name' } }, manifest)
  t.strictSame([exchangeColumns(manifest, plain), exchangeColumns(manifest, grouped), exchangeColumns(manifestOf(), plain)], [['session'], ['session', 'object_name'], []])
  t.equal(new Set(exchangeBlocks(manifest, grouped, divide(grouped.split, manifest, grouped))).size, 6)
})

t.test('a fit with permutations', async (t) => {
  const context = await openTestContext(t)
  const [n, m] = [40, 3]
  const images = Array.from({ length: n }, (_, i) => noisePng(`permuted ${i}`))
  // Sites that answer to the brightness of the image's channels, the last to nothing.
  const noise = gauss('permutations:b', n * m)
  const upload = async (responses: Float64Array): Promise<string> =>
    ((await importDataset(context, { files: await writeUpload(temporaryFolder(t), { images, responses, shape: [n, m] }), fields: { region: 'IT', unit: 'other', axes: 'stimulus,site' }, owner: 'local', idempotency: null })).body as DatasetSummary).id
  const request = (dataset: string): FitRequest => ({ dataset, backbone: 'pixels', pooling: { grid: 1 }, mapping: { method: 'ridge', alphas: [1e-3, 1] }, split: { scheme: 'kfold', folds: 4 }, encoder: 'none' })
  const run = async (body: FitRequest): Promise<FitScores> => {
    const row = await context.db.transaction(async (tx) => insertFit(tx, { id: newId(), owner: 'local', request: await resolveRequest(context, body) }))
    return JSON.parse((await context.blobs.read((await runFit(context, row.id, { onProgress: () => undefined })).scores)).toString()) as FitScores
  }
  const first = await upload(noise)
  const [input, out] = [temporaryFolder(t), temporaryFolder(t)]
  images.forEach((image, i) => fs.writeFileSync(`${input}/${String(i).padStart(3, '0')}.png`, image))
  await writeActivations(context, { input, backbone: 'pixels', weights: 'random', layers: ['pixels'], pooling: { grid: 1 }, out })
  const { data } = await readNpyFile(`${out}/pixels.npy`)
  const mean = (k: number): number => Array.from({ length: n }, (_, i) => data[3 * i + k]).reduce((a, b) => a + b) / n
  const sd = (k: number): number => Math.sqrt(Array.from({ length: n }, (_, i) => (data[3 * i + k] - mean(k)) ** 2).reduce((a, b) => a + b) / n)
  const related = noise.map((e, at) => (at % m < 2 ? (data[3 * Math.floor(at / m) + (at % m)] - mean(at % m)) / sd(at % m) + 0.5 * e : e))
  const dataset = await upload(related)

  const without = await run(request(dataset))
  const { permutation, ...others } = await run({ ...request(dataset), permutations: { count: 99, seed: 3 } })
  t.notOk('permutation' in without)
  t.same([others.layers, others.bestLayer], [without.layers, without.bestLayer], 'all else is as it was')
  t.match(permutation, { count: 99, seed: 3, statistic: 'correlation', within: [], pOfMaximum: 0.01 })
  const [{ layer, sites }] = permutation!.layers
  t.equal(layer, 'pixels')
  t.same(sites.map(({ id }) => id), others.layers[0].sites.map(({ id }) => id))
  t.same(sites.slice(0, 2).map(({ p, uncorrected }) => [p, uncorrected]), [[0.01, 0.01], [0.01, 0.01]])
  t.ok(sites[2].p! > 0.1 && sites[2].p! >= sites[2].uncorrected!)
  t.same((await run({ ...request(dataset), permutations: { count: 99, seed: 3 } })).permutation, permutation, 'the same seed, the same p')
  t.ok((await run({ ...request(first), permutations: { count: 99 } })).permutation!.pOfMaximum! > 0.05, 'nothing where there is nothing')
})

import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { readMat5 } from '../../../src/datasets/mat5/mat5.ts'
import { numericArrays } from '../../../src/datasets/mat5/select.ts'
import { sourceFile } from '../../../src/datasets/source-file.ts'
import type { DatasetSummary } from '../../../src/domain/dataset.ts'
import type { RdmView } from '../../../src/domain/rdm.ts'
import { createLinearAlgebra } from '../../../src/numerics/linear-algebra.ts'
import { encodeNpy } from '../../../src/numerics/npy.ts'
import { createProducts } from '../../../src/numerics/products.ts'
import { addWeights } from '../../../src/pipeline/backbones.ts'
import { importDataset } from '../../../src/pipeline/datasets.ts'
import { compareStored, resolveComparison } from '../../../src/pipeline/rdms/compare-rdms.ts'
import { readGiven } from '../../../src/pipeline/rdms/given-rdm.ts'
import { requestPerLayer } from '../../../src/pipeline/rdms/layers-of.ts'
import { makeRdms } from '../../../src/pipeline/rdms/make-rdms.ts'
import { storeRdms } from '../../../src/pipeline/rdms/store-rdms.ts'
import { zipBytes } from '../../datasets/fixtures.ts'
import { sameNumbers } from '../../encoding/reference.ts'
import { openTestContext, temporaryFolder } from '../../helper/home.ts'
import { needs, shared } from '../../helper/shared.ts'
import { colourType, png } from '../../models/preprocess/image-builder.ts'

const folder = ['data', 'neural', 'kriegeskorte-2008']
const reference = JSON.parse(fs.readFileSync(path.resolve(import.meta.dirname, '../../reference/rdm/kriegeskorte.json'), 'utf8')) as {
  monkey_human: Record<'spearman' | 'pearson' | 'kendall', number>
  monkey_each_human: number[]
  ceiling: { lower: number; upper: number }
  monkey_percentiles: number[]
}

/** The 92 images out of the supplement's MAT-file, 175 x 175 x 3 column by column, as PNG files. */
const images = (file: string): [string, Buffer][] => {
  const found = [...numericArrays(readMat5(fs.readFileSync(file), 'supplement'))].filter((array) => array.path.endsWith('.image'))
  return found.map(({ value }, i) => {
    const [side, data] = [175, value.data()]
    const rows = Array.from({ length: side }, (_, y) => [0, ...Array.from({ length: 3 * side }, (_, k) => data[y + side * Math.floor(k / 3) + side * side * (k % 3)])]).flat()
    return [`s${String(i).padStart(2, '0')}.png`, png({ width: side, height: side, depth: 8, type: colourType.rgb, rows })]
  })
}

t.test('monkey IT, human IT and layers of a network on the 92 objects', needs(...folder), async (t) => {
  const context = await openTestContext(t)
  const products = await createProducts({ threads: 1 })
  t.teardown(() => products.close())
  const work = { products, tools: { la: await createLinearAlgebra(), products }, folder: context.home.folders.tmp }
  const [supplement, brains] = ['Kriegeskorte_Neuron2008_supplementalData.mat', '92_brainRDMs.mat'].map((name) => sourceFile(shared(...folder, name)))
  const at = (name: string): string => path.join(uploads, name)
  const uploads = temporaryFolder(t)
  fs.writeFileSync(at('stimuli.zip'), await zipBytes(images(supplement.path)))
  fs.writeFileSync(at('responses.npy'), encodeNpy(Float64Array.from({ length: 184 }, (_, k) => k % 7), [92, 2])) // the recordings themselves are not public
  const files = { stimuli: at('stimuli.zip'), responses: at('responses.npy') }
  const dataset = ((await importDataset(context, { files, fields: { name: '92 objects', axes: 'stimulus,site', unit: 'other' }, owner: 'local', idempotency: null })).body as DatasetSummary).id
  const add = async (file: typeof brains, variable: string, name: string): Promise<RdmView> =>
    (await storeRdms(context, [await readGiven(context, { file, labels: null, dataset, variable, by: 'stimulus', distance: '1 - Pearson', name })], { owner: 'local' }))[0]
  const compare = (a: string | string[], b: string[], comparison?: 'spearman' | 'pearson' | 'kendall') => compareStored(context, resolveComparison({ a, b, comparison, draws: 200 }), work)
  const monkey = await add(supplement, 'RDMs_mIT_hIT_fig1(1).RDM', 'monkey IT')
  const human = await add(supplement, 'RDMs_mIT_hIT_fig1(2).RDM', 'human IT')
  const humans = await Promise.all([1, 2, 3, 4].map((k) => add(brains, `RDMs(1,${k},1).RDM`, `human ${k}`)))
  t.match(monkey, { kind: 'given', n: 92, distance: '1 - Pearson', provenance: { variable: 'RDMs_mIT_hIT_fig1(1).RDM', dataset: { id: dataset } } })

  await t.test('given RDMs, equal to SciPy', async (t) => {
    for (const comparison of ['spearman', 'pearson', 'kendall'] as const) {
      const { results, ceiling } = await compare(monkey.id, [human.id], comparison)
      sameNumbers(t, [results[0].value], [reference.monkey_human[comparison]], 1e-10, comparison)
      t.ok(results[0].interval![0] > 0.2 && results[0].interval![1] < 0.8, 'its interval')
      t.match(ceiling, { method: null, reason: /no repetitions/ })
    }
    const { results: [{ value, animals }], ceiling } = await compare(humans.map(({ id }) => id), [monkey.id])
    sameNumbers(t, animals!.each.map((animal) => animal.value), reference.monkey_each_human, 1e-10, 'each human')
    sameNumbers(t, [value], [reference.monkey_each_human.reduce((a, b) => a + b, 0) / 4], 1e-10, 'their mean')
    t.match(ceiling, { method: 'leave-one-animal-out', of: 'value', animals: 4 })
    const { lower, upper } = ceiling as { lower: number; upper: number }
    sameNumbers(t, [lower, upper], [reference.ceiling.lower, reference.ceiling.upper], 1e-10, 'ceiling over humans')
    const { percentiles } = await readGiven(context, { file: supplement, labels: null, dataset, variable: 'RDMs_mIT_hIT_fig1(1).RDM', by: 'stimulus', distance: '', name: null })
    sameNumbers(t, percentiles.values.subarray(0, 10), reference.monkey_percentiles, 1e-10, 'percentiles')
  })

  await t.test('layers of SqueezeNet, in one pass', needs('data', 'weights', 'squeezenet1_1.pth'), async (t) => {
    await addWeights(context, 'squeezenet1_1', shared('data', 'weights', 'squeezenet1_1.pth'), { source: 'shared' })
    const requests = await requestPerLayer(context, { of: { kind: 'activations', dataset, backbone: 'squeezenet1_1', layers: ['features.2', 'features.12'] } })
    const layers = await storeRdms(context, await makeRdms(context, requests!, work), { owner: 'local' })
    t.strictSame(layers.map(({ name }) => name), ['squeezenet1_1 features.2 for 92 objects', 'squeezenet1_1 features.12 for 92 objects'])
    t.match(layers[0].of, { weights: /^sha256:/ })
    const { results: [early, late], differences } = await compare(monkey.id, layers.map(({ id }) => id))
    t.comment(`Spearman with monkey IT: features.2 ${early.value} ${String(early.interval)}, features.12 ${late.value} ${String(late.interval)}`)
    t.ok(late.value! > early.value! && late.interval![0] > 0, 'the late layer is nearer to IT than the early one, and nearer than chance')
    t.equal(differences[0].difference, early.value! - late.value!)
    t.ok(differences[0].interval![1] < 0, 'by more than the draws of stimuli tell')
    t.same(fs.readdirSync(context.home.folders.tmp), [])
  })
})

import t from 'tap'
import type { CkaReport, RdmComparisonReport, RdmView } from '../../src/domain/rdm.ts'
import { encodeNpy } from '../../src/numerics/npy.ts'
import { deleteDataset } from '../../src/pipeline/datasets.ts'
import { sameNumbers } from '../encoding/reference.ts'
import { addRdmDataset, rdmReference, stimulusIds } from '../helper/rdm-dataset.ts'
import { post, postForm, startRdmService } from '../helper/rdm-service.ts'

t.test('comparisons of RDMs over HTTP', async (t) => {
  const service = await startRdmService(t)
  const { context } = service
  const dataset = (await addRdmDataset(t, context)).id
  const order = [7, 3, 11, 0, 9, 5, 1, 10, 2, 8, 4, 6]
  const shuffled = (await addRdmDataset(t, context, { name: 'shuffled', order, animals: 'aaaaaaaaa' })).id
  const ofPixels = (id: string) => ({ kind: 'activations', dataset: id, backbone: 'pixels', layer: 'pixels', pooling: { grid: 28 } })
  const make = async (body: object): Promise<RdmView> => (await post<RdmView>(service, '/rdms', body)).body
  const compare = async (body: object): Promise<RdmComparisonReport> => (await post<RdmComparisonReport>(service, '/rdms/compare', body)).body
  const neurons = await make({ of: { kind: 'responses', dataset } })
  const oneAnimal = await make({ of: { kind: 'responses', dataset: shuffled } })
  const pixels = await make({ of: ofPixels(dataset) })
  const pixelsAgain = await make({ of: ofPixels(shuffled), name: 'pixels, in another order' })

  await t.test('equal to SciPy, rows aligned by stimulus, each animal beside the whole', async (t) => {
    for (const comparison of ['spearman', 'pearson', 'kendall'] as const) {
      const report = await compare({ a: neurons.id, b: [pixels.id, pixelsAgain.id], comparison, draws: 100, seed: 3 })
      sameNumbers(t, report.results.map(({ value }) => value), [rdmReference.compare[comparison], rdmReference.compare[comparison]], comparison === 'pearson' ? 1e-6 : 1e-10, comparison) // pixels are float32; ranks are exact
      t.match(report, { n: 12, by: 'stimulus', a: [{ id: neurons.id }], results: [{ kind: 'activations', pairs: 66, reason: null }, { name: 'pixels, in another order' }], warnings: [], bootstrap: { draws: 100, seed: 3, method: /left out/ } })
      const [{ interval, value }, again] = report.results
      t.ok(interval![0] < value! && value! < interval![1])
      sameNumbers(t, again.interval!, interval!, 1e-12, 'the same draws for all')
      sameNumbers(t, [report.differences[0].difference], [0], 1e-12, 'no difference between equal RDMs')
      if (comparison !== 'spearman') continue
      sameNumbers(t, report.results[0].animals!.each.map((animal) => animal.value), rdmReference.compare.animals, 1e-10, 'each animal')
      t.strictSame(report.results[0].animals!.each.map(({ animal }) => animal), ['a', 'b', 'c'])
      t.match(report.ceiling, { method: 'leave-one-animal-out', of: 'animals.mean', animals: 3 })
      const { lower, upper } = report.ceiling as { lower: number; upper: number }
      sameNumbers(t, [lower, upper], [rdmReference.compare.lower, rdmReference.compare.upper], 1e-10, 'ceiling')
    }
  })

  await t.test('an RDM is itself, whatever its order; with one animal the repetitions tell the ceiling', async (t) => {
    const { results, ceiling } = await compare({ a: oneAnimal.id, b: [neurons.id], draws: 0 })
    sameNumbers(t, [results[0].value], [1], 1e-12, 'the same responses')
    t.match(results[0], { interval: null, animals: null })
    t.match(ceiling, { method: 'split-half', draws: 100, stimuli: 12 })
    const { reliability, sqrtReliability } = ceiling as { reliability: number; sqrtReliability: number }
    t.ok(reliability > 0.4 && reliability < 1)
    sameNumbers(t, [sqrtReliability ** 2], [reliability], 1e-12, 'root')
    const byObject = [await make({ of: { kind: 'responses', dataset: shuffled }, by: 'object_name' }), await make({ of: ofPixels(dataset), by: 'object_name' })]
    t.match(await compare({ a: byObject[0].id, b: [byObject[1].id], draws: 0 }), { by: 'object_name', n: 4, ceiling: { method: 'split-half', stimuli: 12 }, bootstrap: null, differences: [] })
    await deleteDataset(context, shuffled)
    t.match((await compare({ a: oneAnimal.id, b: [pixels.id], draws: 10 })).ceiling, { method: null, reason: /deleted/ })
  })

  await t.test('other rows, other images, and what is undefined', async (t) => {
    const given = async (name: string, labels: string[], values: number[]): Promise<string> =>
      (await postForm<RdmView>(service, '/rdms', { file: { name: `${name}.npy`, bytes: encodeNpy(Float64Array.from(values), [values.length]) }, labels: { name: 'names.csv', bytes: Buffer.from(['stimulus_id', ...labels, ''].join('\n')) } })).body.id
    const few = await given('few', stimulusIds.slice(0, 4), [1, 2, 3, 4, 5, 6])
    t.match(await compare({ a: neurons.id, b: [pixels.id, few] }), { code: 'count-mismatch', detail: /RDM "few.npy".* lacks s04, s05, s06 and 5 more/, errors: [{ pointer: '/b/1' }] })
    const constant = await given('constant', stimulusIds, Array<number>(66).fill(1))
    t.match(await compare({ a: neurons.id, b: [constant], draws: 20 }), { results: [{ value: null, interval: null, reason: /does not vary/ }] })
    t.match(await compare({ a: [neurons.id, constant], b: [pixels.id], draws: 0 }), { results: [{ value: null }], ceiling: { method: null, reason: /2 animals/ } })
    t.match(await compare({ a: neurons.id, b: [] }), { code: 'invalid-value', errors: [{ pointer: '/b' }] })
    t.match(await compare({ a: neurons.id, b: [pixels.id, pixels.id] }), { code: 'invalid-value' })
    t.match(await compare({ a: 'none', b: [pixels.id] }), { code: 'not-found' })
    t.match(await compare({ a: neurons.id, b: [pixels.id], comparison: 'tau-b' }), { code: 'invalid-value' })
  })

  await t.test('linear CKA, equal to NumPy', async (t) => {
    for (const [by, key] of [['stimulus', 'by_stimulus'], ['object_name', 'by_object']] as const) {
      const { body } = await post<CkaReport>(service, '/cka', { a: { kind: 'responses', dataset }, b: ofPixels(dataset), by })
      sameNumbers(t, [body.biased, body.unbiased], [rdmReference.cka[key].biased, rdmReference.cka[key].unbiased], 1e-6, by)
      t.match(body, { by, n: by === 'stimulus' ? 12 : 4, reason: null, a: { kind: 'responses', of: { zscore: true } }, b: { kind: 'activations', provenance: { units: 2352 } }, warnings: [] })
    }
    t.match((await post(service, '/cka', { a: { kind: 'responses', dataset }, b: { kind: 'rates' } })).body, { code: 'invalid-value', errors: [{ pointer: '/b/kind' }] })
  })
})

import t from 'tap'
import type { BackboneComparisonRequest, ComparisonScores, ComparisonView } from '../../../src/domain/comparison.ts'
import type { FitScores } from '../../../src/domain/fit-scores.ts'
import { cancelComparison, comparisonScores, createComparison, deleteComparison, estimateComparison, getComparison, listComparisons } from '../../../src/pipeline/comparisons/comparisons.ts'
import { getFit, listFits } from '../../../src/pipeline/fits.ts'
import { gauss } from '../../helper/generator.ts'
import { openTestContext, temporaryFolder } from '../../helper/home.ts'
import { noisePng } from '../fixtures.ts'
import { acceptedFit, finishFit } from '../finished-fit.ts'
import { addRecording } from '../run-fit.ts'

// Two regions of three and two sites on 24 images of six objects, two repetitions.
const [n, regions] = [24, ['V4', 'V4', 'V4', 'IT', 'IT']]
const context = await openTestContext(t)
const m = regions.length
const { id: dataset } = await addRecording(context, temporaryFolder(t), {
  images: Array.from({ length: n }, (_, i) => noisePng(`compared ${i}`)),
  responses: gauss('compared', n * m * 2).map((x, at) => x + Math.floor(at / (2 * m)) % 5),
  shape: [n, m, 2],
  metadata: { object_name: (row) => `o${row % 6}` },
  sites: { site_id: (j) => `site${j}`, region: (j) => regions[j] },
  fields: { timeBinMs: '70,170' },
})

const shared = { mapping: { method: 'ridge', alphas: [0.01, 1, 100] }, split: { scheme: 'kfold', folds: 3 }, pooling: { grid: 2 } }
const weights = 'random'
const backbones: BackboneComparisonRequest['backbones'] = [{ backbone: 'pixels' }, { backbone: 'cornet_z', weights }, { backbone: 'cornet_z', weights, areas: 'name' }]
const names = ['pixels', 'cornet_z/random-0', 'cornet_z/random-0/by-name']
const request: BackboneComparisonRequest = { dataset, backbones, ...shared }
const create = async (body: BackboneComparisonRequest): Promise<ComparisonView> => (await createComparison(context, body, { owner: 'local', idempotency: null })).body as ComparisonView

t.test('a comparison', async (t) => {
  // The user has had one of the fits before, with an encoder, and without naming the region in the same words.
  const before = await acceptedFit(context, { dataset, backbone: 'pixels', ...shared, sites: { ids: ['site3', 'site4'] }, encoder: 'best' })
  const view = await create(request)
  t.match(view, { status: 'queued', progress: { done: 0, total: 6, etaSeconds: null }, request: { regions: ['V4', 'IT'] }, finishedAt: null })
  t.same(view.fits.map(({ name, region, reused }) => [name, region, reused]), ['V4', 'IT'].flatMap((region) =>
    names.map((name) => [name, region, name === 'pixels' && region === 'IT'])))
  t.equal(view.fits[3].fit, before.id, 'the same fit in other words')
  t.match((await getFit(context, view.fits[2].fit)).request, { layers: ['V4.output-t0'], sites: { region: 'V4' }, encoder: 'none' }, 'V4 by name')
  t.match((await getFit(context, view.fits[5].fit)).request, { layers: ['IT.output-t0'] })
  await t.rejects(comparisonScores(context, view.id), { code: 'fit-not-finished', message: /6 of the 6 fits/ })

  const scores = new Map<string, FitScores>()
  for (const { fit } of view.fits) scores.set(fit, await finishFit(context, fit))
  t.match(await getComparison(context, view.id), { status: 'succeeded', progress: { done: 6, total: 6, etaSeconds: 0 }, finishedAt: String })
  const result = await comparisonScores(context, view.id)

  await t.test('the table has the fits’ own scores', async (t) => {
    t.same(result.rows.map(({ fit }) => fit), view.fits.map(({ fit }) => fit))
    for (const row of result.rows) {
      const { bestLayer, generalisation, layers, ceiling, split } = scores.get(row.fit)!
      const { correlation, explainedVariance, timesChosen } = bestLayer!.nested
      t.same(row.scores[0], { split, by: null, layer: bestLayer!.layer, timesChosen, correlation, explainedVariance })
      t.match(row.scores[1], { by: 'object_name', split: generalisation.object_name.split, correlation: generalisation.object_name.bestLayer!.nested.correlation })
      t.same(row.layers.map(({ layer, units, correlation: r, explainedVariance: ev }) => [layer, units, r.median, r.interval, ev.mean]), layers.map(({ layer, units, correlation: r, explainedVariance: ev }) => [layer, units, r.median, r.interval, ev.mean]))
      t.same(row.ceiling, { method: 'analytic', median: ceiling!.median })
      t.equal(row.layer, bestLayer!.layer)
      t.ok(row.scores[0].correlation.interval !== null, 'with its interval')
      if (layers.length === 1) t.same(row.ceiled, layers[0].ceiled, 'chosen in every fold, it is ceiled like the layer')
      t.ok(row.ceiled!.rOverSqrtCeiling.median === null || row.ceiled!.rOverSqrtCeiling.interval !== null)
    }
  })

  await t.test('what is known of the networks', async (t) => {
    const [pixels, cornet, named] = result.rows
    t.match(pixels, { weights: 'none', parameters: 0, sites: 3, imageNetTop1: { value: null, reason: /no trained weights/ }, depth: { operations: 0, relative: null, reason: /no convolution/ } })
    t.match(cornet.depth, { relative: cornet.depth!.operations! / 5 })
    t.match(cornet, { weights: 'random:0:1', parameters: 2071656, imageNetTop1: { value: null, source: null, reason: 'random weights' } })
    t.same(cornet.layers.map(({ layer, area, timeStep, depth }) => [layer, area, timeStep, depth.operations, depth.of]), ['V1', 'V2', 'V4', 'IT'].map((area, k) => [`${area}.output-t0`, area, 0, k + 1, 5]))
    t.same(named.layers.map(({ layer }) => layer), ['V4.output-t0'])
    t.match(result.topOne, [{ region: 'V4', by: null, score: 'correlation.median', backbones: 0, r: null, interval: null, reason: /at least 4/ }])
    t.equal(result.topOne.length, 2 * 2 * 2, 'regions, divisions, scores')
  })

  await t.test('differences are those of the sites and of the headline numbers', async (t) => {
    t.equal(result.differences.length, 2 * 3, 'all pairs of each region')
    for (const { region, ids, correlation, explainedVariance } of result.sites) {
      t.same(ids, regions.flatMap((each, j) => (each === region ? [`site${j}`] : [])))
      // A network with one layer is chosen in every fold: its sites are the layer's own.
      const one = result.rows.find((row) => row.region === region && row.name === 'pixels')!
      const { sites } = scores.get(one.fit)!.layers[0]
      t.same([correlation.pixels, explainedVariance.pixels], [sites.map(({ r }) => r), sites.map(({ ev }) => ev)])
      for (const { a, b, sites: compared, correlation: r, explainedVariance: ev, perSite } of result.differences.filter((each) => each.region === region)) {
        const headline = (name: string) => result.rows.find((row) => row.region === region && row.name === name)!.scores[0]
        t.equal(r.difference, headline(a).correlation.median! - headline(b).correlation.median!)
        t.equal(ev.difference, headline(a).explainedVariance.mean! - headline(b).explainedVariance.mean!)
        const each = ids.map((_, j) => correlation[a][j]! - correlation[b][j]!)
        t.ok(Math.abs(perSite.correlation.mean.difference! - each.reduce((x, y) => x + y) / each.length) < 1e-12)
        t.same([compared, perSite.correlation.higher, perSite.correlation.lower], [each.length, each.filter((x) => x > 0).length, each.filter((x) => x < 0).length])
        t.ok(r.interval![0] <= r.difference! && r.difference! <= r.interval![1] && r.pHolm! >= r.p!)
      }
    }
  })

  await t.test('asked again it is the same, and nothing is fitted again', async (t) => {
    t.same(await comparisonScores(context, view.id), result)
    t.same(await estimateComparison(context, request).then(({ total, reused, seconds }) => ({ total, reused, seconds })), { total: 6, reused: 6, seconds: 0 })
    const again = await create({ ...request, regions: ['IT'] })
    t.match(again, { status: 'succeeded', progress: { done: 3, total: 3 } })
    t.same(again.fits.map(({ fit, reused }) => [fit, reused]), view.fits.slice(3).map(({ fit }) => [fit, true]))
    const part = await comparisonScores(context, again.id)
    t.same(part.differences.map(({ correlation }) => correlation.difference), result.differences.slice(3).map(({ correlation }) => correlation.difference))
    t.same((await listComparisons(context, { dataset })).items.map(({ id }) => id), [again.id, view.id])
    await deleteComparison(context, again.id)
    await t.rejects(getComparison(context, again.id), { code: 'not-found' })
    t.equal((await getFit(context, again.fits[0].fit)).status, 'succeeded', 'its fits stay')
    t.same((await comparisonScores(context, view.id) satisfies ComparisonScores).id, view.id)
  })
})

t.test('cancelling spares what others want', async (t) => {
  const fitOf = async (id: string) => (await getFit(context, id)).status
  const other = { ...request, pooling: { grid: 3 }, regions: ['IT'] }
  const users = await acceptedFit(context, { dataset, backbone: 'pixels', ...shared, pooling: { grid: 3 }, sites: { region: 'IT' } })
  const first = await create(other)
  const second = await create({ ...other, backbones: backbones.slice(0, 2) })
  t.same(second.fits.map(({ fit, reused }) => [fit, reused]), first.fits.slice(0, 2).map(({ fit }) => [fit, true]), 'on its way is there, too')
  t.match(await cancelComparison(context, first.id), { status: 'cancelled' })
  t.same(await Promise.all(first.fits.map(({ fit }) => fitOf(fit))), ['queued', 'queued', 'cancelled'])
  await t.rejects(cancelComparison(context, first.id), { code: 'already-finished' })
  await deleteComparison(context, second.id)
  t.same(await Promise.all(second.fits.map(({ fit }) => fitOf(fit))), ['queued', 'cancelled'], 'the user’s own fit goes on')
  t.equal(users.id, first.fits[0].fit)
  const table = await create({ ...other, backbones: backbones.slice(1, 2) })
  const tfjs = await create({ ...other, engine: 'tfjs', backbones: backbones.slice(1, 2) })
  t.match([tfjs.fits[0].reused, (await getFit(context, tfjs.fits[0].fit)).request.engine], [false, 'tfjs'], 'another engine is another fit')
  t.not(table.fits[0].fit, first.fits[1].fit, 'what was cancelled is fitted anew')
})

t.test('a table without all fits says so', async (t) => {
  const view = await create({ ...request, pooling: { grid: 4 }, regions: ['IT'], backbones: backbones.slice(0, 2) })
  await finishFit(context, view.fits[0].fit)
  t.match(await getComparison(context, view.id), { status: 'running', progress: { done: 1, total: 2, etaSeconds: Number } })
  t.match(await cancelComparison(context, view.id), { status: 'cancelled' })
  const { rows, differences, warnings } = await comparisonScores(context, view.id)
  t.match(rows, [{ status: 'succeeded', layer: 'pixels' }, { status: 'cancelled', layer: null, reasons: { scores: /cancelled/ }, scores: [], layers: [] }])
  t.same(differences, [])
  t.match(warnings, [/cornet_z\/random-0 in IT \(cancelled\)/])
})

t.test('what is wrong is named before anything is queued', async (t) => {
  const fits = async () => (await listFits(context, { limit: 1000 })).items.length
  const count = await fits()
  const refused = async (change: Partial<BackboneComparisonRequest>, code: string, ...pointers: string[]) => {
    const error = await create({ ...request, ...change }).then(() => null, (thrown: unknown) => thrown as { code: string; errors: { pointer: string }[]; message: string })
    t.same([error?.code, ...(error?.errors ?? []).map(({ pointer }) => pointer)], [code, ...pointers], error?.message ?? 'accepted')
  }
  await refused({ backbones: [...backbones, { backbone: 'cornet_y' }, { backbone: 'resnet20' }] }, 'unknown-backbone', '/backbones/3/backbone', '/backbones/4/backbone')
  await refused({ backbones: [{ backbone: 'pixels' }, { backbone: 'alexnet' }] }, 'weights-missing', '/backbones/1/weights')
  await refused({ backbones: [{ backbone: 'pixels' }, { backbone: 'alexnet', weights, layers: ['features.99'] }] }, 'unknown-layer', '/backbones/1/layers')
  await refused({ backbones: [{ backbone: 'pixels', pooling: { grid: 0 } }] }, 'invalid-value', '/backbones/0/pooling/grid')
  await refused({ pooling: { grid: 0 }, backbones: backbones.slice(0, 1) }, 'invalid-value', '/pooling/grid')
  await refused({ backbones: [{ backbone: 'pixels' }, { backbone: 'pixels' }] }, 'invalid-value', '/backbones/1')
  await refused({ backbones: [{ backbone: 'pixels' }, { backbone: 'pixels', name: 'again' }] }, 'invalid-value', '/backbones/1')
  await refused({ backbones: [{ backbone: 'alexnet', weights, areas: 'name' }] }, 'invalid-value', '/backbones/0/areas')
  await refused({ backbones: [{ backbone: 'cornet_z', weights, areas: 'name', step: 1 }] }, 'unknown-layer', '/backbones/0/step')
  await refused({ backbones: [{ backbone: 'cornet_z', weights, step: 'all' }] }, 'invalid-value', '/backbones/0/step')
  await refused({ backbones: [{ backbone: 'cornet_z', weights, areas: 'name', step: 'brain-score' }] }, 'invalid-value', '/backbones/0/step')
  await refused({ regions: ['V4', 'V1'] }, 'invalid-value', '/regions/1')
  await refused({ split: { scheme: 'kfold', folds: 100 } }, 'too-few-stimuli', '/split/folds')
  await refused({ sites: { minCeiling: 2 } }, 'choose-sites', '/sites')
  await refused({ dataset: 'nowhere' }, 'not-found')
  let left = 1
  const queue = { ...context.queue, enqueueFit: async (...args: Parameters<typeof context.queue.enqueueFit>) => (left-- > 0 ? context.queue.enqueueFit(...args) : Promise.reject(new Error('the queue is gone'))) }
  await t.rejects(createComparison({ ...context, queue }, { ...request, pooling: { grid: 5 } }, { owner: 'local', idempotency: null }), /the queue is gone/)
  t.equal(await fits(), count, 'all of it or nothing')
  t.notOk((await listComparisons(context, {})).items.some(({ request: { pooling } }) => pooling !== 'none' && pooling?.grid === 5))
})

t.test('time steps by name', async (t) => {
  const s = (step: 'last' | 'all' | 'brain-score' | number, name: string) => ({ backbone: 'cornet_s', weights, areas: 'name' as const, step, name })
  const view = await create({ ...request, regions: ['V4', 'IT'], backbones: [s('last', 'last'), s('all', 'all'), s('brain-score', 'timed')] })
  const layers = await Promise.all(view.fits.map(async ({ fit }) => (await getFit(context, fit)).request.layers))
  // 70 to 170 ms: V4's first step is 90 to 140 ms and wholly inside, IT's first 100 to 200.
  t.same(layers, [['V4.output-t3'], ['V4.output-t0', 'V4.output-t1', 'V4.output-t2', 'V4.output-t3'], ['V4.output-t0'], ['IT.output-t1'], ['IT.output-t0', 'IT.output-t1'], ['IT.output-t0']])
  await deleteComparison(context, view.id)
})

import fs from 'node:fs'
import t from 'tap'
import { generateDemo } from '../../../data/demo/generate.ts'
import type { SiteKind } from '../../../data/demo/simulate/sites.ts'
import type { DatasetSummary } from '../../../src/domain/dataset.ts'
import type { FitRequest } from '../../../src/domain/fit.ts'
import type { FitScores, LayerScores } from '../../../src/domain/fit-scores.ts'
import { readNpyFile } from '../../../src/numerics/npy.ts'
import { datasetSites, importDataset } from '../../../src/pipeline/datasets.ts'
import { runFit } from '../../../src/pipeline/fit.ts'
import { resolveRequest } from '../../../src/pipeline/fits.ts'
import { readManifest } from '../../../src/pipeline/open-dataset.ts'
import { newId } from '../../../src/storage/ids.ts'
import { getDataset } from '../../../src/storage/repositories/datasets.ts'
import { insertFit } from '../../../src/storage/repositories/fits.ts'
import { openTestContext, temporaryFolder } from '../../helper/home.ts'

// The demo's dataset from its files to its scores: what was simulated is what is found.

t.test('an aborted generation stops', async (t) => {
  await t.rejects(generateDemo(temporaryFolder(t), { signal: AbortSignal.abort() }), { name: 'AbortError' })
})

t.test('what was simulated is found again', async (t) => {
  const stages = new Set<string>()
  const demo = await generateDemo(temporaryFolder(t), { onProgress: ({ stage }) => stages.add(stage) })
  const { known } = demo
  const idsOf = (...kinds: SiteKind[]): string[] => known.sites.filter(({ kind }) => kinds.includes(kind)).map(({ siteId }) => siteId)

  t.test('the files are as stated', async (t) => {
    t.same([...stages], ['drawing stimuli', 'simulating sites'])
    t.ok(fs.statSync(demo.stimuliZip).size < 15e6)
    t.same(JSON.parse(fs.readFileSync(demo.truth, 'utf8')), known)
    const { shape, data } = await readNpyFile(demo.responses)
    t.same(shape, [640, 64, 10])
    const [least, most] = [{} as Record<string, number>, {} as Record<string, number>]
    for (let row = 0; row < 640 * 64; row++) {
      const trials = data.subarray(row * 10, (row + 1) * 10)
      const valid = trials.findIndex(Number.isNaN) === -1 ? 10 : trials.findIndex(Number.isNaN)
      if (!trials.subarray(0, valid).every(Number.isInteger) || !trials.subarray(valid).every(Number.isNaN)) t.fail(`row ${row}`)
      const { animal } = known.sites[row % 64]
      least[animal] = Math.min(least[animal] ?? 10, valid)
      most[animal] = Math.max(most[animal] ?? 0, valid)
    }
    t.same([least, most], [{ 'simulated-A': 5, 'simulated-B': 2 }, { 'simulated-A': 10, 'simulated-B': 9 }])
  })

  const context = await openTestContext(t)
  const files = { stimuli: demo.stimuliZip, responses: demo.responses, metadata: demo.metadata, sites: demo.sites }
  const dataset = (await importDataset(context, { files, fields: { ...demo.fields, ...demo.source }, owner: 'local', idempotency: null })).body as DatasetSummary
  const scoresOf = async (request: Partial<FitRequest>): Promise<FitScores> => {
    const body: FitRequest = {
      dataset: dataset.id,
      backbone: known.network.backbone,
      weights: 'random',
      seed: known.network.seed,
      layers: ['features.4', 'features.7', 'features.10'],
      pooling: known.network.pooling,
      alsoBy: [],
      mapping: { method: 'ridge', alphas: Array.from({ length: 9 }, (_, i) => 10 ** (i - 4)) },
      encoder: 'none',
      ...request,
    }
    const row = await context.db.transaction(async (tx) => insertFit(tx, { id: newId(), owner: 'local', request: await resolveRequest(context, body) }))
    const { scores } = await runFit(context, row.id, { onProgress: () => undefined })
    return JSON.parse((await context.blobs.read(scores)).toString()) as FitScores
  }

  t.test('the import finds the duplicates, the dead sites and the reliabilities', async (t) => {
    t.match(dataset, { stimuli: 640, sites: 64, regions: { simulated: 64 }, repetitions: { min: 2, max: 10 }, unit: 'count', objects: 64, simulated: true })
    t.same(dataset.groupingColumns, ['category_name', 'object_name'])
    const { report } = await readManifest(context, await getDataset(context.db, dataset.id))
    for (const kind of ['exact', 'near'] as const) {
      t.same(report.duplicates[kind], known.duplicates.flatMap((pair) => (pair.kind === kind ? [[pair.of, pair.stimulusId]] : [])), `${kind} duplicates`)
    }
    t.same(report.constantSites, idsOf('silent', 'constant'))
    const sites = await datasetSites(context, dataset.id)
    known.sites.forEach(({ siteId, kind, rho }, j) => {
      t.equal(sites[j].id, siteId)
      if (rho === null) t.equal(sites[j].ceiling, null)
      else if (kind === 'noise') t.ok(sites[j].ceiling! < 0.1, `${siteId}: no usable ceiling, ${sites[j].ceiling}`)
      else t.ok(Math.abs(sites[j].ceiling! - rho) < 0.02, `${siteId}: rho ${sites[j].ceiling}, truth ${rho}`)
    })
  })

  t.test('nested choice finds the layer that drives the readout sites', async (t) => {
    const { bestLayer } = await scoresOf({ sites: { ids: idsOf('readout') } })
    t.equal(bestLayer!.layer, known.network.layer)
    t.ok(bestLayer!.nested.timesChosen[known.network.layer] >= 8, JSON.stringify(bestLayer!.nested.timesChosen))
  })

  t.test('each kind of site scores as its construction says', async (t) => {
    const { layers, generalisation } = await scoresOf({ layers: ['features.1', 'features.7', 'features.12'], alsoBy: ['category_name'] })
    const layer = (scores: LayerScores[], name: string): LayerScores => scores.find((candidate) => candidate.layer === name)!
    const evOf = (scores: LayerScores, ...kinds: SiteKind[]): (number | null)[] =>
      scores.sites.filter(({ id }) => idsOf(...kinds).includes(id)).map(({ ev }) => ev)
    const mean = (values: (number | null)[]): number => values.reduce<number>((sum, v) => sum + v!, 0) / values.length
    const median = (values: (number | null)[]): number => values.map((v) => v!).toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
    const driving = layer(layers, known.network.layer)

    driving.sites.forEach(({ id, ev }, j) => {
      const { kind, rho } = known.sites[j]
      if (kind === 'readout') t.ok(ev! > 0.6 && ev! < rho! + 0.02, `${id}: EV ${ev} near its ceiling ${rho}`)
    })
    for (const scores of layers) {
      const noise = evOf(scores, 'noise')
      t.ok(median(noise) <= 0 && noise.every((ev) => ev! < 0.02), `${scores.layer}: no EV for noise, ${noise.join(' ')}`)
      t.same(evOf(scores, 'silent', 'constant'), [null, null, null, null])
      t.ok(mean(evOf(scores, 'product')) < 0.15, `${scores.layer}: a product is not linear, ${mean(evOf(scores, 'product'))}`)
      t.ok(scores.ceiled.evOverCeiling.sitesExcluded >= idsOf('noise', 'silent', 'constant').length, 'no ceiled score without reliability')
    }
    const deep = mean(evOf(layer(layers, 'features.12'), 'category'))
    t.ok(deep > 0.15, `the category is found across images: ${deep}, ${layers.map((scores) => mean(evOf(scores, 'category'))).join(' ')}`)
    for (const scores of generalisation.category_name.layers) {
      t.ok(evOf(scores, 'category').every((ev) => ev! < 0.02), `${scores.layer}: but not across categories, ${evOf(scores, 'category').join(' ')}`)
      t.ok(mean(evOf(scores, 'readout')) > 0.4, `${scores.layer}: readouts generalise, ${mean(evOf(scores, 'readout'))}`)
    }
    const texture = layers.map((scores) => mean(evOf(scores, 'texture')))
    t.ok(texture[0] > 0.5 && texture[0] > texture.at(-1)! + 0.2, `texture fades with depth: ${texture.join(' ')}`)
  })
})

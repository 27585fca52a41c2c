import t from 'tap'
import type { DatasetSummary } from '../../src/domain/dataset.ts'
import type { FitRequest } from '../../src/domain/fit.ts'
import type { FitScores } from '../../src/domain/fit-scores.ts'
import { decodeNpy } from '../../src/numerics/npy.ts'
import { decodeNpz } from '../../src/numerics/npz.ts'
import { importDataset } from '../../src/pipeline/datasets.ts'
import { runFit } from '../../src/pipeline/fit.ts'
import { resolveRequest } from '../../src/pipeline/fits.ts'
import { createPredictor } from '../../src/pipeline/predict.ts'
import { newId } from '../../src/storage/ids.ts'
import { insertFit } from '../../src/storage/repositories/fits.ts'
import { gauss } from '../helper/generator.ts'
import { openTestContext, temporaryFolder } from '../helper/home.ts'
import { noisePng, writeUpload } from './fixtures.ts'

const [n, m] = [40, 3]
const images = Array.from({ length: n }, (_, i) => noisePng(`split ${i}`, 4))
const metadata = {
  object_name: (row: number) => `o${row % 4}`,
  split: (row: number) => (row < 24 ? 'train' : row < 34 ? 'test' : ''),
}

t.test('every split scheme goes the whole way', async (t) => {
  const context = await openTestContext(t)
  const upload = async (responses: Float64Array): Promise<string> => {
    const files = await writeUpload(temporaryFolder(t), { images, responses, shape: [n, m], metadata })
    return ((await importDataset(context, { files, fields: { region: 'IT', unit: 'other', axes: 'stimulus,site' }, owner: 'local', idempotency: null })).body as DatasetSummary).id
  }
  const fit = async (request: FitRequest) => {
    const row = await context.db.transaction(async (tx) => insertFit(tx, { id: newId(), owner: 'local', request: await resolveRequest(context, request) }))
    const { encoder, predictions, ...outcome } = await runFit(context, row.id, { onProgress: () => undefined })
    const npz = await decodeNpz(await context.blobs.read(predictions.pixels), 'predictions')
    return { encoder, scores: JSON.parse((await context.blobs.read(outcome.scores)).toString()) as FitScores, split: decodeNpy(npz.get('split')!, 'split').data }
  }
  const responses = Float64Array.from(gauss('split responses', n * m))
  const request: FitRequest = { dataset: await upload(responses), backbone: 'pixels', pooling: { grid: 2 }, mapping: { method: 'ridge', alphas: [0.1, 10], inner: { folds: 3 } }, alsoBy: [], encoder: 'none' }

  const schemes: [split: NonNullable<FitRequest['split']>, name: string, splits: number, rows: number][] = [
    [{ scheme: 'stratifiedkfold', folds: 5, by: 'object_name' }, 'StratifiedKFold(5, shuffled, seed 1) by object_name', 5, n],
    [{ scheme: 'shufflesplit', splits: 3, testSize: 0.25 }, 'ShuffleSplit(3, test 0.25, seed 1)', 3, 30],
    [{ scheme: 'stratifiedshufflesplit', splits: 4, by: 'object_name' }, 'StratifiedShuffleSplit(4, seed 1) by object_name', 4, 16],
    [{ scheme: 'groupshufflesplit', by: 'object_name' }, 'GroupShuffleSplit(5, seed 1) by object_name', 5, 50],
    [{ scheme: 'given', by: 'split' }, 'given by split', 1, 10],
  ]
  for (const [split, name, splits, rows] of schemes) {
    const { scores, split: of } = await fit({ ...request, split })
    t.equal(scores.split, name)
    const [{ correlation, explainedVariance, sites }] = scores.layers
    t.equal(correlation.splits.length, splits, name)
    t.equal(of.length, rows, `${name}: rows of held-out predictions`)
    t.same([...new Set(of)], Array.from({ length: splits }, (_, k) => k))
    t.equal(sites[0].alphaPerSplit.length, splits)
    t.ok(explainedVariance.interval !== null && correlation.interval !== null && scores.bestLayer!.nested.correlation.median !== null)
    if (splits === 1) t.ok(correlation.error === null && correlation.median === correlation.splits[0].median, 'one split has no spread')
    else t.ok(correlation.error! > 0)
    const overlap = scores.leakage.find(({ what }) => what === 'overlap of test sets')!
    t.equal(overlap.severity, split.scheme.includes('shuffle') ? 'note' : 'none', `${name}: ${overlap.rows}`)
  }

  await t.test('grouped splits stand beside a given one, and what that leaves out does not reach its encoder', async (t) => {
    const changed = responses.map((y, k) => (k < 34 * m ? y : 1000 + y))
    const predictor = createPredictor(context)
    t.teardown(() => predictor.close())
    const asked: FitRequest = { ...request, split: { scheme: 'given', by: 'split' }, alsoBy: ['object_name'], encoder: 'best' }
    const made = await fit(asked)
    t.equal(made.scores.generalisation.object_name.layers[0].correlation.splits.length, 4)
    const other = await fit({ ...asked, alsoBy: [], dataset: await upload(changed) })
    t.same(other.scores.layers, made.scores.layers)
    const rates = await Promise.all([made, other].map(async ({ encoder }) => (await predictor.predict(encoder!, images.slice(30, 36))).rates))
    t.same(rates[0], rates[1])
    t.match(made.scores.leakage.find(({ what }) => what === 'encoder'), { rows: /^the 34 stimuli of the given split/ })
    t.match(made.scores.leakage.find(({ what }) => what === 'groups of object_name'), { rows: '4 lie on both sides of a fold: see generalisation.object_name', severity: 'note' })
  })
})

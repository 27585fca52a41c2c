import t from 'tap'
import type { Test } from 'tap'
import type { DatasetSummary } from '../../src/domain/dataset.ts'
import type { FitRequest } from '../../src/domain/fit.ts'
import type { FitScores } from '../../src/domain/fit-scores.ts'
import type { PipelineContext } from '../../src/pipeline/context.ts'
import { importDataset } from '../../src/pipeline/datasets.ts'
import { runFit } from '../../src/pipeline/fit.ts'
import { resolveRequest } from '../../src/pipeline/fits.ts'
import { newId } from '../../src/storage/ids.ts'
import { insertFit } from '../../src/storage/repositories/fits.ts'
import { gauss } from '../helper/generator.ts'
import { openTestContext, temporaryFolder } from '../helper/home.ts'
import { noisePng, writeUpload } from './fixtures.ts'

const [n, m] = [24, 3]

/** Datasets that share their first two images. */
const upload = async (t: Test, context: PipelineContext, name: string): Promise<string> => {
  const images = Array.from({ length: n }, (_, i) => noisePng(i < 2 ? `common ${i}` : `${name} ${i}`))
  const files = await writeUpload(temporaryFolder(t), { images, responses: gauss(`${name}:y`, n * m), shape: [n, m] })
  return ((await importDataset(context, { files, fields: { region: 'IT', unit: 'other', axes: 'stimulus,site' }, owner: 'local', idempotency: null })).body as DatasetSummary).id
}

const small = (dataset: string): FitRequest => ({
  dataset, backbone: 'squeezenet1_1', weights: 'random', layers: ['features.1', 'features.12'], pooling: { grid: 1 }, mapping: { method: 'ridge', alphas: [0.1, 1] }, split: { scheme: 'kfold', folds: 3 }, alsoBy: [], encoder: 'none',
}) // prettier-ignore

t.test('a layer taken from another dataset', async (t) => {
  const context = await openTestContext(t)
  const [a, b] = [await upload(t, context, 'a'), await upload(t, context, 'b')]
  const insert = async (request: FitRequest): Promise<string> =>
    (await context.db.transaction(async (tx) => insertFit(tx, { id: newId(), owner: 'local', request: await resolveRequest(context, request) }))).id
  const run = async (id: string): Promise<FitScores> => {
    const outcome = await runFit(context, id, { onProgress: () => undefined })
    await context.db.query(`UPDATE fits SET status = 'succeeded', scores = $2 WHERE id = $1`, [id, outcome.scores])
    return JSON.parse((await context.blobs.read(outcome.scores)).toString()) as FitScores
  }

  const from = await insert(small(a))
  await t.rejects(resolveRequest(context, { ...small(b), layerFrom: from }), { code: 'fit-not-finished', message: /is queued/, errors: [{ pointer: '/layerFrom' }] })
  const { bestLayer } = await run(from)

  const other = bestLayer!.layer === 'features.1' ? 'features.12' : 'features.1'
  for (const [why, request, refusal] of [
    ['no such fit', { ...small(b), layerFrom: 'f-none' }, { code: 'invalid-value', message: /no fit "f-none"/ }],
    ['the same dataset', { ...small(a), layerFrom: from }, { code: 'invalid-value', message: /the same data .* the very responses/ }],
    ['another backbone', { ...small(b), backbone: 'pixels', layers: ['pixels'], pooling: { grid: 4 }, layerFrom: from }, { code: 'invalid-value', message: /is of squeezenet1_1/ }],
    ['a layer that is not fitted', { ...small(b), layers: [other], layerFrom: from }, { code: 'invalid-value', message: new RegExp(`prefers ${bestLayer!.layer}, which this fit does not have`) }],
  ] as const)
    await t.rejects(resolveRequest(context, request as FitRequest), refusal, why)

  const plain = await run(await insert(small(b)))
  const id = await insert({ ...small(b), layerFrom: from })
  const taken = await run(id)
  t.match(taken.bestLayer, { layer: bestLayer!.layer, from })
  const { correlation, explainedVariance, r2 } = taken.layers.find(({ layer }) => layer === bestLayer!.layer)!
  t.same(taken.bestLayer!.score, { correlation, explainedVariance, r2 }, 'its own scores, chosen by nobody here')
  t.same(taken.layers, plain.layers, 'and the layers are scored as ever')
  t.same(taken.bestLayer!.nested, plain.bestLayer!.nested)
  t.match(taken.leakage.find(({ what }) => what === 'choice of layer (bestLayer.score)'), { severity: 'note', rows: /shows 2 of the same images/ })
  t.notOk(plain.leakage.some(({ what }) => what === 'choice of layer (bestLayer.score)'))
})

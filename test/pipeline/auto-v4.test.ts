import path from 'node:path'
import t from 'tap'
import type { DatasetSummary } from '../../src/domain/dataset.ts'
import type { FitRequest } from '../../src/domain/fit.ts'
import { addWeights } from '../../src/pipeline/backbones.ts'
import { importDataset } from '../../src/pipeline/datasets.ts'
import { openTestContext } from '../helper/home.ts'
import { needs, shared } from '../helper/shared.ts'
import { runRequest } from './run-fit.ts'

// A small part of bench/auto.ts: two layers, three folds, 2 x 2 places. Sites of V4 see a part of the image each, which places find.
const folder = ['data', 'neural', 'cowley-v4-210325']
const layers = ['features.8', 'features.12']

t.test('auto lies over a plain sum of layer kernels on the real V4 session', needs(...folder, 'images.zip'), async (t) => {
  const context = await openTestContext(t)
  const weights = shared('data', 'weights', 'squeezenet1_1.pth')
  await addWeights(context, 'squeezenet1_1', weights, { source: path.basename(weights) })
  const files = { stimuli: shared(...folder, 'images.zip'), responses: shared(...folder, 'responses_mean.npy') }
  const answer = await importDataset(context, { files, fields: { region: 'V4', unit: 'count', timeBinMs: '50,150', axes: 'site,stimulus' }, owner: 'local', idempotency: null })
  const { id: dataset } = answer.body as DatasetSummary
  const request: FitRequest = { dataset, backbone: 'squeezenet1_1', layers, pooling: { grid: 4 }, groupDuplicates: false, split: { scheme: 'kfold', folds: 3, seed: 1 }, encoder: 'none' }
  const alphas = [0.1, 0.3, 1, 3, 10]
  const evOf = async (mapping: FitRequest['mapping']): Promise<number> => (await runRequest(context, { ...request, mapping })).scores.layers[0].explainedVariance.mean!
  const sum = await evOf({ method: 'banded', weights: { 'features.8': 1, 'features.12': 1 }, alphas })
  const auto = await evOf({ method: 'auto', windows: 2, alphas })
  t.ok(sum > 0.25 && auto - sum > 0.007, `mean EV ${auto} against ${sum}`)
})

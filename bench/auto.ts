// The mapping "auto" against a plain sum of layer kernels on the real V4 session (../shared): SqueezeNet 1.1, six layers on a 4 x 4 grid,
// 10 shuffled folds with outer seeds 1 … 5, then leave-object-out; mean EV over sites, and the paired difference per seed.
//   npm run bench:auto -- [SEEDS]
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { loadConfig } from '../src/config.ts'
import { compareCodePoints } from '../src/datasets/natural-order.ts'
import { sourceFile } from '../src/datasets/source-file.ts'
import { openZip } from '../src/datasets/zip.ts'
import type { DatasetSummary } from '../src/domain/dataset.ts'
import type { FitRequest } from '../src/domain/fit.ts'
import type { FitScores } from '../src/domain/fit-scores.ts'
import { openContext } from '../src/pipeline/context.ts'
import type { PipelineContext } from '../src/pipeline/context.ts'
import { addWeights } from '../src/pipeline/backbones.ts'
import { importDataset } from '../src/pipeline/datasets.ts'
import { runFit } from '../src/pipeline/fit.ts'
import { resolveRequest } from '../src/pipeline/fits.ts'
import { newId } from '../src/storage/ids.ts'
import { insertFit } from '../src/storage/repositories/fits.ts'
import { describeMachine, say, secondsOf } from './measure.ts'

const SEEDS = Number(process.argv[2] ?? 5)
const shared = path.resolve(import.meta.dirname, '../../shared/data')
const session = path.join(shared, 'neural/cowley-v4-210325')
const layers = [2, 5, 7, 8, 10, 12].map((k) => `features.${k}`)
const objects = ['bear', 'elephant', 'face', 'car', 'dog', 'apple', 'chair', 'plane']

/** Quantile of Student's t at 97.5 %, by degrees of freedom from 1. */
const T975 = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262]

const importSession = async (context: PipelineContext, folder: string): Promise<string> => {
  const zip = await openZip(sourceFile(path.join(session, 'images.zip')))
  const images = zip.entries.map((entry) => entry.baseName).sort(compareCodePoints)
  zip.close()
  const metadata = path.join(folder, 'metadata.csv')
  fs.writeFileSync(metadata, ['filename,object_name', ...images.map((image, i) => `${image},${objects[Math.floor(i / 80)]}`)].join('\n') + '\n')
  const files = { stimuli: path.join(session, 'images.zip'), responses: path.join(session, 'responses_mean.npy'), metadata }
  const answer = await importDataset(context, { files, fields: { name: 'v4', region: 'V4', unit: 'count', timeBinMs: '50,150', axes: 'site,stimulus' }, owner: 'local', idempotency: null })
  return (answer.body as DatasetSummary).id
}

const fit = async (context: PipelineContext, request: FitRequest): Promise<FitScores> => {
  const resolved = await resolveRequest(context, request)
  const row = await context.db.transaction((tx) => insertFit(tx, { id: newId(), owner: 'local', request: resolved }))
  const { scores } = await runFit(context, row.id, { onProgress: () => undefined })
  return JSON.parse((await context.blobs.read(scores)).toString()) as FitScores
}

const meanEv = ({ layers: [result] }: FitScores): number => result.explainedVariance.mean!
const show = (value: number): string => value.toFixed(4)

describeMachine()
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ventral-bench-'))
const context = await openContext(loadConfig({ home: path.join(folder, 'home') }, {}))
try {
  await addWeights(context, 'squeezenet1_1', path.join(shared, 'weights/squeezenet1_1.pth'), { source: 'squeezenet1_1.pth' })
  const dataset = await importSession(context, folder)
  const shape: FitRequest = { dataset, backbone: 'squeezenet1_1', layers, pooling: { grid: 4 }, groupDuplicates: false, alsoBy: [], encoder: 'none' }
  const sum: FitRequest = { ...shape, mapping: { method: 'banded', weights: Object.fromEntries(layers.map((layer) => [layer, 1])) } }
  const auto: FitRequest = { ...shape, mapping: { method: 'auto' } }
  const differences: number[] = []
  const compare = async (name: string, split: FitRequest['split']): Promise<number> => {
    const scores: number[] = []
    const seconds: number[] = []
    for (const request of [sum, auto]) seconds.push(await secondsOf(async () => void scores.push(meanEv(await fit(context, { ...request, split })))))
    say(`${name}: sum ${show(scores[0])}, auto ${show(scores[1])}, difference ${show(scores[1] - scores[0])}; ${seconds.map((s) => s.toFixed(0)).join(' s and ')} s`)
    return scores[1] - scores[0]
  }
  for (let seed = 1; seed <= SEEDS; seed++) differences.push(await compare(`outer seed ${seed}`, { scheme: 'kfold', folds: 10, shuffle: true, seed }))
  const mean = differences.reduce((a, b) => a + b, 0) / SEEDS
  if (SEEDS > 1) {
    const sd = Math.sqrt(differences.reduce((total, x) => total + (x - mean) ** 2, 0) / (SEEDS - 1))
    const half = (T975[Math.min(SEEDS - 2, T975.length - 1)] * sd) / Math.sqrt(SEEDS)
    say(`mean difference ${show(mean)}, paired 95 % interval over seeds [${show(mean - half)}, ${show(mean + half)}]`)
  }
  await compare('leave-object-out', { scheme: 'leaveonegroupout', by: 'object_name' })
} finally {
  await context.close()
  fs.rmSync(folder, { recursive: true, force: true })
}

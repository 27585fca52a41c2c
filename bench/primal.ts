// A fit of so many stimuli that no Gram matrix holds them: statistics of fold cells on reduced activations (primal form), in its own process.
//   npm run bench:primal -- [STIMULI [DIMENSIONS [SITES [FOLDS [GRID]]]]]      BACKBONE=resnet18 LAYER=layer2 in place of pixels
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { loadConfig } from '../src/config.ts'
import { besides, startFitProcess } from '../src/jobs/delivery.ts'
import { openContext } from '../src/pipeline/context.ts'
import { estimateFit } from '../src/pipeline/estimate.ts'
import { resolveRequest } from '../src/pipeline/fits.ts'
import { newId } from '../src/storage/ids.ts'
import { insertFit } from '../src/storage/repositories/fits.ts'
import { makeDataset } from './dataset.ts'
import { describeMachine, say } from './measure.ts'

const [count = '30000', dimensions = '4096', siteCount = '168', folds = '5', grid = '56'] = process.argv.slice(2)
const { BACKBONE: backbone = 'pixels', LAYER: layer = 'pixels' } = process.env
const [n, sites] = [Number(count), Number(siteCount)]

describeMachine()
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ventral-bench-'))
const config = loadConfig({ home: path.join(folder, 'home') })
const context = await openContext(config)
try {
  const importing = performance.now()
  const dataset = await makeDataset(context, folder, { n, sites, side: 32 })
  say(`made and imported ${n} pictures in ${((performance.now() - importing) / 1000).toFixed(0)} s`)
  const body = {
    dataset,
    backbone,
    weights: 'random',
    layers: [layer],
    pooling: { grid: Number(grid) },
    split: { scheme: 'kfold', folds: Number(folds) },
    mapping: { method: 'ridge', alphas: Array.from({ length: 13 }, (_, i) => 10 ** (i - 6)) },
    reduction: { dimensions: Number(dimensions) },
  }
  const estimate = await estimateFit(context, body)
  say(`estimated ${(estimate.memoryBytes / 1e6).toFixed(0)} MB, ${(estimate.diskBytes / 1e9).toFixed(2)} GB of disk, ${estimate.seconds} s`)
  const request = await resolveRequest(context, body)
  const { id: fit } = await context.db.transaction((tx) => insertFit(tx, { id: newId(), owner: 'local', request }))
  const started = performance.now()
  let stage = ''
  const { ending } = startFitProcess({
    config,
    fit,
    fitModule: besides('../pipeline/fit').replace('/bench/', '/src/jobs/'),
    onProgress: (progress) => {
      if (progress.stage !== stage) say(`  ${((performance.now() - started) / 1000).toFixed(0)} s: ${(stage = progress.stage)}`)
    },
  })
  const end = await ending
  if (end.kind !== 'outcome') throw new Error(JSON.stringify(end))
  say(`${n} stimuli, ${backbone} ${layer} in ${dimensions} dimensions, ${sites} sites, ${folds} folds, ${config.threads} threads: ${((performance.now() - started) / 1000).toFixed(0)} s, peak RSS of the fit ${(end.outcome.peakRssBytes / 1e6).toFixed(0)} MB, encoder ${end.outcome.encoder === null ? 'none' : 'made'}`)
} finally {
  await context.close()
  fs.rmSync(folder, { recursive: true, force: true })
}

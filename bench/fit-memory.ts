// Peak memory of a whole fit in its own process: 2,560 images x 200,704 units (ResNet-50 layer3, unpooled), 168 sites, scores and encoder.
//   npm run bench:memory -- [LAYER [IMAGES]]
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { loadConfig } from '../src/config.ts'
import { besides, startFitProcess } from '../src/jobs/delivery.ts'
import { openContext } from '../src/pipeline/context.ts'
import { resolveRequest } from '../src/pipeline/fits.ts'
import { newId } from '../src/storage/ids.ts'
import { insertFit } from '../src/storage/repositories/fits.ts'
import { makeDataset } from './dataset.ts'
import { describeMachine, say } from './measure.ts'

const [layer = 'layer3', count = '2560'] = process.argv.slice(2)
const n = Number(count)
const sites = 168

describeMachine()
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ventral-bench-'))
const config = loadConfig({ home: path.join(folder, 'home') })
const context = await openContext(config)
try {
  const dataset = await makeDataset(context, folder, { n, sites })
  const request = await resolveRequest(context, { dataset, backbone: 'resnet50', weights: 'random', layers: [layer], encoder: 'best' })
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
  say(`${n} images, resnet50 ${layer}, ${sites} sites: ${((performance.now() - started) / 1000).toFixed(0)} s, peak RSS of the fit ${(end.outcome.peakRssBytes / 1e6).toFixed(0)} MB, encoder ${end.outcome.encoder === null ? 'none' : 'made'}`)
} finally {
  await context.close()
  fs.rmSync(folder, { recursive: true, force: true })
}

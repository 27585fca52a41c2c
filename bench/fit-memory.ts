// Peak memory of a whole fit in its own process: 2,560 images x 200,704 units (ResNet-50 layer3, unpooled), 168 sites, scores and encoder.
//   npm run bench:memory -- [LAYER [IMAGES]]
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import sharp from 'sharp'
import { ZipFile } from 'yazl'
import { loadConfig } from '../src/config.ts'
import type { DatasetSummary } from '../src/domain/dataset.ts'
import { besides, startFitProcess } from '../src/jobs/delivery.ts'
import { encodeNpy } from '../src/numerics/npy.ts'
import { createRandomState } from '../src/numerics/random/mt19937.ts'
import { openContext } from '../src/pipeline/context.ts'
import { importDataset } from '../src/pipeline/datasets.ts'
import { resolveRequest } from '../src/pipeline/fits.ts'
import { newId } from '../src/storage/ids.ts'
import { insertFit } from '../src/storage/repositories/fits.ts'
import { describeMachine, say } from './measure.ts'

const [layer = 'layer3', count = '2560'] = process.argv.slice(2)
const n = Number(count)
const sites = 168

/** Small colour pictures, each its own: what they show does not matter for memory. */
const makeDataset = async (folder: string): Promise<{ stimuli: string; responses: string }> => {
  const random = createRandomState(0)
  const zip = new ZipFile()
  const brightness = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    const cells = Uint8Array.from({ length: 8 * 8 * 3 }, () => random.interval(255))
    brightness[i] = cells.reduce((sum, x) => sum + x, 0) / cells.length / 255
    zip.addBuffer(await sharp(cells, { raw: { width: 8, height: 8, channels: 3 } }).resize(64, 64, { kernel: 'cubic' }).png().toBuffer(), `${String(i).padStart(5, '0')}.png`)
  }
  zip.end()
  const stimuli = path.join(folder, 'stimuli.zip')
  await pipeline(zip.outputStream, fs.createWriteStream(stimuli))
  const responses = path.join(folder, 'responses.npy')
  fs.writeFileSync(responses, encodeNpy(Float64Array.from({ length: n * sites }, (_, k) => 10 * brightness[Math.floor(k / sites)] + random.gauss()), [n, sites]))
  return { stimuli, responses }
}

describeMachine()
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ventral-bench-'))
const config = loadConfig({ home: path.join(folder, 'home') })
const context = await openContext(config)
try {
  const files = await makeDataset(folder)
  const answer = await importDataset(context, { files, fields: { name: 'memory', axes: 'stimulus,site', unit: 'other', region: 'IT' }, owner: 'local', idempotency: null })
  const { id: dataset } = answer.body as DatasetSummary
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

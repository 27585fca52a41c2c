import fs from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import sharp from 'sharp'
import { ZipFile } from 'yazl'
import type { DatasetSummary } from '../src/domain/dataset.ts'
import { encodeNpy } from '../src/numerics/npy.ts'
import { createRandomState } from '../src/numerics/random/mt19937.ts'
import type { PipelineContext } from '../src/pipeline/context.ts'
import { importDataset } from '../src/pipeline/datasets.ts'

/** Small colour pictures, each its own, with rates that follow their brightness; answers the dataset's id. What they show does not matter for memory and time. */
export const makeDataset = async (context: PipelineContext, folder: string, { n, sites, side = 64 }: { n: number; sites: number; side?: number }): Promise<string> => {
  const random = createRandomState(0)
  const zip = new ZipFile()
  const brightness = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    const cells = Uint8Array.from({ length: 8 * 8 * 3 }, () => random.interval(255))
    brightness[i] = cells.reduce((sum, x) => sum + x, 0) / cells.length / 255
    zip.addBuffer(await sharp(cells, { raw: { width: 8, height: 8, channels: 3 } }).resize(side, side, { kernel: 'cubic' }).png().toBuffer(), `${String(i).padStart(5, '0')}.png`)
  }
  zip.end()
  const stimuli = path.join(folder, 'stimuli.zip')
  await pipeline(zip.outputStream, fs.createWriteStream(stimuli))
  const responses = path.join(folder, 'responses.npy')
  fs.writeFileSync(responses, encodeNpy(Float64Array.from({ length: n * sites }, (_, k) => 10 * brightness[Math.floor(k / sites)] + random.gauss()), [n, sites]))
  const answer = await importDataset(context, { files: { stimuli, responses }, fields: { name: `made up, ${n} stimuli`, axes: 'stimulus,site', unit: 'other', region: 'IT' }, owner: 'local', idempotency: null })
  return (answer.body as DatasetSummary).id
}

import fs from 'node:fs'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { Readable } from 'node:stream'
import t from 'tap'
import { parseImportFields } from '../../src/datasets/import-fields.ts'
import { readDataset } from '../../src/datasets/read-dataset.ts'
import { encodeNpy, readNpyFile } from '../../src/numerics/npy.ts'
import { responsesCsv, responsesNpz } from '../../src/server/responses-file.ts'
import { refuses, workFolder, writeFile } from '../datasets/fixtures.ts'

const stimuli = ['a', '=b', 'c'].map((stimulusId) => ({ stimulusId, filename: '' }))
const sites = [{ siteId: 'x', region: 'V4' }, { siteId: 'y, z', region: 'IT' }] // prettier-ignore

/** (3 stimuli x 2 sites x bins x 2 repetitions), the last repetition of `c` missing. */
const exported = (folder: string, bins: number) => {
  const values = Float64Array.from({ length: 3 * 2 * bins * 2 }, (_, at) => (Math.floor(at / (4 * bins)) === 2 && at % 2 === 1 ? NaN : at / 7))
  const file = writeFile(folder, 'stored.npy', encodeNpy(values, [3, 2, bins, 2]))
  const timeBins = Array.from({ length: bins }, (_, i) => ({ startMs: 70 + 20 * i, endMs: 90 + 20 * i }))
  return { values, responses: { name: 'v4', stimuli, sites, timeBins, path: file.path } }
}
const imported = async (folder: string, name: string, bytes: Buffer, fields: Record<string, string>) => {
  const { responsesPath, ...read } = await readDataset({ responses: writeFile(folder, name, bytes), fields: parseImportFields({ unit: 'other', ...fields }) }, fs.mkdtempSync(path.join(folder, 'work-')))
  return { ...read, ...(await readNpyFile(responsesPath)) }
}

t.test('an exported .npz is imported as it was', async (t) => {
  const folder = workFolder(t)
  const { values, responses } = exported(folder, 3)
  const again = await imported(folder, 'out.npz', await buffer(responsesNpz(responses)), { axes: 'stimulus,site,time,repetition' })
  t.same([again.shape, again.data], [[3, 2, 3, 2], values])
  t.same(again.stimuli.map(({ stimulusId }) => stimulusId), ['a', '=b', 'c'])
  t.same(again.sites.map(({ siteId, region }) => ({ siteId, region })), sites)
})

t.test('an exported table too, of one time bin; ids that a spreadsheet would run are quoted', async (t) => {
  const folder = workFolder(t)
  const { values, responses } = exported(folder, 1)
  const again = await imported(folder, 'out.csv', await buffer(Readable.from(responsesCsv(responses))), {})
  t.same([again.shape, again.data], [[3, 2, 1, 2], values])
  t.same(again.stimuli.map(({ stimulusId }) => stimulusId), ['a', "'=b", 'c'])
  t.same(again.sites.map(({ siteId }) => siteId), ['x', 'y, z'])
  await refuses(t, () => responsesCsv(exported(folder, 2).responses), 'invalid-value', '/format', 'npz')
})

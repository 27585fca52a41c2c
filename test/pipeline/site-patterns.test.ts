import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { missingPatterns } from '../../src/encoding/missing/patterns.ts'
import { encodeNpy } from '../../src/numerics/npy.ts'
import { responsesOf } from '../../src/pipeline/responses.ts'
import { storedPatterns } from '../../src/pipeline/site-patterns.ts'
import { uniforms } from '../helper/generator.ts'
import { temporaryFolder } from '../helper/home.ts'
import { manifestOf } from './fixtures.ts'

t.test('patterns read from the file are those of the mean responses', async (t) => {
  const folder = temporaryFolder(t)
  for (const [bins, repetitions, share] of [[1, 1, 0.2], [1, 3, 0.6], [2, 3, 0.5]]) {
    const [n, m] = [7, 5]
    const shape = [n, m, bins, repetitions]
    const data = uniforms(`patterns ${bins} ${repetitions}`, n * m * bins * repetitions).map((u) => (u < share ? NaN : u))
    const file = path.join(folder, 'responses.npy')
    fs.writeFileSync(file, encodeNpy(Float64Array.from(data), shape))
    const plain = manifestOf({ stimuli: n, regions: Array.from({ length: m }, () => 'IT') })
    const manifest = { ...plain, report: { ...plain.report, missing: { cells: 1, repetitions: 1, total: data.length } } }
    for (const sites of [[0, 1, 2, 3, 4], [3, 1]]) {
      const expected = missingPatterns(responsesOf(manifest, { shape, data: Float64Array.from(data) }, sites).mean)
      t.same(await storedPatterns(file, manifest, sites), expected, `${bins} time bins, ${repetitions} repetitions, ${sites.length} sites: ${expected.length} patterns`)
    }
  }
})

t.test('nothing is read where nothing is missing', async (t) => {
  const manifest = manifestOf({ stimuli: 4 })
  t.same(await storedPatterns('/no such file', manifest, [1, 0]), [{ rows: Int32Array.of(0, 1, 2, 3), sites: Int32Array.of(0, 1) }])
})

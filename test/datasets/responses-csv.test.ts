import t from 'tap'
import type { Test } from 'tap'
import type { Axis } from '../../src/domain/dataset.ts'
import { eachCanonicalBlock, responseShape } from '../../src/datasets/canonical-blocks.ts'
import { openCsvResponses, parseResponse } from '../../src/datasets/responses-csv.ts'
import { refuses, workFolder, writeFile } from './fixtures.ts'

const read = async (test: Test, text: string, axes: Axis[] | null = null) => {
  const folder = workFolder(test)
  const responses = await openCsvResponses(writeFile(folder, 'r.csv', text), axes, folder)
  const values: number[] = []
  await eachCanonicalBlock(responses.array, async (_, block) => void values.push(...block))
  await responses.close()
  return {
    shape: Object.values(responseShape(responses.array)),
    values,
    names: responses.stimulusNames,
    sites: responses.siteIds,
    warnings: responses.warnings,
  }
}

t.test('a row per stimulus, without and with names', async (t) => {
  t.same(await read(t, 's1,s2\n1,2\n3,\n'), { shape: [2, 2, 1, 1], values: [1, 2, 3, NaN], names: null, sites: ['s1', 's2'], warnings: [] })
  const named = await read(t, 'filename,s1,stimulus_id\nb.png,1.5,B\na.png,-2e1,A\n')
  t.same(named, {
    shape: [2, 1, 1, 1],
    values: [1.5, -20],
    names: { file: 'r.csv', stimulusIds: ['B', 'A'], filenames: ['b.png', 'a.png'] },
    sites: ['s1'],
    warnings: [],
  })
  t.match((await read(t, ',s1\n0,1\n1,2\n')).warnings, [/without a name/])
})

t.test('a row per presentation, in any order, with gaps', async (t) => {
  const { shape, values, names } = await read(t, 'stimulus_id,repetition,s1,s2\nb,7,1,2\na,1,3,4\nb,3,5,6\na,0,7,8\nb,9,9,NaN\n')
  t.same(names?.stimulusIds, ['b', 'a'])
  t.same(shape, [2, 2, 1, 3])
  t.same(values, [5, 1, 9, 6, 2, NaN, 7, 3, NaN, 8, 4, NaN], 'repetitions in the order of their numbers, padded by NaN')
})

t.test("axes may be stated when they are the format's own", async (t) => {
  t.same((await read(t, 's1\n1\n2\n', ['stimulus', 'site'])).values, [1, 2])
  const folder = workFolder(t)
  await refuses(t, () => openCsvResponses(writeFile(folder, 'r.csv', 's1\n1\n'), ['site', 'stimulus'], folder), 'unknown-axes', 'r.csv', 'stimulus,site')
})

t.test('numbers', async (t) => {
  t.same(['1', '-2.5e-3', '', 'NaN', 'NA', 'null'].map(parseResponse), [1, -0.0025, NaN, NaN, NaN, NaN])
  t.same(['inf', '-Infinity'].map(parseResponse), [Infinity, -Infinity])
  t.same(['bear', '0x10', '1 2', '1,5'].map(parseResponse), Array(4).fill(undefined))
})

t.test('bad tables are refused by line and column', async (t) => {
  const refused = async (text: string, ...rest: [Parameters<typeof refuses>[2], ...string[]]) => {
    const folder = workFolder(t)
    await refuses(t, () => openCsvResponses(writeFile(folder, 'r.csv', text), null, folder), ...rest)
  }
  await refused('stimulus_id,s1,object\na,1,bear\n', 'unsupported-dtype', 'line 2', '"object"', '"bear"', 'metadata')
  await refused('stimulus_id,s1\na,1\na,2\n', 'duplicate-id', 'lines 2 and 3', '"a"', 'repetition')
  await refused('stimulus_id,repetition,s1\na,0,1\na,0,2\n', 'duplicate-id', 'lines 2 and 3', 'same repetition')
  await refused('stimulus_id,repetition,s1\na,first,1\n', 'invalid-value', 'line 2', '"first"')
  await refused('repetition,s1\n0,1\n', 'missing-field', 'stimulus_id')
  await refused('stimulus_id,s1\na,1\n,2\n', 'missing-field', 'line 3')
  await refused('stimulus_id\na\n', 'missing-field', 'site columns')
  await refused('stimulus_id,s1\n', 'damaged-file', 'no rows')
  await refused('s1,s2\n1\n', 'damaged-file', 'line 2')
})

t.test('a table that would explode when stored densely is refused', async (t) => {
  const rows = Array.from({ length: 40_000 }, (_, i) => `s${i},0,1`)
  const repeats = Array.from({ length: 40_000 }, (_, i) => `s0,${i + 1},1`)
  const folder = workFolder(t)
  const file = writeFile(folder, 'r.csv', `stimulus_id,repetition,s1\n${[...rows, ...repeats].join('\n')}\n`)
  await refuses(t, () => openCsvResponses(file, null, folder), 'does-not-fit', 'r.csv', '40001 repetitions')
})

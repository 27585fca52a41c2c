import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { parseImportFields } from '../../src/datasets/import-fields.ts'
import { readDataset } from '../../src/datasets/read-dataset.ts'
import { sourceFile } from '../../src/datasets/source-file.ts'
import type { SourceFile } from '../../src/datasets/source-file.ts'
import { readNpyFile } from '../../src/numerics/npy.ts'
import { needs, shared } from '../helper/shared.ts'
import { pngLike, refuses, workFolder, writeFile, zipBytes } from './fixtures.ts'
import { writeAssembly } from './assembly.ts'
import type { AssemblyContent } from './assembly.ts'

const real = (name: string): SourceFile => sourceFile(shared('data/formats/brainio', name))

const read = async (t: Test, file: SourceFile, fields: Record<string, string> = {}, files: { stimuli?: SourceFile; metadata?: SourceFile } = {}) => {
  const dataset = await readDataset({ file, ...files, fields: parseImportFields({ unit: 'other', ...fields }) }, fs.mkdtempSync(path.join(workFolder(t), 'work-')))
  return { ...dataset, values: await readNpyFile(dataset.responsesPath) }
}

/** The stimulus set beside the real assemblies. */
const stimulusSet = async (t: Test) => {
  const folder = workFolder(t)
  const names = Array.from({ length: 10 }, (_, i) => `n${i}.png`)
  const zip = await zipBytes(names.map((name) => [name, fs.readFileSync(real(name).path)]))
  return { stimuli: writeFile(folder, 'images.zip', zip), metadata: real('image_test_ten_images.csv') }
}

t.test('a real assembly: gzip, variable-length names, one presentation per row, its stimulus set beside it', needs('data/formats/brainio'), async (t) => {
  const { stimuli, sites, values, manifest, stimuliPackPath } = await read(t, real('assy_test_TestMe.nc'), { region: 'IT' }, await stimulusSet(t))
  t.same(stimuli.map(({ stimulusId, filename, metadata }) => [stimulusId, filename, metadata]), [
    ['n0', 'n0.png', { thing: 'foo0' }],
    ['n1', 'n1.png', { thing: 'foo1' }],
    ['n4', 'n4.png', { thing: 'foo4' }],
    ['n9', 'n9.png', { thing: 'foo9' }],
  ])
  t.ok(fs.readFileSync(stimuliPackPath!).subarray(stimuli[3].offset, stimuli[3].offset + stimuli[3].bytes).equals(fs.readFileSync(real('n9.png').path)))
  t.same(sites, [
    { siteId: 'alpha', region: 'IT', metadata: { foo: '1' } },
    { siteId: 'beta', region: 'IT', metadata: { foo: '2' } },
    { siteId: 'gamma', region: 'IT', metadata: { foo: '5' } },
  ])
  t.same(values.shape, [4, 3, 1, 2])
  // rows of the file: n0 1..3, n1 4..6, n1 7..9, n0 10..12, n4 13..15, n9 16..18
  const nan = NaN
  t.same([...values.data], [1, 10, 2, 11, 3, 12, 4, 7, 5, 8, 6, 9, 13, nan, 14, nan, 15, nan, 16, nan, 17, nan, 18, nan])
  t.match(manifest.warnings.join('\n'), /repetition gives the same number to several presentations/)
  t.match(manifest.warnings.join('\n'), /6 images without responses, which were left out: n2\.png/)
  t.equal(manifest.source.reader, 'brainio')
})

t.test('an older real assembly: another variable name, image_id, time bins', needs('data/formats/brainio'), async (t) => {
  const { stimuli, sites, values, manifest } = await read(t, real('assy_test_package_assembly.nc'))
  t.same(stimuli.map(({ stimulusId, metadata }) => [stimulusId, metadata]), ['n0', 'n1', 'n2', 'n3', 'n4', 'n5'].map((id) => [id, { image_type: 'foo' }]))
  t.same(sites[2], { siteId: 'C', region: 'unknown', metadata: { neuroid_type: 'bar' } })
  t.same([values.shape, [...values.data]], [[6, 3, 1, 1], Array.from({ length: 18 }, (_, i) => i + 1)])
  t.same(manifest.timeBins, [{ startMs: 0, endMs: 10 }])
})

t.test('the third real file is a list of spike times, which is told', needs('data/formats/brainio'), async (t) => {
  await refuses(t, () => read(t, real('assy_test_package_assembly_extras.nc')), 'unknown-axes', 'event', 'list of spike times', 'presentation')
})

const content = (): AssemblyContent => ({
  // neuroid x time_bin x presentation: a value tells where it is from
  data: { dimensions: ['neuroid', 'time_bin', 'presentation'], values: Float32Array.from({ length: 2 * 3 * 5 }, (_, i) => i), chunks: [1, 3, 2] },
  sizes: { neuroid: 2, time_bin: 3, presentation: 5 },
  coordinates: {
    stimulus_id: { dimension: 'presentation', values: ['b', 'a', 'b', 'c', 'a'] },
    repetition: { dimension: 'presentation', values: Int32Array.from([7, 1, 3, 0, 0]) },
    object_name: { dimension: 'presentation', values: ['dog', 'cat', 'dog', 'cat', 'cat'] },
    session: { dimension: 'presentation', values: ['s1', 's1', 's2', 's2', 's1'] },
    neuroid_id: { dimension: 'neuroid', values: ['M1-1', 'M2-1'] },
    region: { dimension: 'neuroid', values: ['V4', 'IT'] },
    animal: { dimension: 'neuroid', values: ['M1', 'M2'] },
    time_bin_start: { dimension: 'time_bin', values: Float64Array.from([70, 90, 110]) },
    time_bin_end: { dimension: 'time_bin', values: Float64Array.from([90, 110, 130]) },
  },
})

t.test('any order of dimensions; presentations grouped by stimulus and sorted by repetition; coordinates become columns', async (t) => {
  const { stimuli, sites, values, manifest } = await read(t, writeAssembly(workFolder(t), 'a.nc', content()))
  t.same(stimuli.map(({ stimulusId, metadata }) => [stimulusId, metadata]), [
    ['b', { object_name: 'dog' }],
    ['a', { object_name: 'cat' }],
    ['c', { object_name: 'cat' }],
  ], 'session differs between repetitions and so describes no stimulus')
  t.same(sites, [{ siteId: 'M1-1', region: 'V4', animal: 'M1', metadata: {} }, { siteId: 'M2-1', region: 'IT', animal: 'M2', metadata: {} }])
  t.same(manifest.timeBins, [{ startMs: 70, endMs: 90 }, { startMs: 90, endMs: 110 }, { startMs: 110, endMs: 130 }])
  t.same(manifest.axes, ['stimulus', 'site', 'time', 'repetition'])
  const presentations = [[2, 0], [4, 1], [3, null]] // of b, a, c in the order of their repetition numbers
  const expected = presentations.flatMap((own) => [0, 1].flatMap((site) => [0, 1, 2].flatMap((bin) => own.map((p) => (p === null ? NaN : (site * 3 + bin) * 5 + p)))))
  t.same([values.shape, [...values.data]], [[3, 2, 3, 2], expected])
})

t.test('fill values are missing, scaled values are unscaled, a variable is named by the user', async (t) => {
  const given = content()
  const file = writeAssembly(workFolder(t), 'a.nc', {
    ...given,
    name: 'counts',
    data: { dimensions: ['presentation', 'neuroid'], values: Int16Array.from([0, 1, 2, 3, 4, 5, -9, 7, 8, 9]), attributes: { _FillValue: Int16Array.of(-9), scale_factor: Float64Array.of(0.5), add_offset: Float64Array.of(1) } },
  })
  const { values } = await read(t, file, { variable: 'counts' })
  t.same([...values.data], [3, 1, 3.5, 1.5, 5, 2, 5.5, 2.5, NaN, NaN, 4.5, NaN])
  await refuses(t, () => read(t, file), 'missing-field', '/variable', 'counts')
  await refuses(t, () => read(t, file, { variable: 'x' }), 'missing-field', '"x"', 'counts')
})

t.test('what an assembly lacks or has wrong is named', async (t) => {
  const refused = async (change: (given: AssemblyContent) => void, ...rest: [Parameters<typeof refuses>[2], ...string[]]): Promise<void> => {
    const given = content()
    change(given)
    await refuses(t, () => read(t, writeAssembly(workFolder(t), 'a.nc', given)), ...rest)
  }
  await refused((given) => delete given.coordinates.stimulus_id, 'missing-field', 'stimulus_id', 'object_name')
  await refused(
    (given) => {
      given.sizes.trial = 3
      given.data.dimensions[1] = 'trial'
    },
    'unknown-axes',
    '(neuroid, trial, presentation)',
  )
  await refused((given) => (given.coordinates.stimulus_id.values = ['b', '', 'b', 'c', 'a']), 'missing-field', 'presentation 1')
  await refused((given) => (given.data.values = Float32Array.from({ length: 30 }, () => Infinity)), 'non-finite-rates', 'a.nc')
  const images = writeFile(workFolder(t), 'images.zip', await zipBytes(['a.png', 'b.png'].map((name) => [name, pngLike(name)])))
  await refuses(t, () => read(t, writeAssembly(workFolder(t), 'a.nc', content()), {}, { stimuli: images }), 'count-mismatch', 'images.zip', 'c')
  const npy = writeFile(workFolder(t), 'x.csv', 'stimulus_id,s\na,1\n')
  await refuses(t, () => readDataset({ responses: npy, fields: parseImportFields({ unit: 'other', variable: 'data' }) }, workFolder(t)), 'unknown-field', '/variable', 'a table')
})

import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { parseImportFields } from '../../src/datasets/import-fields.ts'
import { readDataset } from '../../src/datasets/read-dataset.ts'
import type { DatasetFiles } from '../../src/datasets/read-dataset.ts'
import { encodeNpy, readNpyFile } from '../../src/numerics/npy.ts'
import { encodeNpz } from '../../src/numerics/npz.ts'
import { needs, shared } from '../helper/shared.ts'
import { imageZip, refuses, workFolder, writeFile, zipBytes } from './fixtures.ts'

const read = (folder: string, files: DatasetFiles, fields: Record<string, string> = {}, signal?: AbortSignal) =>
  readDataset({ ...files, fields: parseImportFields({ unit: 'count', ...fields }) }, fs.mkdtempSync(path.join(folder, 'work-')), signal)

const npy = (values: ArrayLike<number>, shape: number[], type: 'f4' | 'f8' = 'f8'): Uint8Array =>
  encodeNpy(type === 'f4' ? Float32Array.from(values) : Float64Array.from(values), shape)

const names3 = ['a.png', 'b.png', 'c.png']
const setUp = async (t: Test) => {
  const folder = workFolder(t)
  return {
    folder,
    stimuli: await imageZip(folder, names3),
    responses: (values: ArrayLike<number>, shape: number[]) => writeFile(folder, 'responses.npy', npy(values, shape)),
  }
}

t.test('images and an array become a pack, canonical responses and a manifest', async (t) => {
  const { folder, responses } = await setUp(t)
  const stimuli = await imageZip(folder, ['set/c.png', 'set/a.png', 'set/b.png'])
  const values = [1, 2, NaN, 4, 5, 6, 7, 8, 9, 10, 11, NaN] // (site 2 x stimulus 3 x repetition 2)
  const dataset = await read(
    folder,
    { stimuli, responses: responses(values, [2, 3, 2]) },
    { axes: 'site,stimulus,repetition', name: 'mine', region: 'V4', timeBinMs: '50,150', visualDegrees: '8', backgroundRgb: '127,127,127' },
  )
  const stored = await readNpyFile(dataset.responsesPath)
  t.same(stored, { shape: [3, 2, 1, 2], data: Float64Array.from([1, 2, 7, 8, NaN, 4, 9, 10, 5, 6, 11, NaN]) })
  const pack = fs.readFileSync(dataset.stimuliPackPath!)
  t.same(
    dataset.stimuli.map(({ offset, bytes }) => pack.subarray(offset + 8, offset + bytes).toString()),
    ['set/a.png', 'set/b.png', 'set/c.png'],
    'the pack is in the order of the rows',
  )
  t.match(dataset.stimuli[0], { stimulusId: 'a', filename: 'set/a.png', sha256: /^[0-9a-f]{64}$/, width: 0, height: 0, metadata: {} })
  t.same(dataset.report, { repetitions: { min: 1, max: 2 }, missing: { cells: 0, repetitions: 2, total: 12 }, constantSites: [] })
  t.match(dataset.manifest, {
    name: 'mine',
    unit: 'count',
    axes: ['site', 'stimulus', 'repetition'],
    timeBins: [{ startMs: 50, endMs: 150 }],
    visualDegrees: 8,
    backgroundRgb: [127, 127, 127],
    warnings: [],
    source: { reader: 'npy', responses: 'responses.npy', stimuli: 'stimuli.zip', responsesSha256: /^[0-9a-f]{64}$/, pairedBy: 'natural order of the paths' },
  })
  t.same(dataset.sites, [
    { siteId: 'site-1', region: 'V4', metadata: {} },
    { siteId: 'site-2', region: 'V4', metadata: {} },
  ])
})

t.test('metadata and sites join by name; grouping columns are found', async (t) => {
  const { folder } = await setUp(t)
  const stimuli = await imageZip(folder, ['1.png', '2.png', '3.png', '4.png'])
  const responses = writeFile(folder, 'r.csv', 'filename,n1,n2\n3.png,1,2\n1.png,3,4\n4.png,5,6\n2.png,7,8\n')
  const metadata = writeFile(folder, 'm.csv', 'filename,stimulus_id,object_name\n1.png,one,bear\n2.png,two,bear\n3.png,three,dog\n4.png,four,dog\n')
  const sites = writeFile(folder, 's.csv', 'site_id,region,animal\nn2,IT,Tito\nn1,V4,Tito\n')
  const dataset = await read(folder, { stimuli, responses, metadata, sites })
  t.same(
    dataset.stimuli.map(({ stimulusId, filename, metadata: m }) => [stimulusId, filename, m.object_name]),
    [
      ['three', '3.png', 'dog'],
      ['one', '1.png', 'bear'],
      ['four', '4.png', 'dog'],
      ['two', '2.png', 'bear'],
    ],
  )
  t.same(
    dataset.sites.map(({ siteId, region }) => [siteId, region]),
    [
      ['n1', 'V4'],
      ['n2', 'IT'],
    ],
  )
  t.same((await readNpyFile(dataset.responsesPath)).data, Float64Array.from([1, 2, 3, 4, 5, 6, 7, 8]))
  t.same([dataset.manifest.groupingColumns, dataset.metadataColumns, dataset.manifest.name], [['object_name'], ['object_name'], 'r'])
})

t.test('npz: an array with the names of its rows and columns', async (t) => {
  const { folder, stimuli } = await setUp(t)
  const bytes = await encodeNpz({
    responses: npy([1, 2, 3, 4, 5, 6], [2, 3], 'f4'),
    stimulus_id: encodeNpy(['c', 'a', 'b'], [3]),
    site_id: encodeNpy(['s1', 's2'], [2]),
    region: encodeNpy(['IT', 'V4'], [2]),
  })
  const dataset = await read(folder, { stimuli, file: writeFile(folder, 'x.npz', bytes) }, { axes: 'site,stimulus' })
  t.same(
    dataset.stimuli.map(({ stimulusId, filename }) => [stimulusId, filename]),
    [
      ['c', 'c.png'],
      ['a', 'a.png'],
      ['b', 'b.png'],
    ],
  )
  t.same(
    dataset.sites.map(({ siteId, region }) => [siteId, region]),
    [
      ['s1', 'IT'],
      ['s2', 'V4'],
    ],
  )
  t.same((await readNpyFile(dataset.responsesPath)).data, Float64Array.from([1, 4, 2, 5, 3, 6]))
  const bare = await read(folder, { stimuli, responses: writeFile(folder, 'y.npz', await encodeNpz({ whatever: npy([1, 2, 3, 4, 5, 7], [3, 2]) })) })
  t.equal(bare.sites.length, 2, 'the only array of two axes')
  const refused = async (arrays: Record<string, Uint8Array>, ...rest: [Parameters<typeof refuses>[2], ...string[]]) =>
    refuses(t, async () => read(folder, { stimuli, responses: writeFile(folder, 'z.npz', await encodeNpz(arrays)) }), ...rest)
  await refused({ x: npy([1, 2, 3], [3]) }, 'missing-field', 'z.npz', 'responses')
  await refused(
    { responses: npy([1, 2, 3, 4, 5, 6], [3, 2]), stimulus_id: encodeNpy(['a'], [1]) },
    'count-mismatch',
    'stimulus_id',
    '3 elements of the stimulus axis',
  )
  await refused({ responses: npy([1, 2, 3, 4, 5, 6], [3, 2]), stimulus_id: encodeNpy(['a', 'b', 'x'], [3]) }, 'count-mismatch', 'z.npz', ': x')
})

t.test('dtypes: small ones are kept as float32, others refused', async (t) => {
  const { folder, stimuli } = await setUp(t)
  const header = (descr: string, shape: string, data: Uint8Array): Uint8Array => {
    const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`.padEnd(117) + '\n'
    return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1'), Buffer.from(text), data])
  }
  const counts = await read(folder, { stimuli, responses: writeFile(folder, 'u1.npy', header('|u1', '(3, 2)', Uint8Array.from([1, 2, 3, 4, 5, 255]))) })
  t.match(fs.readFileSync(counts.responsesPath).subarray(0, 128).toString('latin1'), /'<f4'/)
  t.same((await readNpyFile(counts.responsesPath)).data, Float64Array.from([1, 2, 3, 4, 5, 255]))
  for (const descr of ['|O', '<c8', '|b1', '<U4', '<M8[ns]']) {
    await refuses(
      t,
      () => read(folder, { stimuli, responses: writeFile(folder, 'x.npy', header(descr, '(3, 2)', new Uint8Array(96))) }),
      'unsupported-dtype',
      'x.npy',
      descr,
    )
  }
  await refuses(t, () => read(folder, { stimuli, responses: writeFile(folder, 'x.npy', header('<f8', '(3, 2)', new Uint8Array(40))) }), 'damaged-file', 'x.npy')
})

t.test('what the contract refuses, each with its code', async (t) => {
  const { folder, stimuli, responses } = await setUp(t)
  const six = [1, 2, 3, 4, 5, 6]
  const good = () => responses(six, [3, 2])
  await refuses(t, () => read(folder, { stimuli }), 'missing-field', '/responses')
  await refuses(t, () => read(folder, { stimuli, responses: good(), file: good() }), 'invalid-request', 'not both')
  await refuses(
    t,
    () => readDataset({ stimuli, responses: good(), fields: parseImportFields({}) }, fs.mkdtempSync(path.join(folder, 'work-'))),
    'missing-field',
    '/unit',
    'spikes/s',
  )
  await refuses(
    t,
    () => read(folder, { stimuli, responses: responses(six, [2, 3]) }),
    'count-mismatch',
    'responses.npy has 2 stimuli',
    '3 images',
    'axes=site,stimulus',
  )
  await refuses(t, () => read(folder, { stimuli, responses: responses([1, 2, 3, 4], [4, 1]) }), 'count-mismatch', '4 stimuli', 'check the axes')
  await refuses(t, () => read(folder, { stimuli, responses: responses([1, 2, 3], [3]) }), 'unknown-axes', 'responses.npy', '(3)')
  await refuses(t, () => read(folder, { stimuli, responses: responses(six, [3, 1, 2, 1]) }), 'unknown-axes', '4 axes')
  await refuses(t, () => read(folder, { stimuli, responses: good() }, { axes: 'stimulus,site,repetition' }), 'unknown-axes', 'names 3 axes', '(3, 2)')
  await refuses(t, () => read(folder, { stimuli, responses: responses([], [3, 0]) }), 'count-mismatch', 'site axis has length 0')
  await refuses(
    t,
    () => read(folder, { stimuli, responses: responses([1, 2, Infinity, 4, 5, 6], [3, 2]) }),
    'non-finite-rates',
    'responses.npy',
    'stimulus 1, site 0',
  )
  await refuses(t, () => read(folder, { stimuli, responses: responses([1, 2, -3, 4, 5, 6], [3, 2]) }), 'negative-rates', '-3', 'stimulus 1, site 0')
  t.equal((await read(folder, { stimuli, responses: responses([1, 2, -3, 4, 5, 6], [3, 2]) }, { unit: 'zscore' })).manifest.unit, 'zscore')
  await refuses(t, () => read(folder, { stimuli, responses: responses([1, NaN, 3, NaN, 5, NaN], [3, 2]) }), 'non-finite-rates', '1 of 2 sites')
  await refuses(t, () => read(folder, { stimuli, responses: good() }, { timeBinMs: '0,10;10,20' }), 'count-mismatch', '/timeBinMs', '1 time bins')
  await refuses(t, () => read(folder, { stimuli, responses: writeFile(folder, 'r.xls', '\xd0\xcf\x11\xe0\0\0') }), 'unsupported-format', 'r.xls', '.npy')
  await refuses(t, () => read(folder, { stimuli, responses: writeFile(folder, 'r.mat', `MATLAB 5.0 MAT-file, Platform${' '.repeat(100)}`) }), 'unsupported-format', 'r.mat', 'version 5 to 7')
  await refuses(t, () => read(folder, { stimuli, responses: writeFile(folder, 'none.npy', '') }), 'damaged-file', 'none.npy is empty')
  await refuses(t, () => read(folder, { stimuli, responses: writeFile(folder, 'cut.npy', npy(six, [3, 2]).subarray(0, 150)) }), 'damaged-file', 'cut.npy')
  await refuses(t, () => read(folder, { stimuli: good(), responses: good() }), 'unsupported-format', 'responses.npy is not a zip')
  const text = writeFile(folder, 'texts.zip', await zipBytes(names3.map((name) => [name, Buffer.from('no image')])))
  await refuses(t, () => read(folder, { stimuli: text, responses: good() }), 'not-an-image', 'texts.zip: a.png')
  const ten = await imageZip(folder, ['i1.png', 'i2.png', 'i10.png'], 'ten.zip')
  await refuses(t, () => read(folder, { stimuli: ten, responses: good() }), 'ambiguous-order', 'i1.png, i2.png, i10.png', 'i1.png, i10.png, i2.png')
  t.equal((await read(folder, { stimuli: ten, responses: good() }, { order: 'codepoint' })).stimuli[1].filename, 'i10.png')
  const sites = writeFile(folder, 's.csv', 'site_id\na\n')
  await refuses(t, () => read(folder, { stimuli, responses: good(), sites }), 'count-mismatch', 's.csv has 1 rows', 'responses.npy has 2 sites')
})

t.test('accepted with a warning', async (t) => {
  const { folder, stimuli, responses } = await setUp(t)
  const square = await read(folder, { stimuli, responses: responses([1, 2, 3, 4, 5, 6, 7, 8, 9], [3, 3]) })
  t.match(square.manifest.warnings, [/as many stimuli as sites \(3\).*stimulus, site was assumed/])
  t.same((await read(folder, { stimuli, responses: responses([1, 2, 3, 4, 5, 6, 7, 8, 9], [3, 3]) }, { axes: 'stimulus,site' })).manifest.warnings, [])
  const constant = await read(folder, { stimuli, responses: responses([1, 0, 2, 0, 3, 0], [3, 2]) })
  t.same(constant.report.constantSites, ['site-2'])
  t.match(constant.manifest.warnings, [/1 sites respond to every stimulus alike.*site-2/])
  const missing = await read(folder, { stimuli, responses: responses([1, NaN, 2, 1, 3, 0], [3, 2]) })
  t.match(missing.manifest.warnings, [/1 of 6 responses \(stimulus x site\)/])
  const bins = await read(folder, { stimuli, responses: responses([1, 2, 3, 4, 5, 7], [3, 1, 2]) }, { axes: 'stimulus,site,time' })
  t.match(bins.manifest.warnings, [/2 time bins whose windows are unknown/])
  t.same((await readNpyFile(bins.responsesPath)).shape, [3, 1, 2, 1])
})

t.test('an abort ends it; nothing is written outside the work folder', async (t) => {
  const { folder, stimuli, responses } = await setUp(t)
  const file = responses([1, 2, 3, 4, 5, 6], [3, 2])
  const before = fs.readdirSync(folder).length
  await t.rejects(read(folder, { stimuli, responses: file }, {}, AbortSignal.abort(new Error('cancelled'))), { message: 'cancelled' })
  t.same(fs.readdirSync(folder).length, before + 1)
})

const v4 = ['data', 'neural', 'cowley-v4-210325'] as const

t.test('a real V4 session: means', needs(...v4), async (t) => {
  const folder = workFolder(t)
  const dataset = await read(
    folder,
    { stimuli: shared(...v4, 'images.zip'), responses: shared(...v4, 'responses_mean.npy') },
    { axes: 'site,stimulus', region: 'V4', timeBinMs: '50,150' },
  )
  const source = await readNpyFile(shared(...v4, 'responses_mean.npy')) // (site x stimulus)
  const { shape, data } = await readNpyFile(dataset.responsesPath)
  t.same(shape, [640, 50, 1, 1])
  t.ok(data.every((value, i) => value === source.data[(i % 50) * 640 + Math.floor(i / 50)]))
  t.same([dataset.stimuli[0].filename, dataset.stimuli[639].filename, dataset.sites.length], ['image0001.jpg', 'image0640.jpg', 50])
  t.same(
    [dataset.report, dataset.manifest.warnings],
    [{ repetitions: { min: 1, max: 1 }, missing: { cells: 0, repetitions: 0, total: 32000 }, constantSites: [] }, []],
  )
  await refuses(
    t,
    () => read(folder, { stimuli: shared(...v4, 'images.zip'), responses: shared(...v4, 'responses_mean.npy') }),
    'count-mismatch',
    '50 stimuli',
    '640 images',
    'axes=site,stimulus',
  )
})

t.test('a real V4 session: single repetitions, padded by NaN', needs(...v4), async (t) => {
  const folder = workFolder(t)
  const dataset = await read(
    folder,
    { stimuli: shared(...v4, 'images.zip'), responses: shared(...v4, 'responses_raw.npy') },
    { axes: 'site,stimulus,repetition' },
  )
  const source = await readNpyFile(shared(...v4, 'responses_raw.npy'))
  const { shape, data } = await readNpyFile(dataset.responsesPath)
  t.same(shape, [640, 50, 1, 10])
  t.ok(data.every((value, i) => Object.is(value, source.data[(Math.floor(i / 10) % 50) * 6400 + Math.floor(i / 500) * 10 + (i % 10)])))
  t.same(dataset.report.repetitions, { min: 6, max: 10 })
  t.equal(dataset.report.missing.repetitions, source.data.filter(Number.isNaN).length)
})

import fs from 'node:fs'
import path from 'node:path'
import h5wasm from 'h5wasm/node'
import sharp from 'sharp'
import t from 'tap'
import { parseImportFields } from '../../src/datasets/import-fields.ts'
import { readDataset } from '../../src/datasets/read-dataset.ts'
import { sourceFile } from '../../src/datasets/source-file.ts'
import { readNpyFile } from '../../src/numerics/npy.ts'
import { uniforms } from '../helper/generator.ts'
import { refuses, workFolder, writeFile } from './fixtures.ts'

const side = 16
const mean = [0.485, 0.456, 0.406]
const sd = [0.229, 0.224, 0.225]

/** Random 8-bit planes (n, 3, side, side). */
const bytesOf = (name: string, n: number): number[] => Array.from(uniforms(name, n * 3 * side * side), (u) => Math.floor(u * 256))

const normalise = (bytes: number[]): Float32Array =>
  Float32Array.from(bytes, (byte, i) => (byte / 255 - mean[Math.floor(i / (side * side)) % 3]) / sd[Math.floor(i / (side * side)) % 3])

interface Content {
  data: Float32Array | Float64Array | string[] | Int32Array
  shape?: number[]
  chunks?: number[]
  dtype?: string
}

await h5wasm.ready

const writeH5 = (folder: string, name: string, content: Record<string, Content>) => {
  const file = path.join(folder, name)
  const h5 = new h5wasm.File(file, 'w')
  for (const [key, { data, shape, chunks, dtype }] of Object.entries(content)) {
    h5.create_dataset({
      name: key,
      data,
      shape,
      chunks,
      ...(chunks === undefined ? {} : { compression: 'gzip' as const }),
      ...(dtype === undefined ? {} : { dtype }),
    })
  }
  h5.close()
  return sourceFile(file)
}

const spikes = (name: string, n: number, sites: number): Float32Array => Float32Array.from(uniforms(name, n * sites), (u) => u * 30)

const content = (): Record<string, Content> => ({
  stimulus_train: { data: normalise(bytesOf('train', 5)), shape: [5, 3, side, side], chunks: [2, 3, side, side] },
  stimulus_val: { data: normalise(bytesOf('val', 2)), shape: [2, 3, side, side] },
  stimulus_test: { data: normalise(bytesOf('test', 3)), shape: [3, 3, side, side] },
  spikes_train: { data: spikes('st', 5, 4), shape: [5, 4] },
  spikes_val: { data: spikes('sv', 2, 4), shape: [2, 4] },
  object_train: { data: ['bear', 'bear', 'dog', 'dog', 'dog'], shape: [5], dtype: 'S8' },
  objects_val: { data: ['bear', 'dog'], shape: [2] },
})

const read = (folder: string, file: ReturnType<typeof sourceFile>, fields: Record<string, string> = {}) => {
  const work = fs.mkdtempSync(path.join(folder, 'work-'))
  return readDataset({ file, fields: parseImportFields(fields) }, work)
}

t.test('images, spikes, objects and split, streamed out of the file', async (t) => {
  const folder = workFolder(t)
  const dataset = await read(folder, writeH5(folder, 'IT_data.h5', content()))
  t.equal(dataset.stimuli.length, 7)
  t.same(
    dataset.stimuli.map(({ stimulusId, filename, metadata }) => [stimulusId, filename, metadata]).filter((_, i) => i === 0 || i === 5),
    [
      ['train_0000', 'train_0000.png', { object_name: 'bear', split: 'train' }],
      ['val_0000', 'val_0000.png', { object_name: 'bear', split: 'val' }],
    ],
  )
  const pack = fs.readFileSync(dataset.stimuliPackPath!)
  for (const [row, planes] of [
    [0, bytesOf('train', 5)],
    [4, bytesOf('train', 5).slice(4 * 3 * side * side)],
    [6, bytesOf('val', 2).slice(3 * side * side)],
  ] as const) {
    const { offset, bytes } = dataset.stimuli[row]
    const { data, info } = await sharp(pack.subarray(offset, offset + bytes))
      .raw()
      .toBuffer({ resolveWithObject: true })
    t.same([info.format, info.width, info.height, info.channels], ['raw', side, side, 3])
    const expected = Buffer.from(Array.from({ length: side * side * 3 }, (_, i) => planes[(i % 3) * side * side + Math.floor(i / 3)]))
    t.ok(data.equals(expected), `row ${row}: the very bytes that were normalised`)
  }
  const { shape, data } = await readNpyFile(dataset.responsesPath)
  t.same(shape, [7, 4, 1, 1])
  t.same(data, Float64Array.from([...spikes('st', 5, 4), ...spikes('sv', 2, 4)]))
  const { manifest } = dataset
  t.same(
    [manifest.name, manifest.unit, manifest.timeBins, manifest.sites[0]],
    ['IT_data', 'spikes/s', [{ startMs: 70, endMs: 170 }], { siteId: 'site-1', region: 'IT', metadata: {} }],
  )
  t.same(manifest.groupingColumns, ['object_name'])
  t.match(manifest.warnings, [/stimulus_test has no spikes_test; its 3 images were left out/, /The unit was not stated; spikes\/s/])
})

t.test('what the user states wins over what the format implies', async (t) => {
  const folder = workFolder(t)
  const { manifest } = await read(folder, writeH5(folder, 'x.h5', content()), { name: 'mine', unit: 'other', region: 'V4', timeBinMs: '50,150' })
  t.same([manifest.name, manifest.unit, manifest.timeBins, manifest.sites[3].region], ['mine', 'other', [{ startMs: 50, endMs: 150 }], 'V4'])
})

t.test('negative values cannot be rates: without a stated unit they make it "other"', async (t) => {
  const folder = workFolder(t)
  const negative = { ...content(), spikes_val: { data: Float32Array.from([-1, 0, 1, 2, 3, 4, 5, 6]), shape: [2, 4] } }
  const { manifest } = await read(folder, writeH5(folder, 'x.h5', negative))
  t.equal(manifest.unit, 'other')
  await refuses(t, () => read(folder, writeH5(folder, 'x.h5', negative), { unit: 'spikes/s' }), 'negative-rates', 'x.h5', 'stimulus 5, site 0')
})

t.test('8 bits that lose something are told', async (t) => {
  const folder = workFolder(t)
  const half = { ...content(), stimulus_val: { data: normalise(bytesOf('val', 2).map((byte) => Math.min(254, byte) + 0.4)), shape: [2, 3, side, side] } }
  t.match(
    (await read(folder, writeH5(folder, 'x.h5', half))).manifest.warnings.find((text) => text.includes('8-bit')),
    /up to 0\.40 of 255/,
  )
  const raw = (name: string, n: number): Content => ({ data: Float32Array.from(bytesOf(name, n), (byte) => byte / 255), shape: [n, 3, side, side] })
  const never = { ...content(), stimulus_train: raw('train', 5), stimulus_val: raw('val', 2) }
  t.match(
    (await read(folder, writeH5(folder, 'x.h5', never))).manifest.warnings.find((text) => text.includes('never normalised')),
    /between 0 and 1/,
  )
  const wild = { ...content(), stimulus_val: { data: Float32Array.from({ length: 2 * 3 * side * side }, (_, i) => i), shape: [2, 3, side, side] } }
  await refuses(t, () => read(folder, writeH5(folder, 'x.h5', wild)), 'invalid-value', 'stimulus_val, row 0', 'ImageNet')
  const nan = { ...content(), stimulus_val: { data: new Float32Array(2 * 3 * side * side).fill(NaN), shape: [2, 3, side, side] } }
  await refuses(t, () => read(folder, writeH5(folder, 'x.h5', nan)), 'invalid-value', 'NaN')
})

t.test('layouts that do not agree are refused by name', async (t) => {
  const folder = workFolder(t)
  const refused = async (change: Record<string, Content | undefined>, ...rest: [Parameters<typeof refuses>[2], ...string[]]) => {
    const changed = Object.fromEntries(Object.entries({ ...content(), ...change }).filter(([, value]) => value !== undefined)) as Record<string, Content>
    await refuses(t, () => read(folder, writeH5(folder, 'x.h5', changed)), ...rest)
  }
  await refused({ spikes_train: { data: spikes('st', 4, 4), shape: [4, 4] } }, 'count-mismatch', 'spikes_train', '5 images', '(4, 4)')
  await refused({ spikes_val: { data: spikes('sv', 2, 3), shape: [2, 3] } }, 'count-mismatch', 'spikes_val', '3 sites')
  await refused({ object_train: { data: ['bear'], shape: [1] } }, 'count-mismatch', 'object_train')
  await refused({ stimulus_train: undefined }, 'missing-field', 'stimulus_train', 'spikes_train')
  await refused(
    { stimulus_train: { data: normalise(bytesOf('train', 5)), shape: [5, side, side, 3] } },
    'count-mismatch',
    'stimulus_train',
    `(5, ${side}, ${side}, 3)`,
  )
  await refused(
    { stimulus_train: { data: new Int32Array(5 * 3 * side * side), shape: [5, 3, side, side] } },
    'unsupported-dtype',
    'stimulus_train',
    'integer of 4 bytes',
  )
  await refused(
    { spikes_train: { data: ['a', 'b', 'c', 'd', 'e'], shape: [5, 1] }, spikes_val: { data: ['a', 'b'], shape: [2, 1] } },
    'unsupported-dtype',
    'spikes_train',
  )
  await refused({ spikes_train: { data: spikes('st', 5, 4).fill(Infinity), shape: [5, 4] } }, 'non-finite-rates', 'x.h5', 'Infinity')
  const other = writeH5(folder, 'other.h5', { x: { data: new Float32Array(2) } })
  await refuses(t, () => read(folder, other), 'unsupported-format', 'other.h5', 'stimulus_train', 'found x')
})

t.test('beside images of its own the file takes no others, but a table of sites and one of metadata', async (t) => {
  const folder = workFolder(t)
  const file = writeH5(folder, 'x.h5', content())
  const sites = writeFile(folder, 'sites.csv', 'site_id,region,animal\na,IT,M1\nb,V4,M1\nc,IT,M2\nd,IT,M2\n')
  const metadata = writeFile(
    folder,
    'm.csv',
    `stimulus_id,category\n${['val_0001', 'val_0000', ...[0, 1, 2, 3, 4].map((i) => `train_000${i}`)].map((id, i) => `${id},c${i}`).join('\n')}\n`,
  )
  const work = fs.mkdtempSync(path.join(folder, 'work-'))
  const dataset = await readDataset({ file, sites, metadata, fields: parseImportFields({}) }, work)
  t.same(
    dataset.sites.map(({ region, animal }) => [region, animal]),
    [
      ['IT', 'M1'],
      ['V4', 'M1'],
      ['IT', 'M2'],
      ['IT', 'M2'],
    ],
  )
  t.same(
    dataset.stimuli.map(({ metadata: { category } }) => category),
    ['c2', 'c3', 'c4', 'c5', 'c6', 'c1', 'c0'],
  )
  await refuses(
    t,
    () => readDataset({ file, stimuli: sites, fields: parseImportFields({}) }, fs.mkdtempSync(path.join(folder, 'work-'))),
    'invalid-request',
    '/stimuli',
  )
})

import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { parseImportFields } from '../../src/datasets/import-fields.ts'
import { readActivations } from '../../src/datasets/read-activations.ts'
import { readDataset } from '../../src/datasets/read-dataset.ts'
import { encodeNpy, readNpyFile } from '../../src/numerics/npy.ts'
import { encodeNpz } from '../../src/numerics/npz.ts'
import { pngLike, refuses, workFolder, writeFile, zipBytes } from './fixtures.ts'

const [n, left, right] = [4, 3, 2]
const side = (vertices: number, from: number): Uint8Array => encodeNpy(Float32Array.from({ length: n * vertices }, (_, i) => from + i), [n, vertices])
const images = Array.from({ length: n }, (_, i) => `train-000${i + 1}_nsd-0${i}013.png`)
const subject = (): [string, Uint8Array][] => [
  // not in the order of their numbers, as zips are
  ...images.toReversed().map((name): [string, Uint8Array] => [`subj01/training_split/training_images/${name}`, pngLike(name)]),
  ['subj01/test_split/test_images/test-0001_nsd-00845.png', pngLike('test')],
  ['subj01/training_split/training_fmri/lh_training_fmri.npy', side(left, 0)],
  ['subj01/training_split/training_fmri/rh_training_fmri.npy', side(right, 100)],
]

const read = async (t: Test, entries: [string, Uint8Array][], fields: Record<string, string> = {}) => {
  const folder = workFolder(t)
  const file = writeFile(folder, 'subj01.zip', await zipBytes(entries))
  const dataset = await readDataset({ file, fields: parseImportFields({ unit: 'zscore', ...fields }) }, fs.mkdtempSync(path.join(folder, 'work-')))
  return { ...dataset, values: await readNpyFile(dataset.responsesPath), pack: fs.readFileSync(dataset.stimuliPackPath!) }
}

t.test('a subject of Algonauts 2023: both hemispheres side by side, an image per row, the test images left out', async (t) => {
  const { stimuli, sites, values, pack, manifest } = await read(t, subject())
  t.same(stimuli.map(({ stimulusId, metadata }) => [stimulusId, metadata]), images.map((name, i) => [name.slice(0, -4), { nsd_id: `0${i}013` }]))
  t.same(stimuli.map(({ offset, bytes }) => pack.subarray(offset + 8, offset + bytes).toString()), images)
  t.same(sites.map(({ siteId, metadata }) => [siteId, metadata.hemisphere]), [['lh-1', 'lh'], ['lh-2', 'lh'], ['lh-3', 'lh'], ['rh-1', 'rh'], ['rh-2', 'rh']])
  t.same(values.shape, [n, left + right, 1, 1])
  t.same([...values.data], [0, 1, 2, 100, 101, 3, 4, 5, 102, 103, 6, 7, 8, 104, 105, 9, 10, 11, 106, 107])
  t.equal(manifest.source.reader, 'algonauts')
})

t.test('an Algonauts archive whose rows and images do not agree is refused', async (t) => {
  await refuses(t, () => read(t, subject().slice(1)), 'count-mismatch', '3 training images', '4 rows')
  await refuses(t, () => read(t, [...subject().slice(1), ['x/train-0009_nsd-00001.png', pngLike('x')]]), 'count-mismatch', 'train-0004', 'train-0009')
  await refuses(t, () => read(t, [...subject().slice(0, -1), ['rh_training_fmri.npy', encodeNpy(new Float32Array(3), [3, 1])]]), 'count-mismatch', '4 and 3 images')
  await refuses(t, () => read(t, subject(), { variable: 'x' }), 'unknown-field', '/variable', 'Algonauts')
})

const layerOf = (i: number): Record<string, Uint8Array> => ({
  conv1: encodeNpy(Float32Array.from({ length: 8 }, (_, k) => 10 * i + k), [1, 2, 2, 2]),
  fc: encodeNpy(Float64Array.of(i, i / 3), [2]),
})
const perImage = async (change: (i: number, layers: Record<string, Uint8Array>) => Record<string, Uint8Array> = (_, layers) => layers): Promise<Buffer> =>
  zipBytes(await Promise.all(['c', 'a', 'b'].map(async (id): Promise<[string, Uint8Array]> => [`feats/${id}.npz`, await encodeNpz(change('abc'.indexOf(id), layerOf('abc'.indexOf(id))))])))

const readLayers = async (t: Test, bytes: Buffer, stimulusIds = ['a', 'b', 'c']) => {
  const folder = workFolder(t)
  return readActivations(writeFile(folder, 'feats.zip', bytes), { stimulusIds, rows: null, workFolder: folder })
}

t.test('one .npz per image (Net2Brain): rows in the order of the dataset, an array per layer', async (t) => {
  const layers = await readLayers(t, await perImage())
  t.same(layers.map(({ name, shape, units, type }) => [name, shape, units, type]), [['conv1', [2, 2, 2], 8, 'f4'], ['fc', [2], 2, 'f8']])
  const [conv, fc] = await Promise.all(layers.map(async ({ path: file }) => readNpyFile(file)))
  t.same([conv.shape, [...conv.data]], [[3, 2, 2, 2], [0, 1, 2].flatMap((i) => Array.from({ length: 8 }, (_, k) => 10 * i + k))])
  t.same([fc.shape, [...fc.data]], [[3, 2], [0, 0, 1, 1 / 3, 2, 2 / 3]])
})

t.test('images and layers of such an archive must be the dataset’s, and alike', async (t) => {
  await refuses(t, async () => readLayers(t, await perImage(), ['a', 'b', 'c', 'd']), 'count-mismatch', 'd')
  await refuses(t, async () => readLayers(t, await perImage((i, layers) => (i === 2 ? { conv1: layers.conv1 } : layers))), 'count-mismatch', 'c.npz', 'fc')
  await refuses(t, async () => readLayers(t, await perImage((i, layers) => (i === 1 ? { ...layers, fc: encodeNpy(new Float64Array(3), [3]) } : layers))), 'count-mismatch', 'b.npz', '(3)')
  await refuses(t, async () => readLayers(t, await perImage((i, layers) => (i === 1 ? { ...layers, fc: encodeNpy(Float64Array.of(0, NaN), [2]) } : layers))), 'non-finite-activations', 'b.npz', 'unit 1')
})

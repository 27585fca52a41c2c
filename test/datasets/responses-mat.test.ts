import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { parseImportFields } from '../../src/datasets/import-fields.ts'
import { readDataset } from '../../src/datasets/read-dataset.ts'
import { sourceFile } from '../../src/datasets/source-file.ts'
import type { SourceFile } from '../../src/datasets/source-file.ts'
import { readNpyFile } from '../../src/numerics/npy.ts'
import { refuses, workFolder, writeFile } from './fixtures.ts'

const reference = (...parts: string[]): SourceFile => sourceFile(path.resolve(import.meta.dirname, '../reference', ...parts))

const read = async (t: Test, responses: SourceFile, fields: Record<string, string>) => {
  const { responsesPath, manifest } = await readDataset({ responses, fields: parseImportFields({ unit: 'other', ...fields }) }, fs.mkdtempSync(path.join(workFolder(t), 'work-')))
  const { shape, data } = await readNpyFile(responsesPath)
  return { shape, data: [...data], manifest }
}

t.test('version 5, plain and compressed: the axes are MATLAB’s', async (t) => {
  for (const name of ['plain.mat', 'packed.mat']) {
    const { shape, data, manifest } = await read(t, reference('mat5', name), { variable: 'numbers' }) // 3 x 4, value 4 = row * 4 + column
    t.same([shape, data], [[3, 4, 1, 1], Array.from({ length: 12 }, (_, i) => i / 4)])
    t.equal(manifest.source.reader, 'mat5')
  }
  const turned = await read(t, reference('mat5', 'plain.mat'), { variable: 'numbers', axes: 'site,stimulus' })
  t.same([turned.shape, turned.data.slice(0, 3)], [[4, 3, 1, 1], [0, 1, 2]])
  const three = await read(t, reference('mat5', 'plain.mat'), { variable: 'bytes', axes: 'repetition,site,stimulus' }) // 1 x 2 x 3
  t.same([three.shape, three.data], [[3, 2, 1, 1], [0, 3, 1, 4, 2, 5]])
})

t.test('version 7.3: axes in reverse in the file, a field of a struct, slabs across chunks', async (t) => {
  const file = reference('hdf5', 'mat73.mat')
  // MATLAB's rates(i,j,k), 4 x 3 x 2, is stored at [k][j][i] = 12 k + 4 j + i
  const { shape, data, manifest } = await read(t, file, { variable: 'session.rates', axes: 'stimulus,repetition,site' })
  t.same(shape, [4, 2, 1, 3])
  t.same(data, [0, 1, 2, 3].flatMap((i) => [0, 1].flatMap((k) => [0, 1, 2].map((j) => 12 * k + 4 * j + i))))
  t.equal(manifest.source.reader, 'mat73')
  t.same((await read(t, file, { variable: 'session.counts' })).shape, [4, 3, 1, 1])
})

t.test('where several arrays could be the responses, the user says which; what is none is refused', async (t) => {
  await refuses(t, () => read(t, reference('mat5', 'plain.mat'), {}), 'missing-field', '/variable', 'numbers', 'counts')
  await refuses(t, () => read(t, reference('mat5', 'plain.mat'), { variable: 'nothing' }), 'missing-field', '"nothing"')
  await refuses(t, () => read(t, reference('mat5', 'plain.mat'), { variable: 'text' }), 'unsupported-dtype', 'char')
  await refuses(t, () => read(t, reference('hdf5', 'mat73.mat'), {}), 'missing-field', 'session.counts, session.rates')
  await refuses(t, () => read(t, reference('hdf5', 'mat73.mat'), { variable: 'session.x' }), 'missing-field', '"session.x"', 'session.rates')
  await refuses(t, () => read(t, reference('hdf5', 'mat73.mat'), { variable: 'label' }), 'unsupported-dtype', 'char')
  await refuses(t, () => read(t, reference('hdf5', 'mat73.mat'), { variable: 'session.rates' , axes: 'stimulus,site' }), 'unknown-axes', '/axes')
  const bytes = fs.readFileSync(reference('mat5', 'plain.mat').path)
  await refuses(t, () => read(t, writeFile(workFolder(t), 'cut.mat', bytes.subarray(0, 1000)), { variable: 'numbers' }), 'damaged-file', 'cut.mat')
})

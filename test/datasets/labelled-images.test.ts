import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { ImageFile } from '../../src/datasets/image-files.ts'
import { labelsByFolder, labelsByTable } from '../../src/datasets/labelled-images.ts'
import { temporaryFolder } from '../helper/home.ts'

const files = (...names: string[]): ImageFile[] => names.map((name) => ({ name, read: () => Promise.resolve(new Uint8Array()) }))
const said = (found: { images: { label: string; part: string | null }[] }): (string | null)[][] => found.images.map(({ label, part }) => [label, part])

t.test('folders are the classes, whatever folder holds them all', async (t) => {
  t.same(said(labelsByFolder(files('n01440764/a.png', 'n01443537/b.png'))), [['n01440764', null], ['n01443537', null]])
  t.same(said(labelsByFolder(files('imagenet/val/0/a.png', 'imagenet/val/17/deeper/b.png'))), [['0', null], ['17', null]])
  t.same(said(labelsByFolder(files('cat/a.png', 'cat/b.png'))), [['cat', null], ['cat', null]], 'one class')
  t.throws(() => labelsByFolder(files('cat/a.png', 'b.png')), { code: 'missing-field', message: /^b\.png lies in no folder/ })
})

t.test('train and test or val above the classes divide them', async (t) => {
  t.same(said(labelsByFolder(files('set/train/cat/a.png', 'set/train/dog/b.png', 'set/val/cat/c.png'))), [['cat', 'train'], ['dog', 'train'], ['cat', 'test']])
  t.same(said(labelsByFolder(files('train/a.png', 'test/b.png'))), [['train', null], ['test', null]], 'trains and tests of no class within are classes')
})

t.test('a table names images by path, by name, or by name without extension', async (t) => {
  const table = (text: string): string => {
    const file = path.join(temporaryFolder(t), 'labels.csv')
    fs.writeFileSync(file, text)
    return file
  }
  const images = files('x/a.png', 'x/b.png', 'y/b.png', 'c.png')
  const found = await labelsByTable(images, table('image,label\ny/b.png,dog\na,cat\n'))
  t.same(found.images.map(({ name, label }) => [name, label]), [['y/b.png', 'dog'], ['x/a.png', 'cat']])
  t.match(found.warnings, [/2 images have no line in labels\.csv and were left out: x\/b\.png, c\.png/])
  await t.rejects(labelsByTable(images, table('image,label\nb.png,dog\n')), { code: 'not-found', message: /line 2: there is no image "b\.png", or several/ })
  await t.rejects(labelsByTable(images, table('image,label\na.png,dog\na,cat\n')), { code: 'duplicate-id', message: /line 3/ })
  await t.rejects(labelsByTable(images, table('image,rate\na.png,3\n')), { code: 'missing-field', message: /no column label/ })
  await t.rejects(labelsByTable(images, table('image,label\n')), { code: 'too-few-stimuli' })
})

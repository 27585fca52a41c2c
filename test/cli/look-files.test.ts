import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { lookTarget, openLookImages } from '../../src/cli/look-files.ts'
import { zipBytes } from '../datasets/fixtures.ts'
import { temporaryFolder } from '../helper/home.ts'
import { noisePng } from '../pipeline/fixtures.ts'

t.test('images as named, and in folders and archives; a picture for each has its name', async (t) => {
  const folder = temporaryFolder(t)
  const names = ['a.png', 'b.png', 'sub/a.png', 'sub/c.jpg', 'sub/c.png']
  for (const name of names) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    fs.writeFileSync(path.join(folder, name), noisePng(name))
  }
  const inFolder = await openLookImages([folder])
  t.same(inFolder.images.map(({ name }) => name), names)
  const files = ['a.png', 'b.png', 'sub/a.png', 'sub/c.jpg.png', 'sub/c.png.png'].map((name) => path.join('out', name))
  t.same(lookTarget('out', inFolder), { kind: 'folder', files }, 'two that only their endings tell apart keep these')
  t.same(lookTarget('all.npz', inFolder), { kind: 'file', file: 'all.npz', format: 'npz' })
  t.throws(() => lookTarget('one.png', inFolder), { message: /A picture is of one image/ })

  const zip = path.join(folder, 'images.zip')
  fs.writeFileSync(zip, await zipBytes([['x.png', noisePng('x')], ['y.png', noisePng('y')]]))
  const zipped = await openLookImages([zip])
  t.same(lookTarget('out', zipped), { kind: 'folder', files: ['out/x.png', 'out/y.png'] })
  zipped.close()

  const one = await openLookImages([path.join(folder, 'a.png')])
  t.same(lookTarget(undefined, one), { kind: 'none' })
  t.same(lookTarget('a.PNG', one), { kind: 'file', file: 'a.PNG', format: 'png' })
  t.throws(() => lookTarget('a.gif', one), { message: /ends in \.png, \.npz or \.json/ })
  await t.rejects(openLookImages([]), { message: 'No image was named.' })
  await t.rejects(openLookImages([path.join(folder, 'none.png')]), { code: 'not-found', message: /none\.png cannot be read: there is no such file/ })
})

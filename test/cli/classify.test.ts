import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { bmpOfPlanes } from '../../src/datasets/bmp-of-planes.ts'
import type { ClassificationReport } from '../../src/domain/classification.ts'
import { createRandomState } from '../../src/numerics/random/mt19937.ts'
import { shapePicture, writeCifar10 } from '../helper/cifar.ts'
import { ventral } from '../helper/cli.ts'
import { temporaryFolder } from '../helper/home.ts'

t.test('ventral classify: a table for people, one line of JSON for scripts', async (t) => {
  const folder = temporaryFolder(t)
  const root = path.join(folder, 'val')
  const random = createRandomState(1)
  for (const name of ['285', '7']) {
    fs.mkdirSync(path.join(root, name), { recursive: true })
    fs.writeFileSync(path.join(root, name, 'a.bmp'), bmpOfPlanes(shapePicture(0, random), 32))
  }
  fs.writeFileSync(path.join(root, '7', 'bad.png'), Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'))
  const args = ['--backbone', 'cornet_z', '--weights', 'random', '--home', path.join(folder, 'home'), '--threads', '1']
  const shown = await ventral(['classify', root, '--per-class', ...args])
  t.equal(shown.status, 0)
  t.match(shown.out, /^cornet_z \(random:0:1\) on .*val: class folders, 2 images of 1000 classes\n {2}top-1 +\d\.\d{3} \[\d\.\d{3}, \d\.\d{3}\]\n/)
  t.match(shown.out, /n02124075 +1 +\d\.\d{3} +\d\.\d{3} +Egyptian cat/)
  t.match(shown.err, /One image could not be read; no accuracy counts them:\n {2}7\/bad\.png is truncated or damaged/)

  writeCifar10(path.join(folder, 'cifar'), { train: 3, test: 1 })
  const said = await ventral(['classify', path.join(folder, 'cifar'), '--held-out', '0.4', '--json', ...args])
  t.equal(said.status, 0)
  t.match(JSON.parse(said.out) as ClassificationReport, { layout: 'CIFAR-10', head: { kind: 'trained', train: 30, heldOut: 12, test: 10 } })
})

t.test('flags that cannot be are refused with the usage', async (t) => {
  for (const [args, message] of [
    [[], /^input is missing/],
    [['x', '--backbone', 'cornet_z', '--head', 'best'], /^--head takes own or trained/],
    [['x', '--backbone', 'cornet_z', '--held-out', '2'], /^--held-out takes a share such as 0\.2/],
    [['x', '--backbone', 'cornet_z', '--url', 'http://127.0.0.1:1'], /^classify reads the images where it runs/],
  ] as const) {
    const { status, err } = await ventral(['classify', ...args])
    t.equal(status, 2)
    t.match(err, message)
  }
})

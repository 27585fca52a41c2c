import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { encodeNpy, readNpyFile } from '../../src/numerics/npy.ts'
import { writeActivations } from '../../src/pipeline/activations.ts'
import type { ActivationsRequest } from '../../src/pipeline/activations.ts'
import type { PipelineContext } from '../../src/pipeline/context.ts'
import { zipBytes } from '../datasets/fixtures.ts'
import { uniforms } from '../helper/generator.ts'
import { temporaryFolder, testConfig } from '../helper/home.ts'
import { noisePng } from './fixtures.ts'
import type { Refusal } from './fixtures.ts'

/** Random weights need no database: of the context only the settings and the folder for temporary files are used. */
const contextIn = (folder: string): PipelineContext => {
  const tmp = path.join(folder, 'tmp')
  fs.mkdirSync(tmp)
  return { config: testConfig(path.join(folder, 'home')), home: { folders: { tmp } } } as unknown as PipelineContext
}

const open = (t: Test) => {
  const folder = temporaryFolder(t)
  const context = contextIn(folder)
  const out = path.join(folder, 'out')
  const write = (input: string, change: Partial<ActivationsRequest> = {}) =>
    writeActivations(context, { input, backbone: 'pixels', layers: ['pixels'], pooling: { grid: 2 }, out, ...change })
  return { folder, context, out, write, at: (...parts: string[]) => path.join(folder, ...parts) }
}

const images: [string, Buffer][] = [['b/second.png', noisePng('second')], ['a/first image, "quoted".png', noisePng('first')], ['b/third.png', noisePng('third')]]
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const inOrder = [images[1], images[0], images[2]]
const table = ['row,stimulus_id,filename,sha256',
  `0,"first image, ""quoted""","a/first image, ""quoted"".png",${sha256(images[1][1])}`,
  `1,second,b/second.png,${sha256(images[0][1])}`,
  `2,third,b/third.png,${sha256(images[2][1])}`, ''].join('\n') // prettier-ignore

const writeFolder = (root: string): void => {
  const extra: [string, Buffer][] = [['notes.txt', Buffer.from('no image')], ['b/.hidden.png', noisePng('hidden')], ['.thumbnails/x.png', noisePng('x')], ['__MACOSX/b/second.png', noisePng('y')]]
  for (const [name, bytes] of [...images, ...extra]) {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true })
    fs.writeFileSync(path.join(root, name), bytes)
  }
}

t.test('a folder, a zip and single images give the same rows', async (t) => {
  const { at, out, write } = open(t)
  writeFolder(at('images'))
  t.match(await write(at('images')), { rows: 3, files: [{ layer: 'pixels', path: path.join(out, 'pixels.npy'), shape: [3, 3, 2, 2] }] })
  t.equal(fs.readFileSync(path.join(out, 'rows.csv'), 'utf8'), table)
  t.same(fs.readdirSync(out).sort(), ['pixels.npy', 'rows.csv'])
  const { shape, data } = await readNpyFile(path.join(out, 'pixels.npy'))
  t.same(shape, [3, 3, 2, 2])

  fs.writeFileSync(at('images.zip'), await zipBytes(images))
  await write(at('images.zip'), { out: at('zipped') })
  t.equal(fs.readFileSync(at('zipped', 'rows.csv'), 'utf8'), table)
  t.same((await readNpyFile(at('zipped', 'pixels.npy'))).data, data)

  for (const [i, [name, bytes]] of inOrder.entries()) {
    fs.writeFileSync(at('one.png'), bytes)
    await write(at('one.png'), { out: at('single') })
    t.same((await readNpyFile(at('single', 'pixels.npy'))).data, data.subarray(i * 12, (i + 1) * 12), name)
    t.equal(fs.readFileSync(at('single', 'rows.csv'), 'utf8'), `row,stimulus_id,filename,sha256\n0,one,one.png,${sha256(bytes)}\n`)
  }
})

t.test('a tensor is used as it is, without normalisation', async (t) => {
  const { at, out, write } = open(t)
  const values = Float32Array.from(uniforms('tensor', 18 * 3 * 224 * 224), (u) => 5 * u - 2)
  fs.writeFileSync(at('tensor.npy'), encodeNpy(values, [18, 3, 224, 224]))
  const { rows } = await write(at('tensor.npy'), { pooling: 'none' })
  t.equal(rows, 18, 'more than a batch')
  const { shape, data } = await readNpyFile(path.join(out, 'pixels.npy'))
  t.same(shape, [18, 3, 224, 224])
  t.ok(data.every((x, i) => x === values[i]))
  const last = values.subarray(17 * 3 * 224 * 224)
  t.equal(fs.readFileSync(path.join(out, 'rows.csv'), 'utf8').split('\n')[18], `17,17,tensor.npy,${sha256(Buffer.from(last.buffer, last.byteOffset, last.byteLength))}`)
})

t.test('layers of a network, by name and by default', async (t) => {
  const { at, out, write } = open(t)
  fs.writeFileSync(at('one.png'), images[0][1])
  const squeezenet = { backbone: 'squeezenet1_1', weights: 'random', seed: 3 } as const
  await write(at('one.png'), { ...squeezenet, layers: ['features.4', 'features.2'], pooling: 'none' })
  t.same((await readNpyFile(path.join(out, 'features.4.npy'))).shape, [1, 128, 55, 55])
  t.same((await readNpyFile(path.join(out, 'features.2.npy'))).shape, [1, 64, 55, 55])
  const { files } = await write(at('one.png'), { ...squeezenet, layers: 'default', out: at('default') })
  t.same(files.map(({ layer }) => layer), ['features.1', 'features.3', 'features.4', 'features.6', 'features.7', 'features.9', 'features.10', 'features.11', 'features.12'])
  t.same(files[8].shape, [1, 512, 2, 2])
})

t.test('a recurrent area at a time step, and at its last where none is named', async (t) => {
  const { at, out, write } = open(t)
  fs.writeFileSync(at('one.png'), images[0][1])
  const cornet = { backbone: 'cornet_r', weights: 'random' } as const
  const { files } = await write(at('one.png'), { ...cornet, layers: ['V4', 'IT'], timeStep: 1 })
  t.same(files.map(({ layer }) => layer), ['V4.output-t1', 'IT.output-t1'])
  const steps = await write(at('one.png'), { ...cornet, layers: ['IT'], timeStep: 'all', out: at('steps') })
  t.same(steps.files.map(({ layer }) => layer), [0, 1, 2, 3, 4].map((step) => `IT.output-t${step}`))
  await write(at('one.png'), { ...cornet, layers: ['V4', 'V4.output-t1', 'V4.output-t4'], out: at('last') })
  const values = async (...parts: string[]) => (await readNpyFile(path.join(...parts))).data
  t.same(await values(out, 'V4.output-t1.npy'), await values(at('last'), 'V4.output-t1.npy'))
  t.same(await values(at('last'), 'V4.npy'), await values(at('last'), 'V4.output-t4.npy'))
  t.notSame(await values(out, 'V4.output-t1.npy'), await values(at('last'), 'V4.npy'))
})

t.test('refusals leave nothing, not even the folder', async (t) => {
  const { at, context, out, write } = open(t)
  fs.mkdirSync(at('empty'))
  writeFolder(at('images'))
  fs.writeFileSync(at('small.npy'), encodeNpy(new Float32Array(3 * 8 * 8), [1, 3, 8, 8]))
  fs.writeFileSync(at('flat.npy'), encodeNpy(new Float32Array(12), [12]))
  fs.writeFileSync(at('none.npy'), encodeNpy(new Float32Array(0), [0, 3, 224, 224]))
  fs.writeFileSync(at('text.txt'), 'words')
  fs.writeFileSync(at('empty.zip'), await zipBytes([]))
  fs.writeFileSync(at('bad.zip'), await zipBytes([...images, ['c/broken.png', images[0][1].subarray(0, 60)]]))
  const refused: [string, Refusal, Partial<ActivationsRequest>?][] = [
    ['nowhere', { code: 'not-found', message: /nowhere/ }],
    ['empty', { code: 'too-few-stimuli' }],
    ['empty.zip', { code: 'too-few-stimuli' }],
    ['none.npy', { code: 'too-few-stimuli' }],
    ['small.npy', { code: 'count-mismatch', message: /has shape \(1, 3, 8, 8\); this backbone takes \(n, 3, 224, 224\)/ }],
    ['flat.npy', { code: 'count-mismatch', message: /has shape \(12\)/ }],
    ['text.txt', { code: 'unsupported-format' }],
    ['bad.zip', { code: 'truncated-image', message: /c\/broken\.png/ }],
    ['images', { code: 'unknown-backbone' }, { backbone: 'resnet19' }],
    ['images', { code: 'unknown-layer' }, { layers: ['pixel'] }],
    ['images', { code: 'unknown-layer', message: /IT of cornet_s has no time step 2\. Its time steps are 0, 1/ }, { backbone: 'cornet_s', weights: 'random', layers: ['IT'], timeStep: 2 }],
    ['images', { code: 'invalid-value', message: /Name the areas/ }, { backbone: 'cornet_s', weights: 'random', layers: 'default', timeStep: 0 }],
  ]
  for (const [input, expected, change] of refused) {
    await t.rejects(write(at(input), { out: at('out', 'deep'), ...change }), expected, input)
    t.notOk(fs.existsSync(out), `nothing of ${input}`)
  }
  t.same(fs.readdirSync(context.home.folders.tmp), [])
})

t.test('a failure or an abort leaves what was there', async (t) => {
  const { at, context, out, write } = open(t)
  writeFolder(at('images'))
  await write(at('images'))
  const before = fs.readFileSync(path.join(out, 'pixels.npy'))
  fs.writeFileSync(path.join(at('images'), 'z.png'), images[0][1].subarray(0, 60))
  await t.rejects(write(at('images')), { code: 'truncated-image', message: /z\.png/ })
  const reason = new Error('stopped')
  await t.rejects(writeActivations(context, { input: at('images'), backbone: 'pixels', layers: ['pixels'], out }, { signal: AbortSignal.abort(reason) }), reason)
  t.same(fs.readdirSync(out).sort(), ['pixels.npy', 'rows.csv'])
  t.ok(fs.readFileSync(path.join(out, 'pixels.npy')).equals(before))
})

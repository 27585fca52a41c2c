import fs from 'node:fs'
import path from 'node:path'
import sharp from 'sharp'
import t from 'tap'
import type { Test } from 'tap'
import { duplicateGroups } from '../../src/pipeline/duplicate-groups.ts'
import { describeStimuli } from '../../src/pipeline/describe-stimuli.ts'
import { uniforms } from '../helper/generator.ts'
import { temporaryFolder } from '../helper/home.ts'
import { manifestOf, noisePng } from './fixtures.ts'

const packOf = (t: Test, images: Record<string, Uint8Array>) => {
  const file = path.join(temporaryFolder(t), 'stimuli.pack')
  fs.writeFileSync(file, Buffer.concat(Object.values(images)))
  let offset = 0
  const stimuli = Object.entries(images).map(([filename, bytes], i) => ({
    stimulusId: path.parse(filename).name, filename, sha256: String(i), offset: (offset += bytes.length) - bytes.length, bytes: bytes.length, width: 0, height: 0, metadata: {},
  })) // prettier-ignore
  return { file, stimuli }
}

t.test('sizes, exact and near duplicates', async (t) => {
  const original = noisePng('one', 32)
  const { data, info } = await sharp(original).raw().toBuffer({ resolveWithObject: true })
  const noise = uniforms('grain', data.length)
  const grainy = sharp(Buffer.from(data.map((x, i) => Math.max(0, Math.min(255, x + Math.round(6 * (noise[i] - 0.5)))))), { raw: { width: info.width, height: info.height, channels: 3 } })
  const uniform = (value: number): Promise<Buffer> => sharp({ create: { width: 20, height: 10, channels: 3, background: { r: value, g: value, b: value } } }).png().toBuffer()
  const { file, stimuli } = packOf(t, {
    'one.png': original,
    'two.png': noisePng('two', 32),
    'same.webp': await sharp(original).webp({ lossless: true }).toBuffer(),
    'grainy.png': await grainy.png().toBuffer(),
    'grey.png': await uniform(100),
    'white.png': await uniform(255),
  })
  const { stimuli: described, duplicates } = await describeStimuli(file, stimuli)
  t.same(described.map(({ width, height }) => [width, height]), [[32, 32], [32, 32], [32, 32], [32, 32], [20, 10], [20, 10]])
  t.same(described.map(({ width: _, height: __, ...rest }) => rest), stimuli.map(({ width: _, height: __, ...rest }) => rest), 'all else as it was')
  t.same(duplicates.exact, [['one', 'same']], 'the same picture in another format')
  t.same(duplicates.near, [['one', 'grainy'], ['same', 'grainy']], 'and uniform images resemble none')
  t.same(duplicates.groups, [['one', 'same', 'grainy']])
  t.same(duplicates.pairs, { exact: 1, near: 2 })
})

t.test('more images than one batch keep their order', async (t) => {
  const { file, stimuli } = packOf(t, Object.fromEntries(Array.from({ length: 35 }, (_, i) => [`${i}.png`, noisePng('same', 4 + (i % 30))])))
  const { stimuli: described, duplicates } = await describeStimuli(file, stimuli)
  t.same(described.map(({ width }) => width), Array.from({ length: 35 }, (_, i) => 4 + (i % 30)))
  t.same(duplicates.exact, [['0', '30'], ['1', '31'], ['2', '32'], ['3', '33'], ['4', '34']])
})

t.test('of very many pairs the first are listed, and all are counted and grouped', async (t) => {
  const { data, info } = await sharp(noisePng('one', 16)).raw().toBuffer({ resolveWithObject: true })
  const [n, alike] = [60, 50]
  const images: Record<string, Uint8Array> = {}
  for (let i = 0; i < n; i++) {
    const own = Buffer.from(data)
    own[i] ^= 1 // no two alike to the bit
    images[`${i}.png`] = i < alike ? await sharp(own, { raw: { width: info.width, height: info.height, channels: 3 } }).png().toBuffer() : noisePng(`other ${i}`, 16)
  }
  const { file, stimuli } = packOf(t, images)
  const { duplicates } = await describeStimuli(file, stimuli)
  t.same(duplicates.pairs, { exact: 0, near: (alike * (alike - 1)) / 2 })
  t.equal(duplicates.near.length, 1000)
  t.same(duplicates.groups, [Array.from({ length: alike }, (_, i) => String(i))])
  const manifest = { ...manifestOf({ stimuli: n, duplicates }), stimuli }
  t.same([...duplicateGroups(manifest)], Array.from({ length: n }, (_, i) => (i < alike ? 0 : i)), 'also those whose pairs are not listed')
})

t.test('an image that cannot be read is named', async (t) => {
  const images = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`set/${i}.png`, noisePng(String(i))]))
  for (const [bytes, code] of [[Buffer.from('no image at all, only text'), 'not-an-image'], [noisePng('x', 40).subarray(0, 3000), 'truncated-image']] as const) {
    const { file, stimuli } = packOf(t, { ...images, 'set/17.png': bytes })
    await t.rejects(describeStimuli(file, stimuli), { code, message: /set\/17\.png/ })
  }
})

t.test('an abort ends it', async (t) => {
  const { file, stimuli } = packOf(t, { 'a.png': noisePng('a') })
  const reason = new Error('the upload went away')
  await t.rejects(describeStimuli(file, stimuli, AbortSignal.abort(reason)), reason)
})

t.test('near duplicates are found however far apart they lie', async (t) => {
  const { data, info } = await sharp(noisePng('far', 16)).raw().toBuffer({ resolveWithObject: true })
  const variant = (k: number): Promise<Buffer> => {
    const own = Buffer.from(data)
    own[k] ^= 1
    return sharp(own, { raw: { width: info.width, height: info.height, channels: 3 } }).png().toBuffer()
  }
  const alike = new Map([[3, 0], [511, 1], [512, 2], [1023, 3], [1030, 4]]) // about the edges of what is compared at a time
  const images: Record<string, Uint8Array> = {}
  for (let i = 0; i < 1040; i++) images[`${i}.png`] = alike.has(i) ? await variant(alike.get(i)!) : noisePng(`alone ${i}`, 8)
  const { file, stimuli } = packOf(t, images)
  const { duplicates } = await describeStimuli(file, stimuli)
  t.same(duplicates.groups, [['3', '511', '512', '1023', '1030']])
  t.same(duplicates.pairs, { exact: 0, near: 10 })
})

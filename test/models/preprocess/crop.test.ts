import { createHash } from 'node:crypto'
import fs from 'node:fs'
import t from 'tap'
import { getBackbone } from '../../../src/models/backbones/index.ts'
import { resizeAndCrop } from '../../../src/models/preprocess/crop.ts'
import type { RgbImage } from '../../../src/models/preprocess/rgb-image.ts'
import { catalogue } from '../../../src/models/weights/catalogue.ts'

type Case = [width: number, height: number, seed: number, resize: number, crop: number, filter: 'bilinear' | 'bicubic', sha256: string]

const { cases } = JSON.parse(fs.readFileSync(new URL('../../reference/crop/crop.json', import.meta.url), 'utf8')) as { cases: Case[] }

const noise = (width: number, height: number, seed: number): RgbImage => ({ width, height, data: Uint8Array.from({ length: width * height * 3 }, (_, i) => (Math.imul(i + seed, 0x9e3779b1) >>> 13) & 255) })

t.test('bytes are those of torchvision’s Resize and CenterCrop: both filters, odd margins, growing and shrinking', async (t) => {
  for (const [width, height, seed, resize, crop, filter, sha256] of cases) {
    const { data } = resizeAndCrop(noise(width, height, seed), { resize, crop, filter })
    t.equal(createHash('sha256').update(data).digest('hex'), sha256, `${width} x ${height}, ${filter}, resize ${resize}, crop ${crop}`)
  }
})

t.test('published recipes crop to the input of their backbone', async (t) => {
  for (const { backbone, version, classification } of catalogue) {
    t.equal(classification.crop, getBackbone(backbone).inputSize, `${backbone} ${version}`)
    t.ok(classification.resize >= classification.crop, `${backbone} ${version}: the resized image holds the crop`)
  }
})

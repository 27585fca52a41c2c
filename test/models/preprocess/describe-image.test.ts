import fs from 'node:fs'
import sharp from 'sharp'
import t from 'tap'
import { describeImage } from '../../../src/models/preprocess/describe-image.ts'
import { needs, shared } from '../../helper/shared.ts'
import { bmp, colourType, png } from './image-builder.ts'

const correlation = (a: Float32Array, b: Float32Array): number => {
  const mean = (x: Float32Array) => x.reduce((sum, value) => sum + value, 0) / x.length
  const [ma, mb] = [mean(a), mean(b)]
  const product = (x: Float32Array, mx: number, y: Float32Array, my: number) => x.reduce((sum, value, i) => sum + (value - mx) * (y[i] - my), 0)
  return product(a, ma, b, mb) / Math.sqrt(product(a, ma, a, ma) * product(b, mb, b, mb))
}

t.test('the pixel hash is of what is shown: format and metadata do not matter, the size does', async (t) => {
  const form = { width: 2, height: 1, depth: 8, type: colourType.rgb, rows: [0, 1, 2, 3, 4, 5, 6] }
  const first = await describeImage(png(form), 'a')
  t.strictSame([first.width, first.height, first.thumbnail.length], [2, 1, 768])
  t.equal((await describeImage(png({ ...form, chunks: [['tEXt', [65, 0, 66]]] }), 'b')).pixelSha256, first.pixelSha256)
  t.equal((await describeImage(bmp({ width: 2, height: 1, bits: 24, rows: [3, 2, 1, 6, 5, 4, 0, 0] }), 'c')).pixelSha256, first.pixelSha256)
  const upright = png({ ...form, width: 1, height: 2, rows: [0, 1, 2, 3, 0, 4, 5, 6] })
  t.not((await describeImage(upright, 'd')).pixelSha256, first.pixelSha256, 'the same bytes in another shape')
})

t.test('thumbnails of one picture at two sizes and qualities correlate, those of two pictures do not', needs('reference', 'preprocess', 'preprocess.json'), async (t) => {
  const photo = (name: string) => fs.readFileSync(shared('reference', 'preprocess', 'images', name))
  const cat = await describeImage(photo('chelsea.png'), 'cat')
  const small = await describeImage(await sharp(photo('chelsea.png')).resize(120).jpeg({ quality: 40 }).toBuffer(), 'small')
  const cup = await describeImage(photo('coffee.png'), 'cup')
  t.not(small.pixelSha256, cat.pixelSha256)
  t.ok(correlation(cat.thumbnail, small.thumbnail) > 0.95)
  t.ok(correlation(cat.thumbnail, cup.thumbnail) < 0.9)
})

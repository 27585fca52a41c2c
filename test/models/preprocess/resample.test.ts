import fc from 'fast-check'
import t from 'tap'
import { resizeBilinear } from '../../../src/models/preprocess/resample.ts'
import type { RgbImage } from '../../../src/models/preprocess/rgb-image.ts'

const noise = (width: number, height: number, seed = 1): RgbImage => ({ width, height, data: Uint8Array.from({ length: width * height * 3 }, (_, i) => (Math.imul(i + seed, 0x9e3779b1) >>> 13) & 255) })

/** One axis in plain floating point, from the definition: a triangle as wide as the ratio, weights normalised, values not rounded. */
const line = (values: number[], output: number): number[] => Array.from({ length: output }, (_, i) => {
  const scale = values.length / output
  const width = Math.max(1, scale)
  const weights = values.map((_, k) => Math.max(0, 1 - Math.abs(k + 0.5 - (i + 0.5) * scale) / width))
  return values.reduce((sum, value, k) => sum + value * weights[k], 0) / weights.reduce((a, b) => a + b, 0)
})

t.test('each axis is the antialiased triangle filter, to half a step', async (t) => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }), fc.integer(), (input, output, seed) => {
    const row = noise(input, 1, seed)
    const column = { ...row, width: 1, height: input }
    const expected = line([...row.data].filter((_, i) => i % 3 === 1), output)
    for (const { data } of [resizeBilinear(row, { width: output, height: 1 }), resizeBilinear(column, { width: 1, height: output })]) {
      if (!expected.every((value, i) => Math.abs(value - data[3 * i + 1]) <= 0.501)) return false
    }
    return true
  }), { numRuns: 200 })
  t.pass()
})

t.test('flat images stay flat at any size', async (t) => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 50 }), fc.constantFrom(0, 1, 127, 254, 255), (w, h, side, value) => {
    const { data } = resizeBilinear({ width: w, height: h, data: new Uint8Array(w * h * 3).fill(value) }, { width: side, height: side })
    return data.every((found) => found === value)
  }), { numRuns: 200 })
  t.pass()
})

t.test('the same size gives an equal image of its own; the input is left alone', async (t) => {
  const image = noise(7, 5)
  const before = image.data.slice()
  const same = resizeBilinear(image, { width: 7, height: 5 })
  t.strictSame(same, image)
  t.not(same.data, image.data)
  resizeBilinear(image, { width: 3, height: 9 })
  t.strictSame(image.data, before)
})

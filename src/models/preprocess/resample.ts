import type { RgbImage } from './rgb-image.ts'

/** Fraction bits of the weights: 8 bits of value, 2 of head room, of 32. */
const PRECISION = 22
const HALF = 1 << (PRECISION - 1)

/** The weights of one axis: output i is the sum over k < counts[i] of input[starts[i] + k] * weights[i * size + k]. */
interface Axis {
  starts: Int32Array
  counts: Int32Array
  weights: Int32Array
  size: number
}

/** The triangle (bilinear) filter, as wide as the ratio when shrinking, so that every input pixel counts (antialiasing). */
const makeAxis = (input: number, output: number): Axis => {
  const scale = input / output
  const support = Math.max(scale, 1)
  const size = Math.ceil(support) * 2 + 1
  const axis: Axis = { starts: new Int32Array(output), counts: new Int32Array(output), weights: new Int32Array(output * size), size }
  for (let i = 0; i < output; i++) {
    const centre = (i + 0.5) * scale
    const start = Math.max(0, Math.trunc(centre - support + 0.5))
    const count = Math.min(input, Math.trunc(centre + support + 0.5)) - start
    const raw = Array.from({ length: count }, (_, k) => Math.max(0, 1 - Math.abs((k + start - centre + 0.5) / support)))
    let total = 0
    for (const weight of raw) total += weight
    axis.starts[i] = start
    axis.counts[i] = count
    for (let k = 0; k < count; k++) axis.weights[i * size + k] = Math.trunc((total === 0 ? raw[k] : raw[k] / total) * 2 ** PRECISION + 0.5)
  }
  return axis
}

const resizeRows = (data: Uint8Array, width: number, height: number, output: number): Uint8Array => {
  const { starts, counts, weights, size } = makeAxis(width, output)
  const out = new Uint8Array(output * height * 3)
  let to = 0
  for (let y = 0; y < height; y++) {
    const row = y * width * 3
    for (let x = 0; x < output; x++) {
      let r = HALF
      let g = HALF
      let b = HALF
      let from = row + starts[x] * 3
      const first = x * size
      const end = first + counts[x]
      for (let k = first; k < end; k++) {
        const weight = weights[k]
        r += data[from] * weight
        g += data[from + 1] * weight
        b += data[from + 2] * weight
        from += 3
      }
      out[to++] = r >> PRECISION
      out[to++] = g >> PRECISION
      out[to++] = b >> PRECISION
    }
  }
  return out
}

const resizeColumns = (data: Uint8Array, width: number, height: number, output: number): Uint8Array => {
  const { starts, counts, weights, size } = makeAxis(height, output)
  const line = width * 3
  const sums = new Int32Array(line)
  const out = new Uint8Array(output * line)
  for (let y = 0; y < output; y++) {
    sums.fill(HALF)
    for (let k = 0; k < counts[y]; k++) {
      const weight = weights[y * size + k]
      const from = (starts[y] + k) * line
      for (let i = 0; i < line; i++) sums[i] += data[from + i] * weight
    }
    for (let i = 0; i < line; i++) out[y * line + i] = sums[i] >> PRECISION
  }
  return out
}

/**
 * Bilinear, antialiased resize, byte for byte as Pillow's `Image.resize(…, BILINEAR)`: along rows, then along columns, rounded to
 * bytes between; an axis whose length does not change is left alone. The sums of non-negative weights that add up to 1 need no clipping:
 * rounding moves 255 by less than half a step.
 */
export const resizeBilinear = ({ width, height, data }: RgbImage, to: { width: number; height: number }): RgbImage => {
  const rows = to.width === width ? data : resizeRows(data, width, height, to.width)
  const both = to.height === height ? rows : resizeColumns(rows, to.width, height, to.height)
  return { width: to.width, height: to.height, data: both === data ? data.slice() : both }
}

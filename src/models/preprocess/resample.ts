import type { RgbImage } from './rgb-image.ts'

export type Filter = 'bilinear' | 'bicubic'

/** Pillow's filters: how far each reaches, and its weight at a distance. The cubic is Keys's with a = -1/2. */
const filters: Record<Filter, { support: number; weight: (distance: number) => number }> = {
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - x) },
  bicubic: { support: 2, weight: (x) => (x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0) },
}

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

/** The filter, as much wider as the image shrinks, so that every input pixel counts (antialiasing). */
const makeAxis = (input: number, output: number, filter: Filter): Axis => {
  const scale = input / output
  const wider = Math.max(scale, 1)
  const support = filters[filter].support * wider
  const size = Math.ceil(support) * 2 + 1
  const axis: Axis = { starts: new Int32Array(output), counts: new Int32Array(output), weights: new Int32Array(output * size), size }
  for (let i = 0; i < output; i++) {
    const centre = (i + 0.5) * scale
    const start = Math.max(0, Math.trunc(centre - support + 0.5))
    const count = Math.min(input, Math.trunc(centre + support + 0.5)) - start
    const raw = Array.from({ length: count }, (_, k) => filters[filter].weight(Math.abs((k + start - centre + 0.5) / wider)))
    let total = 0
    for (const weight of raw) total += weight
    axis.starts[i] = start
    axis.counts[i] = count
    for (let k = 0; k < count; k++) {
      const weight = (total === 0 ? raw[k] : raw[k] / total) * 2 ** PRECISION
      axis.weights[i * size + k] = Math.trunc(weight < 0 ? weight - 0.5 : weight + 0.5)
    }
  }
  return axis
}

type Bytes = Uint8Array | Uint8ClampedArray

/** Bytes that keep what is stored in them within 0 … 255: the cubic overshoots at edges. */
const clipped = (length: number): Uint8ClampedArray => new Uint8ClampedArray(length)

const resizeRows = (data: Bytes, width: number, height: number, output: number, filter: Filter): Bytes => {
  const { starts, counts, weights, size } = makeAxis(width, output, filter)
  const out = clipped(output * height * 3)
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

const resizeColumns = (data: Bytes, width: number, height: number, output: number, filter: Filter): Bytes => {
  const { starts, counts, weights, size } = makeAxis(height, output, filter)
  const line = width * 3
  const sums = new Int32Array(line)
  const out = clipped(output * line)
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
 * Antialiased resize, byte for byte as Pillow's `Image.resize(…, BILINEAR)` or `BICUBIC`: along rows, then along columns, rounded to bytes
 * between; an axis whose length does not change is left alone.
 */
export const resize = ({ width, height, data }: RgbImage, to: { width: number; height: number }, filter: Filter): RgbImage => {
  const rows = to.width === width ? data : resizeRows(data, width, height, to.width, filter)
  const both = to.height === height ? rows : resizeColumns(rows, to.width, height, to.height, filter)
  return { width: to.width, height: to.height, data: both === data ? data.slice() : new Uint8Array(both.buffer, both.byteOffset, both.length) }
}

export const resizeBilinear = (image: RgbImage, to: { width: number; height: number }): RgbImage => resize(image, to, 'bilinear')

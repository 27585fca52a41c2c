import { uniformStream } from '../random-stream.ts'
import type { Band } from './hmax-scales.ts'
import { bands, floorOf, gaborFilters, ORIENTATIONS } from './hmax-scales.ts'

// The dictionary of S2. Serre et al. 2007 cut it out of the C1 responses to natural photographs, which cannot come with the code. Here
// the images are drawn: dead leaves (Lee, Mumford & Huang 2001), opaque discs of power-law radii, whose edges, occlusions and
// independence of scale are those of natural images. By that independence the band from which patches are cut does not matter: it is
// the finest, whose images can be small.

const IMAGES = 10
const SIDE = 128
const LEAVES = 5000
const RADII = [2, 32] as const
/** C1 units next to the image's border see less than a whole field */
const MARGIN = 1

/** One of the images of a seed: grey levels on [0, 1), (SIDE, SIDE). The leaves in front fall first. */
export const deadLeaves = (seed: number, index: number): Float64Array => {
  const uniform = uniformStream(seed, `hmax:image:${index}`)
  const image = new Float64Array(SIDE * SIDE).fill(0.5)
  const covered = new Uint8Array(SIDE * SIDE)
  const [least, most] = RADII
  for (let leaf = 0; leaf < LEAVES; leaf++) {
    // The density of radii is proportional to r^-3.
    const radius = 1 / Math.sqrt(1 / least ** 2 - uniform() * (1 / least ** 2 - 1 / most ** 2))
    const [cx, cy, grey] = [uniform() * (SIDE + 2 * most) - most, uniform() * (SIDE + 2 * most) - most, uniform()]
    for (let y = Math.max(0, Math.ceil(cy - radius)); y <= Math.min(SIDE - 1, cy + radius); y++)
      for (let x = Math.max(0, Math.ceil(cx - radius)); x <= Math.min(SIDE - 1, cx + radius); x++) {
        const i = y * SIDE + x
        if (covered[i] || (x - cx) ** 2 + (y - cy) ** 2 > radius ** 2) continue
        covered[i] = 1
        image[i] = grey
      }
  }
  return image
}

/** out(y, x) += weight · image(y + down, x + right), wherever a filter of that half side fits. */
const accumulate = (out: Float64Array, image: Float64Array, weight: number, [down, right]: [number, number], half: number): void => {
  for (let y = half; y < SIDE - half; y++) {
    const from = (y + down) * SIDE + right
    for (let x = half; x < SIDE - half; x++) out[y * SIDE + x] += weight * image[from + x]
  }
}

const correlate = (image: Float64Array, filter: Float64Array, size: number): Float64Array => {
  const out = new Float64Array(SIDE * SIDE)
  const half = (size - 1) / 2
  for (const [i, weight] of filter.entries()) if (weight !== 0) accumulate(out, image, weight, [Math.floor(i / size) - half, (i % size) - half], half)
  return out
}

/** S1 of one scale by orientation, each (SIDE, SIDE); 0 where the filter does not fit. */
const simple = (image: Float64Array, scale: Band['scales'][number]): Float64Array[] => {
  const [filters, floor, area] = [gaborFilters(scale), floorOf(scale), scale.size ** 2]
  const energy = correlate(image.map((pixel) => pixel * pixel), new Float64Array(area).fill(1), scale.size)
  return Array.from({ length: ORIENTATIONS }, (_, k) =>
    correlate(image, filters.subarray(k * area, (k + 1) * area), scale.size).map((sum, i) => Math.abs(sum) / Math.sqrt(energy[i] + floor)),
  )
}

/** C1 of one band, (ORIENTATIONS, side, side). */
const complex = (image: Float64Array, { scales, pool, step }: Band): { values: Float64Array; side: number } => {
  const responses = scales.map((scale) => simple(image, scale))
  const side = Math.floor((SIDE - pool) / step) + 1
  const values = new Float64Array(ORIENTATIONS * side * side)
  for (const response of responses)
    for (let i = 0; i < values.length; i++) {
      const k = Math.floor(i / side ** 2)
      const [top, left] = [(Math.floor(i / side) % side) * step, (i % side) * step]
      for (let y = top; y < top + pool; y++) for (let x = left; x < left + pool; x++) values[i] = Math.max(values[i], response[k][y * SIDE + x])
    }
  return { values, side }
}

/**
 * Prototypes of each size, (count, ORIENTATIONS, size, size), cut from the C1 responses to the seed's images in turn. More prototypes of
 * one seed begin with the fewer.
 */
export const drawPrototypes = (seed: number, sizes: readonly number[], count: number): Float64Array[] => {
  const images = Array.from({ length: IMAGES }, (_, i) => complex(deadLeaves(seed, i), bands[0]))
  return sizes.map((size) => {
    const uniform = uniformStream(seed, `hmax:patch:${size}`)
    const patches = new Float64Array(count * ORIENTATIONS * size * size)
    for (let p = 0, out = 0; p < count; p++) {
      const { values, side } = images[p % IMAGES]
      const places = side - 2 * MARGIN - size + 1
      const [row, column] = [MARGIN + Math.floor(uniform() * places), MARGIN + Math.floor(uniform() * places)]
      for (let k = 0; k < ORIENTATIONS; k++)
        for (let y = row; y < row + size; y++) for (let x = column; x < column + size; x++) patches[out++] = values[(k * side + y) * side + x]
    }
    return patches
  })
}

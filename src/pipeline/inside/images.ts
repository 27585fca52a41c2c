import { createHash } from 'node:crypto'
import type { LookedAt } from '../../domain/looks.ts'
import type { RgbImage } from '../../models/preprocess/rgb-image.ts'
import { toRgb, writePixels } from '../../models/preprocess/to-pixels.ts'

/** An encoded image file and what messages and results call it. */
export interface NamedImage {
  name: string
  bytes: Uint8Array
}

/** An image as the network sees it. */
export interface SeenImage extends LookedAt {
  rgb: RgbImage
}

/** Decodes and resizes images one after the other; an error names its image. */
export const seeImages = async (images: readonly NamedImage[], size: number): Promise<SeenImage[]> => {
  const seen: SeenImage[] = []
  for (const { name, bytes } of images) seen.push({ name, sha256: createHash('sha256').update(bytes).digest('hex'), rgb: await toRgb(bytes, name, { width: size, height: size }) })
  return seen
}

/** (image, 3, S, S), RGB in [0, 1] */
export const pixelsOf = (images: readonly SeenImage[], size: number): Float32Array => {
  const each = 3 * size * size
  const pixels = new Float32Array(images.length * each)
  for (const [i, { rgb }] of images.entries()) writePixels(rgb, pixels, i * each)
  return pixels
}

/** Batches of a list, in order. */
export const batchesOf = <T>(list: readonly T[], size: number): T[][] => Array.from({ length: Math.ceil(list.length / size) }, (_, b) => list.slice(b * size, (b + 1) * size))

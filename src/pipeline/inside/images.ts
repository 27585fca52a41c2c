import { createHash } from 'node:crypto'
import type { ClassificationPreprocessing } from '../../domain/classification.ts'
import type { LookedAt, LookRequest } from '../../domain/looks.ts'
import { toCrop } from '../../models/preprocess/crop.ts'
import type { RgbImage } from '../../models/preprocess/rgb-image.ts'
import { toRgb, writePixels } from '../../models/preprocess/to-pixels.ts'
import { recipeOf } from '../classification/recipe.ts'
import type { Network } from '../extract.ts'

/** An encoded image file and what messages and results call it. */
export interface NamedImage {
  name: string
  bytes: Uint8Array
}

/** An image as the network sees it. */
export interface SeenImage extends LookedAt {
  rgb: RgbImage
}

/** How a look's images become input: squashed unless the request says otherwise. */
export const preprocessingOf = ({ graph, weights }: Network, { preprocessing = 'squash' }: LookRequest): ClassificationPreprocessing =>
  preprocessing === 'crop' ? recipeOf(graph, weights, {}) : { kind: 'squash', side: graph.inputSize, filter: 'bilinear' }

/** Decodes and resizes images one after the other; an error names its image. */
export const seeImages = async (images: readonly NamedImage[], how: ClassificationPreprocessing): Promise<SeenImage[]> => {
  const seen: SeenImage[] = []
  for (const { name, bytes } of images) {
    const rgb = how.kind === 'crop' ? await toCrop(bytes, name, how) : await toRgb(bytes, name, { width: how.side, height: how.side })
    seen.push({ name, sha256: createHash('sha256').update(bytes).digest('hex'), rgb })
  }
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

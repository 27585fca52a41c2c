import type { ImagePlacement } from '../../domain/placement.ts'
import { decodeImage } from './decode.ts'
import { place } from './place.ts'
import { resizeBilinear } from './resample.ts'
import type { RgbImage } from './rgb-image.ts'

export interface ImageSize {
  width: number
  height: number
}

const unit = Float32Array.from({ length: 256 }, (_, value) => value / 255)

/** Writes an image into `out` from `offset` as (3, height, width) in [0, 1], as torchvision's ToTensor: value / 255 in float32. */
export const writePixels = ({ width, height, data }: RgbImage, out: Float32Array, offset = 0): void => {
  const plane = width * height
  for (let i = 0, from = 0; i < plane; i++) {
    out[offset + i] = unit[data[from++]]
    out[offset + plane + i] = unit[data[from++]]
    out[offset + 2 * plane + i] = unit[data[from++]]
  }
}

/** An image's bytes as RGB of exactly that size: decoded, placed on a canvas if so asked, and squashed, without a crop. Errors as decodeImage. */
export const toRgb = async (bytes: Uint8Array, where: string, size: ImageSize, placement: ImagePlacement | null = null): Promise<RgbImage> => {
  const image = await decodeImage(bytes, where)
  return resizeBilinear(placement === null ? image : place(image, placement, where), size)
}

/** An image's bytes as a backbone's pixels: (3, height, width), RGB in [0, 1]. Errors as decodeImage. */
export const toPixels = async (bytes: Uint8Array, where: string, size: ImageSize): Promise<Float32Array> => {
  const out = new Float32Array(3 * size.width * size.height)
  writePixels(await toRgb(bytes, where, size), out)
  return out
}

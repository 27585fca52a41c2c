import { decodeImage } from './decode.ts'
import { resize } from './resample.ts'
import type { Filter } from './resample.ts'
import type { RgbImage } from './rgb-image.ts'

/** How images are prepared for classification: the shorter side to `resize` pixels, then the middle square of `crop`. */
export interface CropRecipe {
  resize: number
  /** at most `resize` */
  crop: number
  filter: Filter
}

/** Python's round: a half goes to the even neighbour. */
const roundHalfEven = (x: number): number => (x % 1 === 0.5 ? 2 * Math.round(x / 2) : Math.round(x))

const middle = ({ width, height, data }: RgbImage, side: number): RgbImage => {
  const [left, top] = [roundHalfEven((width - side) / 2), roundHalfEven((height - side) / 2)]
  const out = new Uint8Array(side * side * 3)
  for (let y = 0; y < side; y++) {
    const from = ((top + y) * width + left) * 3
    out.set(data.subarray(from, from + side * 3), y * side * 3)
  }
  return { width: side, height: side, data: out }
}

/** The middle square of an image whose shorter side is resized: byte for byte torchvision's `Resize(resize, filter)` and `CenterCrop(crop)` on PIL images. */
export const resizeAndCrop = (image: RgbImage, recipe: CropRecipe): RgbImage => {
  const { width, height } = image
  const shorter = Math.min(width, height)
  const longer = Math.trunc((recipe.resize * Math.max(width, height)) / shorter)
  return middle(resize(image, width <= height ? { width: recipe.resize, height: longer } : { width: longer, height: recipe.resize }, recipe.filter), recipe.crop)
}

/** An image's bytes as a classifier sees them. Errors as decodeImage. */
export const toCrop = async (bytes: Uint8Array, where: string, recipe: CropRecipe): Promise<RgbImage> => resizeAndCrop(await decodeImage(bytes, where), recipe)

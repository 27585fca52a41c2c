import type { ImagePlacement } from '../../domain/placement.ts'
import { checkSize } from './image-errors.ts'
import type { RgbImage } from './rgb-image.ts'

/**
 * The image centred on a square canvas of the background's colour: as wide as its longer side (`pad-square`), or `ratio` times its width
 * (`degrees`), where what lies outside is cut. VentralError image-too-large.
 */
export const place = (image: RgbImage, { kind, ratio = 1, background }: ImagePlacement, where: string): RgbImage => {
  const { width, height, data } = image
  const side = kind === 'pad-square' ? Math.max(width, height) : Math.max(1, Math.round(width * ratio))
  if (side === width && side === height) return image
  checkSize(where, side, side)
  const canvas = new Uint8Array(3 * side * side)
  for (let at = 0; at < canvas.length; at += 3) canvas.set(background, at)
  const [left, top] = [Math.floor((side - width) / 2), Math.floor((side - height) / 2)]
  const [fromX, toX] = [Math.max(0, -left), Math.min(width, side - left)]
  for (let y = Math.max(0, -top); y < Math.min(height, side - top); y++)
    canvas.set(data.subarray(3 * (y * width + fromX), 3 * (y * width + toX)), 3 * ((y + top) * side + fromX + left))
  return { width: side, height: side, data: canvas }
}

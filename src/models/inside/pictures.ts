import sharp from 'sharp'
import type { RgbImage } from '../preprocess/rgb-image.ts'
import { asShares, blueToRed } from './colours.ts'
import type { Sides } from './maps.ts'

/** A map, row by row. */
export interface PlacedMap extends Sides {
  values: Float32Array
}

/** Places and weights of linear interpolation along one side; pixel centres lie at halves, and the edge goes on beyond it (torch's align_corners=False). */
const along = (from: number, to: number): { low: number; high: number; part: number }[] =>
  Array.from({ length: to }, (_, i) => {
    const at = Math.max(((i + 0.5) * from) / to - 0.5, 0)
    const low = Math.min(Math.floor(at), from - 1)
    return { low, high: Math.min(low + 1, from - 1), part: at - low }
  })

/** A map at another size by bilinear interpolation, as torch's `interpolate(mode="bilinear", align_corners=False)`. */
export const resizeMap = ({ rows, columns, values }: PlacedMap, to: Sides): PlacedMap => {
  const [vertical, horizontal] = [along(rows, to.rows), along(columns, to.columns)]
  const out = new Float32Array(to.rows * to.columns)
  let at = 0
  for (const { low: top, high: bottom, part: down } of vertical)
    for (const { low: left, high: right, part: across } of horizontal) {
      const above = values[top * columns + left] * (1 - across) + values[top * columns + right] * across
      const below = values[bottom * columns + left] * (1 - across) + values[bottom * columns + right] * across
      out[at++] = above * (1 - down) + below * down
    }
  return { ...to, values: out }
}

/** A map of shares in [0, 1] in colours, without interpolation, so that single units can be seen. */
export const paintMap = ({ rows, columns, values }: PlacedMap, side: number): RgbImage => {
  const data = new Uint8Array(side * side * 3)
  let at = 0
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      data.set(blueToRed(values[Math.floor((y * rows) / side) * columns + Math.floor((x * columns) / side)]), at)
      at += 3
    }
  return { width: side, height: side, data }
}

/**
 * A map in colours over an image: (1 - alpha) · image + alpha · colour. The map is interpolated to the image's size; its least value there is
 * blue, its greatest red.
 */
export const overlay = (image: RgbImage, map: PlacedMap, alpha: number): RgbImage => {
  const { values } = resizeMap(map, { rows: image.height, columns: image.width })
  const data = new Uint8Array(image.data.length)
  for (const [place, share] of asShares(values).entries()) {
    const colour = blueToRed(share)
    for (let i = 0; i < 3; i++) data[3 * place + i] = Math.round((1 - alpha) * image.data[3 * place + i] + alpha * colour[i])
  }
  return { ...image, data }
}

const GAP = 4

/** Rows of square pictures of one side on white, with gaps between them; rows may differ in length. */
export const sheet = (rows: readonly (readonly RgbImage[])[], side: number): RgbImage => {
  const width = Math.max(...rows.map((row) => row.length)) * (side + GAP) - GAP
  const height = rows.length * (side + GAP) - GAP
  const data = new Uint8Array(width * height * 3).fill(255)
  for (const [r, row] of rows.entries())
    for (const [c, picture] of row.entries())
      for (let y = 0; y < side; y++) data.set(picture.data.subarray(3 * y * side, 3 * (y + 1) * side), 3 * ((r * (side + GAP) + y) * width + c * (side + GAP)))
  return { width, height, data }
}

/** An image as a PNG file; a copy of the encoder's memory, which could not be handed from thread to thread. */
export const encodePng = async ({ width, height, data }: RgbImage): Promise<Uint8Array> => new Uint8Array(await sharp(data, { raw: { width, height, channels: 3 } }).png().toBuffer())

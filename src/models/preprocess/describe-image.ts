import { createHash } from 'node:crypto'
import { decodeImage } from './decode.ts'
import { resizeBilinear } from './resample.ts'

/** Side of the thumbnails that near duplicates are found by. */
export const THUMBNAIL = 16

export interface ImageDescription {
  width: number
  height: number
  /** sha256 of the decoded picture (its size and RGB bytes): equal for files that show the same, whatever their format or metadata */
  pixelSha256: string
  /** the picture shrunk to 16 x 16 RGB, interleaved, 0 to 255: near duplicates correlate above .95 */
  thumbnail: Float32Array
}

/** What the import needs to know of an image. Errors as decodeImage. */
export const describeImage = async (bytes: Uint8Array, where: string): Promise<ImageDescription> => {
  const image = await decodeImage(bytes, where)
  const { width, height, data } = image
  return {
    width,
    height,
    pixelSha256: createHash('sha256').update(`${width}x${height}\n`).update(data).digest('hex'),
    thumbnail: Float32Array.from(resizeBilinear(image, { width: THUMBNAIL, height: THUMBNAIL }).data),
  }
}

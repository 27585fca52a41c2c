import sharp from 'sharp'
import { decodeBmp } from './bmp.ts'
import { cmykToRgb } from './cmyk.ts'
import { checkSize, MAX_PIXELS, notAnImage, truncatedImage } from './image-errors.ts'
import { describeOther, imageKind } from './image-kind.ts'
import type { RgbImage } from './rgb-image.ts'

// Settings of libvips for the whole process. Only the loaders of the formats below can be reached, by whatever bytes; one thread per
// image, since threads are ours to hand out; no cache, since no image is decoded twice in a row.
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({ operation: ['VipsForeignLoadJpegBuffer', 'VipsForeignLoadPngBuffer', 'VipsForeignLoadWebpBuffer'] })
sharp.concurrency(1)
sharp.cache(false)

const PNG_COLOUR_TYPE = 25
const GREY = 0

/** libvips's messages, without its line breaks and prefixes. */
const reason = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n').map((line) => line.trim()).filter(Boolean).join('; ').slice(0, 200) || 'the decoder gave up'

/** Pillow reads 16-bit grey as integers and clips them at 255 (other 16-bit images lose their low byte, as in libvips). */
const clipGrey16 = (grey: Uint16Array): Uint8Array => {
  const rgb = new Uint8Array(grey.length * 3)
  for (let i = 0; i < grey.length; i++) rgb.fill(Math.min(grey[i], 255), 3 * i, 3 * i + 3)
  return rgb
}

const decodeWithSharp = async (bytes: Uint8Array, where: string): Promise<RgbImage> => {
  const header = await sharp(bytes, { limitInputPixels: false, failOn: 'warning' }).metadata()
  const { width, height, space, format } = header
  checkSize(where, width, height)

  const image = sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: 'warning', ignoreIcc: true, autoOrient: false })
  if (space === 'cmyk') {
    const ink = await image.pipelineColourspace('cmyk').toColourspace('cmyk').raw().toBuffer()
    return { width, height, data: cmykToRgb(ink) }
  }
  if (format === 'png' && space === 'grey16' && bytes[PNG_COLOUR_TYPE] === GREY) {
    const grey = await image.removeAlpha().toColourspace('grey16').raw({ depth: 'ushort' }).toBuffer()
    return { width, height, data: clipGrey16(new Uint16Array(grey.buffer, grey.byteOffset, grey.byteLength / 2)) }
  }
  const { data, info } = await image.removeAlpha().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true })
  if (info.channels !== 3 || data.length !== width * height * 3) throw truncatedImage(where, `it decodes to ${info.channels} channels of ${info.width} x ${info.height}`)
  return { width, height, data }
}

/**
 * Decodes a JPEG, PNG, WebP or BMP to the bytes that Pillow's `Image.open(…).convert('RGB')` gives: no rotation by EXIF, no colour
 * profile, alpha dropped without compositing, 16-bit grey clipped at 255, CMYK the simple way. Of an animation, the first picture.
 * VentralErrors: not-an-image, truncated-image, image-too-large, unsupported-format.
 *
 * @param where how errors name the image
 */
export const decodeImage = async (bytes: Uint8Array, where: string): Promise<RgbImage> => {
  const kind = imageKind(bytes)
  if (kind === null) throw notAnImage(where, describeOther(bytes))
  if (kind === 'bmp') return decodeBmp(bytes, where)
  try {
    return await decodeWithSharp(bytes, where)
  } catch (error) {
    if (error instanceof Error && error.name === 'VentralError') throw error
    throw truncatedImage(where, reason(error))
  }
}

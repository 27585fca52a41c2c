import { VentralError } from '../../domain/errors.ts'

const FORMATS = 'JPEG, PNG, WebP or BMP'

export const notAnImage = (where: string, found: string): VentralError =>
  new VentralError('not-an-image', `${where} is ${found}, not a ${FORMATS} image. Convert it to one of these.`, [{ pointer: where, expected: FORMATS, found }])

export const truncatedImage = (where: string, why: string): VentralError =>
  new VentralError('truncated-image', `${where} is truncated or damaged (${why}). Fetch or save the image again.`, [{ pointer: where, expected: 'an intact image', found: why }])

export const unsupportedImage = (where: string, what: string): VentralError =>
  new VentralError('unsupported-format', `${where} is ${what}, which is not read. Save the image as a plain PNG.`, [{ pointer: where, expected: FORMATS, found: what }])

/** Most pixels of an image (192 MB once decoded), and of one side: the resize holds (new width x old height) between its passes. */
export const MAX_PIXELS = 64e6
export const MAX_SIDE = 32_768

/** VentralError image-too-large, by the size that a header states, before anything is decoded. */
export const checkSize = (where: string, width: number, height: number): void => {
  if (width * height <= MAX_PIXELS && Math.max(width, height) <= MAX_SIDE) return
  const allowed = `at most ${MAX_PIXELS / 1e6} million pixels and ${MAX_SIDE} on a side`
  throw new VentralError('image-too-large', `${where} has ${width} x ${height} pixels; ${allowed} are read. Shrink it before the upload.`, [
    { pointer: where, expected: allowed, found: `${width} x ${height}` },
  ])
}

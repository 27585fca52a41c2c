export type ImageKind = 'jpeg' | 'png' | 'webp' | 'bmp'

const has = (bytes: Uint8Array, at: number, text: string): boolean => {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false
  return true
}

/** Format by the first bytes, whatever the name says; null where it is none that is decoded. */
export const imageKind = (bytes: Uint8Array): ImageKind | null => {
  if (has(bytes, 0, '\xff\xd8\xff')) return 'jpeg'
  if (has(bytes, 0, '\x89PNG\r\n\x1a\n')) return 'png'
  if (has(bytes, 0, 'RIFF') && has(bytes, 8, 'WEBP')) return 'webp'
  if (has(bytes, 0, 'BM')) return 'bmp'
  return null
}

/** What bytes that are no image of ours look like, for the refusal. */
export const describeOther = (bytes: Uint8Array): string => {
  if (bytes.length === 0) return 'empty'
  if (has(bytes, 0, 'GIF8')) return 'a GIF'
  if (has(bytes, 0, 'II*\0') || has(bytes, 0, 'MM\0*')) return 'a TIFF'
  if (has(bytes, 0, '%PDF')) return 'a PDF'
  if (has(bytes, 4, 'ftyp')) return 'a HEIF, AVIF or video file'
  if (has(bytes, 0, 'PK')) return 'a zip archive'
  if (has(bytes, 0, '<')) return 'an SVG or web page'
  return 'something else'
}

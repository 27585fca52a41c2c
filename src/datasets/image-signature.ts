const ascii = (bytes: Uint8Array, from: number, text: string): boolean =>
  bytes.length >= from + text.length && [...text].every((c, i) => bytes[from + i] === c.charCodeAt(0))

/** Bytes that `imageMediaType` looks at. */
export const signatureBytes = 16

/** Media type by the first bytes of a file, for the formats that are decoded; null for anything else. */
export const imageMediaType = (bytes: Uint8Array): 'image/jpeg' | 'image/png' | 'image/webp' | 'image/bmp' | null => {
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'image/jpeg'
  if (bytes[0] === 0x89 && ascii(bytes, 1, 'PNG\r\n\x1a\n')) return 'image/png'
  if (ascii(bytes, 0, 'RIFF') && ascii(bytes, 8, 'WEBP')) return 'image/webp'
  if (ascii(bytes, 0, 'BM')) return 'image/bmp'
  return null
}

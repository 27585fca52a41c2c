import { checkSize, truncatedImage, unsupportedImage } from './image-errors.ts'
import type { RgbImage } from './rgb-image.ts'

interface Header {
  width: number
  height: number
  topDown: boolean
  bits: number
  /** byte offset of the first stored row */
  pixels: number
  /** red, green, blue of each index, for 1, 4 and 8 bits */
  palette: Uint8Array | null
  /** bits of red, green and blue, for 16 and 32 bits */
  masks: readonly [number, number, number] | null
}

const compressions = ['none', 'RLE8', 'RLE4', 'bit fields', 'JPEG', 'PNG', 'bit fields with alpha']

const readPalette = (view: DataView, at: number, entries: number, bytesPerEntry: number): Uint8Array => {
  const palette = new Uint8Array(256 * 3)
  for (let i = 0; i < entries; i++) {
    // stored blue, green, red
    for (let c = 0; c < 3; c++) palette[i * 3 + c] = view.getUint8(at + i * bytesPerEntry + 2 - c)
  }
  return palette
}

const readHeader = (view: DataView, where: string): Header => {
  const size = view.getUint32(14, true)
  const core = size === 12
  if (!core && ![40, 52, 56, 64, 108, 124].includes(size)) throw unsupportedImage(where, `a BMP with a header of ${size} bytes`)
  const width = core ? view.getUint16(18, true) : view.getInt32(18, true)
  const signedHeight = core ? view.getUint16(20, true) : view.getInt32(22, true)
  const height = Math.abs(signedHeight)
  const bits = view.getUint16(core ? 24 : 28, true)
  const compression = core ? 0 : view.getUint32(30, true)
  if (width < 1 || height < 1) throw truncatedImage(where, `its header states ${width} x ${signedHeight} pixels`)
  if (![1, 4, 8, 16, 24, 32].includes(bits)) throw unsupportedImage(where, `a BMP of ${bits} bits per pixel`)

  const fields = compression === 3 || compression === 6
  if (compression !== 0 && !(fields && (bits === 16 || bits === 32))) {
    throw unsupportedImage(where, `a BMP of ${bits} bits compressed as ${compressions[compression] ?? compression}`)
  }
  const masks = fields ? [54, 58, 62].map((at) => view.getUint32(at, true)) as [number, number, number]
    : bits === 16 ? [0x7c00, 0x3e0, 0x1f] as const
      : bits === 32 ? [0xff0000, 0xff00, 0xff] as const : null
  if (masks?.some((mask) => mask === 0)) throw unsupportedImage(where, 'a BMP without a bit field for each of red, green and blue')

  const most = 2 ** bits
  const entries = bits > 8 ? 0 : core ? most : Math.min(view.getUint32(46, true) || most, most)
  const palette = entries ? readPalette(view, 14 + size, entries, core ? 3 : 4) : null
  return { width, height, topDown: signedHeight < 0, bits, pixels: view.getUint32(10, true), palette, masks }
}

/** Bits of a mask as a value 0 to 255, as Pillow scales them: v * 255 / largest, truncated. */
const fieldReader = (mask: number): ((pixel: number) => number) => {
  const shift = 31 - Math.clz32(mask & -mask)
  const largest = mask >>> shift
  return (pixel) => Math.floor((((pixel & mask) >>> shift) * 255) / largest)
}

/** Reads one stored row into RGB. */
const rowReader = ({ width, bits, palette, masks }: Header, bytes: Uint8Array, view: DataView): ((from: number, out: Uint8Array, to: number) => void) => {
  if (bits === 24) {
    return (from, out, to) => {
      for (let i = 0; i < width * 3; i += 3) {
        out[to + i] = bytes[from + i + 2]
        out[to + i + 1] = bytes[from + i + 1]
        out[to + i + 2] = bytes[from + i]
      }
    }
  }
  if (masks) {
    const fields = masks.map(fieldReader)
    return (from, out, to) => {
      for (let x = 0; x < width; x++) {
        const pixel = bits === 16 ? view.getUint16(from + 2 * x, true) : view.getUint32(from + 4 * x, true)
        for (let c = 0; c < 3; c++) out[to + 3 * x + c] = fields[c](pixel)
      }
    }
  }
  const perByte = 8 / bits
  return (from, out, to) => {
    for (let x = 0; x < width; x++) {
      // the leftmost pixel is in the highest bits
      const shift = 8 - bits * ((x % perByte) + 1)
      const index = (bytes[from + Math.floor(x / perByte)] >>> shift) & (2 ** bits - 1)
      for (let c = 0; c < 3; c++) out[to + 3 * x + c] = palette![3 * index + c]
    }
  }
}

/**
 * Decodes an uncompressed BMP of 1 to 32 bits; alpha is dropped. VentralErrors: truncated-image, image-too-large, unsupported-format.
 * Layout: Microsoft's BITMAPFILEHEADER and BITMAPCOREHEADER to BITMAPV5HEADER.
 */
export const decodeBmp = (bytes: Uint8Array, where: string): RgbImage => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let header: Header
  try {
    header = readHeader(view, where)
  } catch (error) {
    throw error instanceof RangeError ? truncatedImage(where, 'its header ends early') : error
  }
  const { width, height, bits, pixels, topDown } = header
  checkSize(where, width, height)
  const stride = Math.ceil((width * bits) / 32) * 4
  // Some writers leave out the padding of the last row.
  const needed = pixels + stride * (height - 1) + Math.ceil((width * bits) / 8)
  if (needed > bytes.length) throw truncatedImage(where, `it has ${bytes.length} bytes and needs ${needed}`)

  const readRow = rowReader(header, bytes, view)
  const data = new Uint8Array(width * height * 3)
  for (let row = 0; row < height; row++) readRow(pixels + stride * (topDown ? row : height - 1 - row), data, row * width * 3)
  return { width, height, data }
}

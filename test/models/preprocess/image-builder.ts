import zlib from 'node:zlib'

// Small image files made byte by byte, for forms that no photograph at hand has.

const u32be = (value: number): Buffer => {
  const out = Buffer.alloc(4)
  out.writeUInt32BE(value)
  return out
}

const chunk = (type: string, data: Buffer): Buffer => {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  return Buffer.concat([u32be(data.length), body, u32be(zlib.crc32(body))])
}

export const colourType = { grey: 0, rgb: 2, palette: 3, greyAlpha: 4, rgba: 6 } as const

/** A PNG; `rows` are the filter byte and the packed samples of each row. */
export const png = (
  { width, height, depth, type, rows, chunks = [] }: { width: number; height: number; depth: number; type: number; rows: ArrayLike<number>; chunks?: [string, number[]][] },
): Buffer => Buffer.concat([
  Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
  chunk('IHDR', Buffer.concat([u32be(width), u32be(height), Buffer.from([depth, type, 0, 0, 0])])),
  ...chunks.map(([name, data]) => chunk(name, Buffer.from(data))),
  chunk('IDAT', zlib.deflateSync(Buffer.from(rows))),
  chunk('IEND', Buffer.alloc(0)),
])

export interface BmpForm {
  width: number
  /** negative: rows from the top down */
  height: number
  bits: number
  rows: number[]
  compression?: number
  /** blue, green, red, 0 of each entry */
  palette?: number[]
  masks?: [number, number, number]
  core?: boolean
}

export const bmp = ({ width, height, bits, rows, compression = 0, palette = [], masks, core = false }: BmpForm): Buffer => {
  const header = Buffer.alloc(core ? 12 : 40)
  header.writeUInt32LE(header.length)
  if (core) {
    header.writeUInt16LE(width, 4)
    header.writeUInt16LE(height, 6)
    header.writeUInt16LE(bits, 10)
  } else {
    header.writeInt32LE(width, 4)
    header.writeInt32LE(height, 8)
    header.writeUInt16LE(bits, 14)
    header.writeUInt32LE(compression, 16)
    header.writeUInt32LE(palette.length / 4, 32)
  }
  const fields = Buffer.alloc(masks ? 12 : 0)
  masks?.forEach((mask, i) => fields.writeUInt32LE(mask, 4 * i))
  const start = Buffer.alloc(14)
  start.write('BM', 'latin1')
  start.writeUInt32LE(14 + header.length + fields.length + palette.length, 10)
  return Buffer.concat([start, header, fields, Buffer.from(palette), Buffer.from(rows)])
}

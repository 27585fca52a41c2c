/** Bytes before the picture in a BMP: 14 of the file, 40 of the picture. */
const HEADER = 54

/**
 * A picture in planes (3 x side x side, RGB) as the bytes of a BMP, so that it takes the way of every other image. `side` must be a
 * multiple of 4: the format's rows are.
 */
export const bmpOfPlanes = (planes: Uint8Array, side: number): Uint8Array => {
  const plane = side * side
  if (planes.length !== 3 * plane || side % 4 !== 0) throw new Error(`${planes.length} bytes are no picture of side ${side}`)
  const out = Buffer.alloc(HEADER + 3 * plane)
  out.write('BM', 0, 'latin1')
  out.writeUInt32LE(out.length, 2)
  out.writeUInt32LE(HEADER, 10)
  out.writeUInt32LE(40, 14)
  out.writeInt32LE(side, 18)
  out.writeInt32LE(side, 22)
  out.writeUInt16LE(1, 26)
  out.writeUInt16LE(24, 28)
  // blue, green, red; rows from the bottom up
  for (let y = 0, at = HEADER; y < side; y++)
    for (let x = 0; x < side; x++) for (let c = 2; c >= 0; c--) out[at++] = planes[c * plane + (side - 1 - y) * side + x]
  return out
}

/** a * b / 255, rounded, in integers. */
const scaled = (a: number, b: number): number => {
  const product = a * b + 128
  return ((product >> 8) + product) >> 8
}

/** RGB of ink amounts (C, M, Y, K interleaved, as libvips gives a JPEG's) by Pillow's rule, (255 - K) (255 - C) / 255, without a profile. */
export const cmykToRgb = (ink: Uint8Array): Uint8Array => {
  const rgb = new Uint8Array((ink.length / 4) * 3)
  for (let from = 0, to = 0; from < ink.length; from += 4, to += 3) {
    const light = 255 - ink[from + 3]
    for (let c = 0; c < 3; c++) rgb[to + c] = light - scaled(ink[from + c], light)
  }
  return rgb
}

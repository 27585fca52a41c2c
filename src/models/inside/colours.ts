/** Blue, cyan, green, yellow, red at equal steps; linear between. */
const stops = [[0, 0, 255], [0, 255, 255], [0, 255, 0], [255, 255, 0], [255, 0, 0]] as const

/** The colour of a share in [0, 1], from blue (0) to red (1). What is no number is grey. */
export const blueToRed = (share: number): [number, number, number] => {
  if (Number.isNaN(share)) return [128, 128, 128]
  const at = Math.min(Math.max(share, 0), 1) * (stops.length - 1)
  const from = Math.min(Math.floor(at), stops.length - 2)
  const part = at - from
  const channel = (i: number): number => Math.round(stops[from][i] * (1 - part) + stops[from + 1][i] * part)
  return [channel(0), channel(1), channel(2)]
}

/** Values as shares of the way from the least to the greatest; 0 throughout where all are equal. Values that are not finite have none (NaN). */
export const asShares = (values: Float32Array): Float32Array => {
  let [least, greatest] = [Infinity, -Infinity]
  for (const value of values) {
    if (!Number.isFinite(value)) continue
    least = Math.min(least, value)
    greatest = Math.max(greatest, value)
  }
  const span = greatest - least
  return values.map((value) => (!Number.isFinite(value) ? NaN : span > 0 ? (value - least) / span : 0))
}

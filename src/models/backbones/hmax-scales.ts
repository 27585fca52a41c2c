// Serre, Wolf, Bileschi, Riesenhuber & Poggio 2007, Robust object recognition with cortex-like mechanisms, Table 1: simple cells of sixteen
// sizes, in eight bands of two for the complex cells. Lengths are in pixels.

/** Side of the Gabor filter, standard deviation of its envelope, wavelength. */
export interface Scale {
  size: number
  sigma: number
  wavelength: number
}

/** Complex cells pool `pool` x `pool` places, every `step`, of both scales. */
export interface Band {
  scales: readonly [Scale, Scale]
  pool: number
  step: number
}

const band = (pool: number, step: number, ...scales: [number, number, number][]): Band => {
  const [first, second] = scales.map(([size, sigma, wavelength]): Scale => ({ size, sigma, wavelength }))
  return { scales: [first, second], pool, step }
}

export const bands: readonly Band[] = [
  band(8, 4, [7, 2.8, 3.5], [9, 3.6, 4.6]),
  band(10, 5, [11, 4.5, 5.6], [13, 5.4, 6.8]),
  band(12, 6, [15, 6.3, 7.9], [17, 7.3, 9.1]),
  band(14, 7, [19, 8.2, 10.3], [21, 9.2, 11.5]),
  band(16, 8, [23, 10.2, 12.7], [25, 11.3, 14.1]),
  band(18, 9, [27, 12.3, 15.4], [29, 13.4, 16.8]),
  band(20, 10, [31, 14.6, 18.2], [33, 15.8, 19.7]),
  band(22, 11, [35, 17.0, 21.2], [37, 18.2, 22.8]),
]

/** 0°, 45°, 90°, 135° */
export const ORIENTATIONS = 4
/** width across the bars over length along them */
const ASPECT = 0.3

/** 1 within the filter's circle, by which all orientations see the same places; (size, size). */
const aperture = ({ size }: Scale): Float64Array => {
  const half = (size - 1) / 2
  return Float64Array.from({ length: size * size }, (_, i) => {
    const [y, x] = [Math.floor(i / size) - half, (i % size) - half]
    return x * x + y * y <= (size * size) / 4 ? 1 : 0
  })
}

/** Even Gabor filters (ORIENTATIONS, size, size), of mean 0 and sum of squares 1. */
export const gaborFilters = (scale: Scale): Float64Array => {
  const { size, sigma, wavelength } = scale
  const half = (size - 1) / 2
  const inside = aperture(scale)
  const area = inside.reduce((a, b) => a + b, 0)
  const filters = new Float64Array(ORIENTATIONS * size * size)
  for (let k = 0; k < ORIENTATIONS; k++) {
    const theta = (k * Math.PI) / ORIENTATIONS
    const filter = inside.map((weight, i) => {
      const [y, x] = [Math.floor(i / size) - half, (i % size) - half]
      const across = x * Math.cos(theta) + y * Math.sin(theta)
      const along = y * Math.cos(theta) - x * Math.sin(theta)
      return weight * Math.exp(-(across ** 2 + (ASPECT * along) ** 2) / (2 * sigma ** 2)) * Math.cos((2 * Math.PI * across) / wavelength)
    })
    const mean = filter.reduce((a, b) => a + b, 0) / area
    const centred = filter.map((value, i) => inside[i] * (value - mean))
    const norm = Math.sqrt(centred.reduce((sum, value) => sum + value * value, 0))
    filters.set(centred.map((value) => value / norm), k * size * size)
  }
  return filters
}

/** What is added to the sum of squares in a filter's window, which a response is relative to: one level of 255 in every pixel, so that black gives 0. */
export const floorOf = ({ size }: Scale): number => size ** 2 / 255 ** 2

import { randomStream } from '../random.ts'

/** The statistics of a background; they are drawn without regard to the object in front of it. */
export interface Texture {
  /** amplitude falls as 1/f^slope */
  slope: number
  /** direction of the strongest modulation in degrees, [0, 180), and how much stronger it is (0 = none) */
  orientation: number
  anisotropy: number
  /** standard deviation and mean of the luminance in [0,1] */
  contrast: number
  luminance: number
}

const SIZE = 256 // a power of two; a picture is a corner of it, so that opposite edges do not match
const RINGS = 4 // radial table entries per cycle
const ANGLES = 180

const cosines = Float64Array.from({ length: 1024 }, (_, i) => Math.cos((2 * Math.PI * i) / 1024))
const frequency = (k: number): number => (k <= SIZE / 2 ? k : k - SIZE)

// Which ring and which direction each bin of the spectrum has.
const ringOf = new Uint16Array(SIZE * SIZE)
const angleOf = new Uint8Array(SIZE * SIZE)
for (let y = 0; y < SIZE; y++) {
  for (let x = 0; x < SIZE; x++) {
    const [fx, fy] = [frequency(x), frequency(y)]
    ringOf[y * SIZE + x] = Math.round(Math.hypot(fx, fy) * RINGS)
    angleOf[y * SIZE + x] = (Math.round((Math.atan2(fy, fx) * 180) / Math.PI) + 360) % ANGLES
  }
}

const reversed = Uint8Array.from({ length: SIZE }, (_, i) => parseInt(i.toString(2).padStart(8, '0').split('').reverse().join(''), 2))

/** In-place FFT of one line of SIZE complex numbers. */
const transformLine = (re: Float64Array, im: Float64Array): void => {
  for (let i = 0; i < SIZE; i++) {
    const j = reversed[i]
    if (j <= i) continue
    const a = re[i]
    const b = im[i]
    re[i] = re[j]
    im[i] = im[j]
    re[j] = a
    im[j] = b
  }
  for (let half = 1; half < SIZE; half *= 2) {
    const stride = 1024 / (2 * half)
    for (let k = 0; k < half; k++) {
      const c = cosines[k * stride]
      const s = cosines[(k * stride + 256) & 1023]
      for (let i = k; i < SIZE; i += 2 * half) {
        const j = i + half
        const a = re[j] * c - im[j] * s
        const b = re[j] * s + im[j] * c
        re[j] = re[i] - a
        im[j] = im[i] - b
        re[i] += a
        im[i] += b
      }
    }
  }
}

// Work space, overwritten by every call: a megabyte per picture would keep the collector busy.
const lines = Array.from({ length: SIZE }, () => ({ re: new Float64Array(SIZE), im: new Float64Array(SIZE) }))

/** Two independent noise fields (side x side, mean 0, sd 1) with the texture's spectrum: the real and the imaginary part of one transform. */
export const noiseFields = (texture: Texture, side: number, name: string): [Float64Array, Float64Array] => {
  const bits = randomStream(name).bits
  // Under two cycles per picture the field is damped: backgrounds that differ in nothing but a gradient would look like duplicates at thumbnail size.
  const radial = Float64Array.from(
    { length: SIZE * RINGS }, (_, r) => (r === 0 ? 0 : (r / RINGS) ** -texture.slope * (1 - Math.exp(-((r / RINGS / 2.5) ** 2)))),
  )
  const angular = Float64Array.from({ length: ANGLES }, (_, a) => Math.exp(texture.anisotropy * Math.cos((2 * Math.PI * (a - texture.orientation)) / 180)))
  for (let y = 0; y < SIZE; y++) {
    const { re, im } = lines[y]
    for (let x = 0; x < SIZE; x++) {
      const amplitude = radial[ringOf[y * SIZE + x]] * angular[angleOf[y * SIZE + x]]
      const phase = bits() >>> 22
      re[x] = amplitude * cosines[phase]
      im[x] = amplitude * cosines[(phase + 256) & 1023]
    }
    transformLine(re, im)
  }
  const [luminance, chroma] = [new Float64Array(side * side), new Float64Array(side * side)]
  const [re, im] = [new Float64Array(SIZE), new Float64Array(SIZE)]
  for (let x = 0; x < side; x++) {
    for (let y = 0; y < SIZE; y++) {
      re[y] = lines[y].re[x]
      im[y] = lines[y].im[x]
    }
    transformLine(re, im)
    for (let y = 0; y < side; y++) {
      luminance[y * side + x] = re[y]
      chroma[y * side + x] = im[y]
    }
  }
  return [standardised(luminance), standardised(chroma)]
}

/** In place. */
const standardised = (field: Float64Array): Float64Array => {
  let [sum, squares] = [0, 0]
  for (const v of field) {
    sum += v
    squares += v * v
  }
  const mean = sum / field.length
  const sd = Math.sqrt(squares / field.length - mean * mean)
  for (let i = 0; i < field.length; i++) field[i] = (field[i] - mean) / sd
  return field
}

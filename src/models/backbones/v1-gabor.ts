import type { GraphNode, LayerGraph } from '../graph.ts'
import type { GraphBuilder } from '../graph-builder.ts'
import { createGraphBuilder, imageNetPreprocessing } from '../graph-builder.ts'

// A bank like primary visual cortex: Gabor filters in quadrature pairs (Daugman 1985; Jones & Palmer 1987), complex cells as their energy
// (Adelson & Bergen 1985), divisive normalisation by the neighbourhood (Heeger 1992; Carandini & Heeger 2012). Nothing in it is learnt.

const INPUT_SIZE = 224
const ORIENTATIONS = 8
/** Octaves; the image halves from one to the next. Over 8 degrees the preferred frequencies are 7, 3.5, 1.75, .88 and .44 cycles per degree. */
const SCALES = 5
/** of the finest scale's carrier, in pixels */
const WAVELENGTH = 4
/** standard deviation across the bars over wavelength: a bandwidth of one octave, √(ln 2 / 2) / π · 3 */
const SIGMA = (Math.sqrt(Math.LN2 / 2) / Math.PI) * 3
/** width across the bars over length along them */
const ASPECT = 0.7
const KERNEL = 17
/** contrast at which a response is half of its maximum */
const SEMISATURATION = 0.15
const NEIGHBOURHOOD = 5
/** side of the grid on which all scales meet */
const GRID = 14

/** Rec. 601 */
export const luminance = Float32Array.of(0.299, 0.587, 0.114)

/** The binomial filter 1 4 6 4 1, which leaves little over half of the band that the smaller image can hold (Burt & Adelson 1983). */
const binomial = (): Float32Array => {
  const row = [1, 4, 6, 4, 1].map((x) => x / 16)
  return Float32Array.from(row.flatMap((a) => row.map((b) => a * b)))
}

/**
 * The bank (2 ORIENTATIONS, 1, KERNEL, KERNEL): even filters, then odd ones, of orientations k π / ORIENTATIONS. Without a response to
 * uniform light; a grating of contrast 1 at the preferred frequency, orientation and phase gives 1.
 */
export const gaborBank = (): Float32Array => {
  const half = (KERNEL - 1) / 2
  const bank: number[] = []
  for (const phase of [0, Math.PI / 2])
    for (let k = 0; k < ORIENTATIONS; k++) {
      const theta = (k * Math.PI) / ORIENTATIONS
      const [envelope, carrier]: [number[], number[]] = [[], []]
      for (let y = -half; y <= half; y++)
        for (let x = -half; x <= half; x++) {
          const across = x * Math.cos(theta) + y * Math.sin(theta)
          const along = y * Math.cos(theta) - x * Math.sin(theta)
          const sigma = SIGMA * WAVELENGTH
          envelope.push(Math.exp(-(across ** 2 + (ASPECT * along) ** 2) / (2 * sigma ** 2)))
          carrier.push(Math.cos((2 * Math.PI * across) / WAVELENGTH - phase))
        }
      const total = envelope.reduce((a, b) => a + b, 0)
      const mean = envelope.reduce((sum, weight, i) => sum + weight * carrier[i], 0) / total
      const filter = envelope.map((weight, i) => weight * (carrier[i] - mean))
      const response = filter.reduce((sum, weight, i) => sum + weight * carrier[i], 0)
      bank.push(...filter.map((weight) => weight / response))
    }
  return Float32Array.from(bank)
}

/** One octave: simple cells in two phases, complex cells, and these over their neighbours of all orientations. */
const octave = (g: GraphBuilder, name: string, x: GraphNode): { complex: GraphNode; normalised: GraphNode } => {
  const simple = g.filter(`${name}.simple`, x, gaborBank(), { out: 2 * ORIENTATIONS, kernel: KERNEL, padding: (KERNEL - 1) / 2 })
  const square = (part: string, from: number): GraphNode => g.square(`${name}.${part}`, g.channels(`${name}.${part}.phase`, simple, from, from + ORIENTATIONS))
  const complex = g.root(`${name}.complex`, g.add(`${name}.energy`, square('even', 0), square('odd', ORIENTATIONS)))
  const share = 1 / (ORIENTATIONS * NEIGHBOURHOOD ** 2)
  const pool = new Float32Array(ORIENTATIONS * NEIGHBOURHOOD ** 2).fill(share)
  const drive = g.filter(`${name}.neighbours`, complex, pool, { out: 1, kernel: NEIGHBOURHOOD, padding: (NEIGHBOURHOOD - 1) / 2, offset: SEMISATURATION, listed: false })
  return { complex, normalised: g.divide(`${name}.normalised`, complex, drive) }
}

const v1Gabor = (): LayerGraph => {
  const preprocessing = { ...imageNetPreprocessing(INPUT_SIZE), mean: [0.5, 0.5, 0.5] as [number, number, number], std: [0.5, 0.5, 0.5] as [number, number, number] }
  const g = createGraphBuilder({ id: 'v1-gabor', family: 'v1-gabor', inputSize: INPUT_SIZE, preprocessing })
  let image = g.filter('luminance', g.input, luminance, { out: 1, kernel: 1 })
  const scales: ReturnType<typeof octave>[] = []
  for (let s = 0; s < SCALES; s++) {
    if (s > 0) image = g.filter(`scale${s}`, image, binomial(), { out: 1, kernel: 5, stride: 2, padding: 2, listed: false })
    scales.push(octave(g, `scale${s}`, image))
  }
  for (const part of ['complex', 'normalised'] as const) {
    const pooled = scales.map((scale, s) => g.adaptiveAvgPool(`scale${s}.${part}.pooled`, scale[part], GRID, { listed: false }))
    g.tap(part, g.concat(`${part}.scales`, pooled), 'concat')
  }
  return g.finish({ defaults: ['complex', 'normalised'], regionOf: () => 'V1' })
}

export const v1Gabors = { 'v1-gabor': v1Gabor }

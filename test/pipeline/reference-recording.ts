import fs from 'node:fs'
import type { DatasetSummary } from '../../src/domain/dataset.ts'
import type { FitRequest } from '../../src/domain/fit.ts'
import type { PipelineContext } from '../../src/pipeline/context.ts'
import { gauss, uniforms } from '../helper/generator.ts'
import { colourType, png } from '../models/preprocess/image-builder.ts'
import { addRecording } from './run-fit.ts'

// The recording of test/reference/fits/make_fits.py: stimuli of 4 x 4 blocks of one colour each, whose pixels averaged to a 4 x 4 grid
// are these colours.

/** Scores per site. */
export interface SiteNumbers {
  ev: number[]
  r: number[]
}

export interface BrainScoreNumbers {
  splits: number[]
  score: number
  error: number
}

interface Choices {
  alphas: number[]
  /** (split x site) */
  chosen: number[][]
}

interface Reference {
  X: { first: number[]; sum: number }
  Y: { first: number[]; sum: number }
  brainScore: Record<'pls' | 'nipals' | 'ridge', BrainScoreNumbers> & { ceiling: { score: number; error: number }; revisions: Record<'raw' | 'r/c' | '(r/c)²' | 'r²/c', number> }
  nx414: SiteNumbers & { alpha: number }
  loo: Choices
  gcv: Choices
  pcaAll: { fits: SiteNumbers; readout: number[][] }
  pcaTrain: SiteNumbers
  linear: SiteNumbers
  pls3: SiteNumbers
}

export const reference = JSON.parse(fs.readFileSync(new URL('../reference/fits/fits.json', import.meta.url), 'utf8')) as Reference

const [n, m, repetitions, grid, side] = [120, 5, 4, 4, 224]
const colours = uniforms('fits colours', n * grid * grid * 3).map((u) => Math.floor(256 * u)) // (stimulus x row x column x channel)

const picture = (i: number): Buffer => {
  const block = (y: number, x: number): Buffer => Buffer.from(colours.subarray(((i * grid + y) * grid + x) * 3, ((i * grid + y) * grid + x + 1) * 3))
  const row = (y: number): Buffer[] => [Buffer.alloc(1), ...Array.from({ length: grid }, (_, x) => Buffer.alloc((3 * side) / grid, block(y, x)))]
  const rows = Buffer.concat(Array.from({ length: side }, (_, y) => row(Math.floor((y * grid) / side))).flat())
  return png({ width: side, height: side, depth: 8, type: colourType.rgb, rows })
}

/** Normalised colours, (stimulus x unit), units as channel, row, column. */
export const referenceX = (): Float64Array => {
  const [mean, std] = [[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]] // prettier-ignore
  const p = 3 * grid * grid
  return Float64Array.from({ length: n * p }, (_, at) => {
    const [i, unit] = [Math.floor(at / p), at % p]
    const [c, cell] = [Math.floor(unit / (grid * grid)), unit % (grid * grid)]
    return (colours[(i * grid * grid + cell) * 3 + c] / 255 - mean[c]) / std[c]
  })
}

/** Single trials, (stimulus x site x repetition), NaN where missing. */
export const referenceTrials = (): Float64Array => {
  const X = referenceX()
  const p = X.length / n
  const B = gauss('fits readout', p * m)
  const noise = gauss('fits trials', n * m * repetitions)
  const missing = uniforms('fits missing', noise.length)
  const scale = [1, 2, 3, 4, 8]
  return noise.map((e, at) => {
    const [i, j] = [Math.floor(at / (m * repetitions)), Math.floor(at / repetitions) % m]
    if (missing[at] < 0.02) return NaN
    let signal = 0
    for (let k = 0; k < p; k++) signal += X[i * p + k] * B[k * m + j]
    return signal / 4 + e * scale[j]
  })
}

const objects = ['zebra', 'car', 'apple', 'Boat', 'face', 'élan']

export const images = Array.from({ length: n }, (_, i) => picture(i))

export const addReference = (context: PipelineContext, folder: string): Promise<DatasetSummary> =>
  addRecording(context, folder, {
    images,
    responses: referenceTrials(),
    shape: [n, m, repetitions],
    metadata: { object_name: (row) => objects[(row * 7) % 6], split: (row) => (row % 5 === 4 ? 'val' : 'train') },
  })

/** A fit of the colours themselves. */
export const onColours = (dataset: string, request: Partial<FitRequest>): FitRequest => ({ dataset, backbone: 'pixels', pooling: { grid }, alsoBy: [], encoder: 'none', ...request })

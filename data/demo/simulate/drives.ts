import type { Matrix } from '../../../src/domain/matrix.ts'
import { categories } from '../objects/objects.ts'
import { randomStream } from '../random.ts'
import type { RandomStream } from '../random.ts'
import type { PlannedStimulus } from '../stimulus-plan.ts'
import type { PlannedSite } from './sites.ts'

/** Mean 0, variance 1, in steps of 1/256: the last digits of a network's activations differ between processors, and the counts shall not. */
const standardised = (drive: Float64Array): Float64Array => {
  const mean = drive.reduce((sum, v) => sum + v, 0) / drive.length
  const sd = Math.sqrt(drive.reduce((sum, v) => sum + (v - mean) ** 2, 0) / drive.length)
  if (!(sd > 0)) throw new Error('a simulated site has a drive that does not vary')
  return drive.map((v) => Math.round((256 * (v - mean)) / sd) / 256)
}

const column = (activations: Matrix<Float32Array>, unit: number): Float64Array =>
  Float64Array.from({ length: activations.rows }, (_, i) => activations.data[i * activations.cols + unit])

/** A random linear readout of all units, with independent normal weights. */
const readout = (activations: Matrix<Float32Array>, stream: RandomStream): Float64Array => {
  const weights = Float64Array.from({ length: activations.cols }, () => stream.normal())
  return Float64Array.from({ length: activations.rows }, (_, i) => {
    let sum = 0
    for (let u = 0; u < weights.length; u++) sum += weights[u] * activations.data[i * activations.cols + u]
    return sum
  })
}

/** A unit that answers to most stimuli, standardised and clipped at 2 standard deviations. */
const livelyUnit = (activations: Matrix<Float32Array>, stream: RandomStream): Float64Array => {
  for (;;) {
    const values = column(activations, stream.integer(activations.cols))
    const distinct = new Set(values).size
    if (distinct > 0.9 * values.length) return standardised(values).map((v) => Math.max(-2, Math.min(2, v)))
  }
}

const product = (activations: Matrix<Float32Array>, stream: RandomStream): Float64Array => {
  const [a, b] = [livelyUnit(activations, stream), livelyUnit(activations, stream)]
  return a.map((v, i) => v * b[i])
}

const categoryTuning = (stimuli: readonly PlannedStimulus[], stream: RandomStream): Float64Array => {
  const preference = Float64Array.from(categories, () => stream.normal())
  return Float64Array.from(stimuli, ({ categoryIndex }) => preference[categoryIndex])
}

/** Tuned to the orientation and the coarseness of the background, blind to the object. */
const textureTuning = (stimuli: readonly PlannedStimulus[], stream: RandomStream): Float64Array => {
  const [preferred, coarse] = [stream.between(0, 180), stream.between(-1.5, 1.5)]
  return Float64Array.from(stimuli, ({ texture: { anisotropy, orientation, slope } }) => {
    const oriented = anisotropy * Math.cos((2 * Math.PI * (orientation - preferred)) / 180)
    return oriented + coarse * (slope - 1.1)
  })
}

/** How strongly each stimulus drives a site, standardised over stimuli; null for sites without a stimulus signal. `activations` is (stimulus x unit). */
export const driveOf = (site: PlannedSite, stimuli: readonly PlannedStimulus[], activations: Matrix<Float32Array>): Float64Array | null => {
  const stream = randomStream(`drive:${site.siteId}`)
  switch (site.kind) {
    case 'readout': return standardised(readout(activations, stream))
    case 'product': return standardised(product(activations, stream))
    case 'category': return standardised(categoryTuning(stimuli, stream))
    case 'texture': return standardised(textureTuning(stimuli, stream))
    default: return null
  }
}

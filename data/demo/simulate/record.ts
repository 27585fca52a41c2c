import { analyticReliability } from '../../../src/encoding/ceilings/analytic.ts'
import { randomStream } from '../random.ts'
import { meansOfReliability, trueReliability } from './response-model.ts'
import type { TrialNoise } from './response-model.ts'
import { animals } from './sites.ts'
import type { PlannedAnimal, PlannedSite } from './sites.ts'
import { spikeCount } from './spike-counts.ts'

/** Mean count of the sites whose response does not depend on the stimulus. */
const idleMeans = { noise: 8, constant: 5, silent: 0 } as const

/** A simulated site with all that is true of it. */
export interface SimulatedSite extends PlannedSite {
  /** the true mean count per stimulus */
  means: Float64Array
  noise: TrialNoise
  /** the true reliability of the mean response; null where responses never vary */
  trueRho: number | null
}

export interface Recording {
  sites: SimulatedSite[]
  /** spike counts (stimulus x site x repetition), NaN-padded at the end of the last axis */
  counts: Float32Array
  shape: [number, number, number]
}

/** Repetitions of each stimulus in one animal, more often many than few: as in a session where a few trials were lost. */
const drawRepetitions = (animal: PlannedAnimal, stimuli: number): Int32Array => {
  const stream = randomStream(`repetitions:${animal.name}`)
  const [least, most] = animal.repetitions
  return Int32Array.from({ length: stimuli }, () => most - Math.floor((most - least + 1) * stream.uniform() ** 2))
}

interface Presentation {
  gain: number
  /** from -1, the begin of the session, to 1, its end */
  time: number
}

/**
 * The presentations of one stimulus in order of time. Times are drawn independently, uniform over the session, and then sorted: to the mean
 * over repetitions drift is independent noise (so its part in the reliability is known), between early and late repetitions it shows.
 */
const drawPresentations = (animal: PlannedAnimal, stimulus: number, repetitions: number): Presentation[] => {
  const stream = randomStream(`presentations:${animal.name}:${stimulus}`)
  const times = Array.from({ length: repetitions }, () => stream.between(-1, 1)).sort((a, b) => a - b)
  const spread = animal.gainSd * Math.sqrt(3) // of a uniform gain: bounded, so that it never vanishes
  return times.map((time) => ({ time, gain: 1 + stream.between(-spread, spread) }))
}

const settle = (site: PlannedSite, animal: PlannedAnimal, drive: Float64Array | null, repetitions: Int32Array): SimulatedSite => {
  const still = site.kind === 'silent' || site.kind === 'constant'
  const noise: TrialNoise = { fano: site.fano, gainVariance: still ? 0 : animal.gainSd ** 2, driftVariance: site.drift ** 2 / 3 }
  const idle = (): Float64Array => new Float64Array(repetitions.length).fill(idleMeans[site.kind as keyof typeof idleMeans])
  const means = drive === null ? idle() : meansOfReliability(drive, site.rho!, repetitions, noise)
  return { ...site, means, noise, trueRho: trueReliability(means, repetitions, noise) }
}

/** Presentations in order, per stimulus of one animal. */
type Session = readonly (readonly Presentation[])[]

/** Counts (stimulus x repetition), `most` repetitions wide, NaN-padded. */
const recordSite = (site: SimulatedSite, session: Session, most: number, streamName: string): Float64Array => {
  const stream = randomStream(streamName)
  const counts = new Float64Array(session.length * most).fill(NaN)
  session.forEach((presentations, i) => {
    presentations.forEach(({ gain, time }, r) => {
      const mean = site.means[i] * gain * (1 + site.drift * time)
      counts[i * most + r] = site.fano === 0 ? site.means[i] : spikeCount(mean, site.fano, stream)
    })
  })
  return counts
}

/**
 * By chance one noise site in ten or so would show a reliability over .1, from which scores are divided by it. The demo's are drawn again until
 * they do not, so that their ceiled scores are null whatever else changes.
 */
const recordFairly = (site: SimulatedSite, session: Session, most: number): Float64Array => {
  for (let draw = 1; ; draw++) {
    const counts = recordSite(site, session, most, `trials:${site.siteId}:${draw}`)
    if (site.kind !== 'noise') return counts
    const [{ rho }] = analyticReliability({ shape: [session.length, 1, most], data: counts })
    if (rho !== null && rho < 0.1) return counts
  }
}

/** Presents every stimulus to every site. `drives` holds, per site, the standardised drive per stimulus, or null. */
export const record = (planned: readonly PlannedSite[], drives: readonly (Float64Array | null)[], stimuli: number): Recording => {
  const most = Math.max(...animals.map(({ repetitions }) => repetitions[1]))
  const counts = new Float32Array(stimuli * planned.length * most)
  const sites: SimulatedSite[] = []
  for (const animal of animals) {
    const repetitions = drawRepetitions(animal, stimuli)
    const session = Array.from(repetitions, (r, i) => drawPresentations(animal, i, r))
    planned.forEach((plan, s) => {
      if (plan.animal !== animal.name) return
      sites[s] = settle(plan, animal, drives[s], repetitions)
      const recorded = recordFairly(sites[s], session, most)
      for (let i = 0; i < stimuli; i++) counts.set(recorded.subarray(i * most, (i + 1) * most), (i * planned.length + s) * most)
    })
  }
  return { sites, counts, shape: [stimuli, planned.length, most] }
}

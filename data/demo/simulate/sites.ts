import { randomStream } from '../random.ts'

/** What drives a simulated site. */
export type SiteKind = 'readout' | 'category' | 'texture' | 'product' | 'noise' | 'silent' | 'constant'

/** A simulated site before it has seen a stimulus. */
export interface PlannedSite {
  siteId: string
  animal: string
  kind: SiteKind
  /** variance / mean of a count when gain and drift stand still */
  fano: number
  /** the response drifts over the session by +-this fraction of its mean */
  drift: number
  /** the reliability of the mean response that the site's modulation is set to; null where the stimulus has no effect */
  rho: number | null
}

export interface PlannedAnimal {
  name: string
  /** least and most repetitions of a stimulus */
  repetitions: [number, number]
  /** standard deviation of the gain that all sites of a presentation share (mean 1) */
  gainSd: number
}

export const animals: readonly PlannedAnimal[] = [
  { name: 'simulated-A', repetitions: [5, 10], gainSd: 0.08 },
  { name: 'simulated-B', repetitions: [2, 9], gainSd: 0.06 },
]

const perAnimal: [SiteKind, number][] = [
  ['readout', 14], ['category', 5], ['texture', 5], ['product', 3], ['noise', 3], ['silent', 1], ['constant', 1],
]

/** 64 sites: two animals with the same kinds of sites. */
export const planSites = (): PlannedSite[] =>
  animals.flatMap(({ name: animal }) =>
    perAnimal.flatMap(([kind, count]) =>
      Array.from({ length: count }, (_, i): PlannedSite => {
        const siteId = `${animal.slice(-1)}-${kind}-${String(i + 1).padStart(2, '0')}`
        const stream = randomStream(`site:${siteId}`)
        const fano = stream.between(0.5, 2)
        const drift = i % 2 === 0 ? 0 : stream.between(-0.15, 0.15)
        const rho = kind === 'product' ? stream.between(0.84, 0.88) : stream.between(0.86, 0.92)
        if (kind === 'silent' || kind === 'constant') return { siteId, animal, kind, fano: 0, drift: 0, rho: null }
        return { siteId, animal, kind, fano, drift, rho: kind === 'noise' ? null : rho }
      }),
    ),
  )

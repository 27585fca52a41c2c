import type { AnimalMean, AnimalScores, ByAnimal } from '../../domain/fit-scores.ts'
import type { BootstrapDraws, BootstrapOptions } from '../bootstrap.ts'
import { aggregateScores } from './aggregate-scores.ts'
import type { FoldScores } from './fold-scores.ts'
import { mean, std } from './statistics.ts'
import { studentT975 } from './student-t.ts'

type SiteOfAnimal = { animal?: string }

/** Under so many animals an interval over them says nothing. */
const LEAST_ANIMALS = 3

/** The sites of each animal, animals by their first site; sites that name none are in none. */
export const animalsOf = (sites: readonly SiteOfAnimal[]): { animal: string; sites: number[] }[] => {
  const found = new Map<string, number[]>()
  for (const [j, { animal }] of sites.entries()) if (animal !== undefined) found.set(animal, [...(found.get(animal) ?? []), j])
  return Array.from(found, ([animal, indices]) => ({ animal, sites: indices }))
}

/** Bootstrap options whose draws tell of each animal too; the very same where no site names one. */
export const withAnimals = <B extends BootstrapOptions | null>(bootstrap: B, sites: readonly SiteOfAnimal[]): B => {
  const animals = animalsOf(sites)
  return bootstrap === null || animals.length === 0 ? bootstrap : { ...bootstrap, subsets: animals.map((animal) => animal.sites) }
}

/**
 * Scores per animal, and their mean with animals equal (FORMULAS.md, Data): an animal with many sites does not outvote the others. Nothing
 * where no site names an animal. The animals' own intervals are bootstraps over stimuli; that of the mean is over animals.
 */
export const byAnimal = ({ scores, draws }: { scores: FoldScores; draws: BootstrapDraws | null }, sites: readonly SiteOfAnimal[]): ByAnimal => {
  const found = animalsOf(sites)
  if (found.length === 0) return {}
  const animals = found.map(({ animal, sites: own }, k): AnimalScores => {
    const { correlation, explainedVariance } = aggregateScores(scoresOf(scores, own), draws?.subsets?.[k] ?? null)
    return { animal, sites: own.length, correlation, explainedVariance }
  })
  const correlation = meanOverAnimals(animals.map((each) => each.correlation.median))
  return { animals, acrossAnimals: { animals: animals.length, correlation, explainedVariance: meanOverAnimals(animals.map((each) => each.explainedVariance.mean)) } }
}

/** The scores of some of the sites. */
const scoresOf = (scores: FoldScores, sites: readonly number[]): FoldScores => {
  const pick = (values: Float64Array): Float64Array => Float64Array.from(sites, (j) => values[j])
  return {
    r: pick(scores.r),
    ev: pick(scores.ev),
    r2: pick(scores.r2),
    foldR: scores.foldR.map(pick),
    foldEv: scores.foldEv.map(pick),
    foldR2: scores.foldR2.map(pick),
    pooledEv: pick(scores.pooledEv),
    pooledR2: pick(scores.pooledR2),
    pooled: Uint8Array.from(sites, (j) => scores.pooled[j]),
    notes: sites.map((j) => scores.notes[j]),
  }
}

/** The mean over animals that have the score, with Student's t interval. */
export const meanOverAnimals = (values: readonly (number | null)[]): AnimalMean => {
  const count = values.filter((value) => value !== null).length
  const all = { mean: mean(values), intervalOver: 'animals' as const, animalsExcluded: values.length - count }
  if (count < LEAST_ANIMALS) return { ...all, interval: null, reason: `an interval over animals needs at least ${LEAST_ANIMALS}; there are ${count}` }
  const half = (studentT975(count - 1) * std(values, 1)!) / Math.sqrt(count)
  return { ...all, interval: [all.mean! - half, all.mean! + half] }
}

import type { AnimalMean, ByAnimal, PopulationReport } from '../domain/fit-scores.ts'
import { print, score } from './output.ts'

/** Which sites the scores are about, where that is not simply all of one recording. */
export const printPopulation = ({ sites, animals, patterns, unfiltered }: PopulationReport): void => {
  if (unfiltered !== undefined) {
    print(`${sites.after} of ${sites.before} sites by their reliability; without that choice: ${unfiltered.map(({ layer, correlation, explainedVariance }) => `${layer} r ${score(correlation.median)}, EV ${score(explainedVariance.mean)}`).join('; ')}`)
  }
  if (Object.keys(animals).length > 1) print(`animals: ${Object.entries(animals).map(([animal, count]) => `${animal} (${count} sites)`).join(', ')}`)
  if (patterns > 1) print(`the sites saw ${patterns} different sets of stimuli, each fitted apart`)
}

/** Scores with animals equal; nothing for a single animal. */
export const printAcrossAnimals = ({ acrossAnimals }: ByAnimal): void => {
  if (acrossAnimals === undefined || acrossAnimals.animals < 2) return
  const { animals, correlation, explainedVariance } = acrossAnimals
  print(`mean over ${animals} animals: r ${overAnimals(correlation)}, EV ${overAnimals(explainedVariance)}`)
}

const overAnimals = ({ mean, interval }: AnimalMean): string => (interval === null ? score(mean) : `${score(mean)} [${score(interval[0])}, ${score(interval[1])}]`)

import type { ResolvedFit } from '../domain/fit.ts'
import type { LeakageEntry, PopulationReport } from '../domain/fit-scores.ts'
import { animalsOf } from '../encoding/scores/animals.ts'
import type { LayerResult } from './condition.ts'
import type { Population } from './fit-population.ts'
import { normalisationLeakage } from './normalisation.ts'

/** Which sites the scores are about, and what the scores would be without the filter by reliability. */
export const populationReport = ({ sites: { minCeiling } }: ResolvedFit, { sites, fitted, patterns }: Population, results: readonly LayerResult[]): PopulationReport => ({
  sites: { before: fitted.Y.cols, after: sites.length },
  animals: Object.fromEntries(animalsOf(sites).map((animal) => [animal.animal, animal.sites.length])),
  patterns: patterns.length,
  ...(minCeiling === undefined
    ? {}
    : {
        unfiltered: results.map(({ scores, unfiltered = scores }) => ({
          layer: scores.layer,
          correlation: unfiltered.correlation,
          explainedVariance: unfiltered.explainedVariance,
        })),
      }),
})

/** What the choice of sites and their different stimuli mean for the rows that were fitted. */
export const populationLeakage = ({ sites: { minCeiling } }: ResolvedFit, { patterns, normalise }: Population): LeakageEntry[] => [
  ...normalisationLeakage(normalise),
  ...(minCeiling === undefined
    ? []
    : [{ what: 'choice of sites (minCeiling)', rows: 'reliability over all stimuli, test rows too; it does not look at activations or predictions: see population.unfiltered', severity: 'note' as const }]),
  ...(patterns.length < 2
    ? []
    : [{ what: 'sites that saw different stimuli', rows: `${patterns.length} sets, each centred and fitted on those training rows that its sites saw, and scored on its own test rows`, severity: 'none' as const }]),
]

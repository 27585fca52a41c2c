import type { BandedReport } from './banded.ts'
import type { ReductionPlan } from './fit.ts'
import type { FollowedRegistration } from './registration.ts'
import type { FurtherLayerScores, FurtherSiteScores, PermutationResult, ScoreDifference } from './scores.ts'

/** A score aggregated over sites. The interval is of the number that it belongs to: the expected mean over test folds of that many stimuli. `error` is errorOverSplits: population std over splits / sqrt(splits), not a standard error; null with one split. */
export interface Aggregate {
  median: number | null
  mean: number | null
  error: number | null
  /** bootstrap over stimuli, 95 %, conditional on the fitted models; of the median (correlation) or the mean (EV, R²) as `intervalOf` says */
  interval: [number, number] | null
  intervalOf: 'median' | 'mean'
  splits: { median: number | null; mean: number | null }[]
  sitesExcluded: number
  /**
   * of EV and R², whose mean over folds lies lower the fewer stimuli a fold has: mean over sites with the variances pooled over folds,
   * which is nearly what the fitted models would score on very many new stimuli
   */
  pooledOverFolds?: { value: number | null; interval: [number, number] | null }
}

export interface Ceiled {
  /** median over sites with a usable ceiling, and the ratio of the means */
  median: number | null
  ratioOfMeans: number | null
  sitesExcluded: number
  /** of the median, 95 %: bootstrap over stimuli of the scores and of the reliabilities together, where there are single trials */
  interval?: [number, number] | null
}

export interface SiteScore extends FurtherSiteScores {
  id: string
  region: string
  animal?: string
  r: number | null
  ev: number | null
  ceiling: number | null
  alpha: number | null
  alphaPerSplit: (number | null)[]
  /** why a number beside it is null, or pooled */
  note?: string
}

/** One animal's sites by themselves. */
export interface AnimalScores {
  animal: string
  sites: number
  correlation: Aggregate
  explainedVariance: Aggregate
}

/** A score per animal averaged, each animal weighing the same however many sites it has. */
export interface AnimalMean {
  mean: number | null
  /** Student's t over animals, 95 %: what holds for animals like these; null with fewer than 3 */
  interval: [number, number] | null
  intervalOver: 'animals'
  animalsExcluded: number
  /** why the interval is null */
  reason?: string
}

/** Where sites name their animals: each animal's scores, and their mean (of the medians of r, of the means of EV). */
export interface ByAnimal {
  animals?: AnimalScores[]
  acrossAnimals?: { animals: number; correlation: AnimalMean; explainedVariance: AnimalMean }
}

/** Which sites a fit is about. */
export interface PopulationReport {
  /** sites that the choice names before and after minCeiling */
  sites: { before: number; after: number }
  /** sites per animal; empty where no site names one */
  animals: Record<string, number>
  /** sets of stimuli that sites saw, each fitted apart */
  patterns: number
  /** with minCeiling: the scores of all sites before it */
  unfiltered?: { layer: string; correlation: Aggregate; explainedVariance: Aggregate }[]
}

export interface LayerScores extends ByAnimal, FurtherLayerScores {
  layer: string
  units: number
  rank: number
  correlation: Aggregate
  explainedVariance: Aggregate
  /** absent in fits of before R² was reported */
  r2?: Aggregate
  ceiled: { rOverSqrtCeiling: Ceiled; r2OverCeiling: Ceiled; evOverCeiling: Ceiled }
  /** share of (site, split) choices at either end of the alphas */
  alphasAtEdge: number
  /** of a mapping of all layers together: what it chose */
  bands?: BandedReport
  sites: SiteScore[]
}

export interface BestLayer {
  /** the layer that nested choice prefers on all stimuli, or that was taken from another dataset's fit: the encoder's */
  layer: string
  /** the fit that `layer` was taken from: then `score` heads the page, which no choice on these data has touched */
  from?: string
  /** the scores of `layer`, where it was taken from elsewhere */
  score?: { correlation: Aggregate; explainedVariance: Aggregate; r2?: Aggregate }
  nested: ByAnimal & { correlation: Aggregate; explainedVariance: Aggregate; r2?: Aggregate; timesChosen: Record<string, number>; layerPerSplit?: string[] }
  /** each site's own choice; timesChosen counts sites and folds, `sites` has the layer that a site prefers on all stimuli */
  perSite?: { correlation: Aggregate; explainedVariance: Aggregate; r2?: Aggregate; timesChosen: Record<string, number>; sites: { id: string; layer: string }[] }
  plainMax: { layer: string; score: number | null }
}

export interface LeakageEntry {
  what: string
  rows: string
  severity: 'none' | 'note' | 'warning'
}

export interface FitScores {
  split: string
  /** absent in fits of before it was reported */
  population?: PopulationReport
  /** reliability of the sites' mean responses: the analytic one is the ceiling, split-half is told beside it */
  ceiling: {
    method: string
    median: number | null
    splitHalf: { draws: number; seed: number; median: number | null }
    /** first against last repetitions; `difference` is the ceiling less it, median over sites, `drifts` whether that is over .05 */
    earlyLate?: { median: number | null; difference: number | null; drifts: boolean }
    /** halves of the repetition index, corrected per split: median over sites in each split, then the mean over splits */
    'splitHalf-brainscore'?: { splits: number; seed: number; score: number | null; errorOverSplits: number | null }
    /** of a single trial */
    explainableVariance?: { median: number | null }
    sites: {
      id: string
      rho: number | null
      splitHalf: number | null
      earlyLate?: number | null
      'splitHalf-brainscore'?: number | null
      explainableVariance?: number | null
      /** why a number beside it is null, by its name */
      reasons?: Record<string, string>
    }[]
  } | null
  layers: LayerScores[]
  /** the last two are absent in fits of before they were reported */
  generalisation: Record<string, { split: string; layers: LayerScores[]; bestLayer?: BestLayer; leakage?: LeakageEntry[] }>
  controls: {
    pixels?: { layers: LayerScores[] }
    random?: {
      seeds: { seed: number; layers: LayerScores[] }[]
      /** mean and range over seeds of the layer's headline score, and the paired difference to the fit per seed */
      summary: { layer: string; mean: number | null; range: [number, number] | null; differences: (number | null)[] }[]
    }
  }
  bestLayer: BestLayer | null
  /** paired differences on the fit's own split, by the same bootstrap draws; absent in fits of before they were reported */
  differences?: ScoreDifference[]
  /** present where the request asks for permutations */
  permutation?: PermutationResult
  leakage: LeakageEntry[]
  /** in a fit from reduced activations: the plan, and per layer what became of it; distances between stimuli are kept to `distortion` */
  reduction?: ReductionPlan & { layers: { layer: string; units: number; dimensions: number; distortion: number }[] }
  protocol: string | null
  /** under the protocol `brain-score`: median over sites of r in each split, mean over splits, in each revision of the ceiling */
  brainScore?: {
    ceiling: { method: 'splitHalf-brainscore'; score: number | null; errorOverSplits: number | null; reason?: string }
    layers: { layer: string; raw: number | null; 'r/c': number | null; '(r/c)²': number | null; 'r²/c': number | null; errorOverSplits: number | null; splits: (number | null)[] }[]
  }
  /** what was said of the fit before it was run, and what was done otherwise */
  registration?: FollowedRegistration | null
  provenance: Record<string, unknown>
  warnings: string[]
}

import type { Pooling } from './backbone.ts'
import type { FitError, FitProgress, FitRequest, FitStatus, ResolvedFit, SiteChoice } from './fit.ts'
import type { Aggregate, LayerScores } from './fit-scores.ts'
import type { AdjustedDifference } from './scores.ts'

/**
 * How an area of cortex gets its layer: `search`, the nested choice among the layers of the fit, or `name`, the area of a CORnet that bears
 * the region's name.
 */
export type AreaMapping = 'search' | 'name'

/**
 * Of an area by name: its last time step, all of them (nested choice decides), the one with that number, or the one whose time window in
 * Brain-Score's timing the dataset's window overlaps most.
 */
export type TimeStep = 'last' | 'all' | 'brain-score' | number

/** One backbone of a comparison, as a user says it. */
export interface ComparedBackbone {
  /** in the table; made of what sets the backbone apart unless said */
  name?: string
  backbone: string
  weights?: string
  seed?: number
  layers?: 'default' | 'all' | string[]
  pooling?: Pooling
  areas?: AreaMapping
  step?: TimeStep
}

/** What all fits of a comparison share. */
export type SharedFitOptions = Pick<FitRequest, 'pooling' | 'mapping' | 'split' | 'alsoBy' | 'groupDuplicates' | 'placement' | 'selectBy' | 'protocol' | 'reduction' | 'engine'>

/** The body of POST /comparisons. */
export interface BackboneComparisonRequest extends SharedFitOptions {
  dataset: string
  backbones: ComparedBackbone[]
  /** all of the dataset unless said */
  regions?: string[]
  sites?: Pick<SiteChoice, 'animal' | 'minCeiling'>
}

/** A backbone of a comparison with its name and its weights as the fits have them. */
export interface ResolvedEntry {
  name: string
  backbone: string
  weights: ResolvedFit['weights']
  seed: number
  pooling: Pooling
  areas: AreaMapping
  step: TimeStep | null
}

/** A comparison's request with every default filled in; the fits have the rest. */
export interface ResolvedComparison extends SharedFitOptions {
  dataset: string
  backbones: ResolvedEntry[]
  regions: string[]
  sites: Pick<SiteChoice, 'animal' | 'minCeiling'>
}

/** One fit of a comparison. */
export interface ComparisonFit {
  name: string
  region: string
  fit: string
  status: FitStatus
  /** it was there already, or another comparison asked for it first */
  reused: boolean
  progress: FitProgress | null
  error: FitError | null
}

/** A comparison as the API shows it. */
export interface ComparisonView {
  id: string
  /** `running` as long as some fit has not ended; `failed` where one of them failed */
  status: FitStatus
  dataset: string
  request: ResolvedComparison
  /** fits that ended, of all; the time that the others take if they take as long on average, null before one has run */
  progress: { done: number; total: number; etaSeconds: number | null }
  fits: ComparisonFit[]
  createdAt: string
  finishedAt: string | null
}

/** Where a layer lies in its network. */
export interface LayerDepth {
  /** convolutions and linear layers on the longest way from the input to it, time steps unrolled */
  operations: number | null
  /** the same of the whole network */
  of: number | null
  /** operations / of */
  relative: number | null
  /** why a number is null */
  reason?: string
}

export type LayerScore = Pick<Aggregate, 'median' | 'mean' | 'error' | 'interval' | 'intervalOf'>

/** One layer of a backbone: a point of the plot of score against depth. */
export interface ComparedLayer {
  layer: string
  /** the area of cortex that the layer is meant to model, of CORnets */
  area: string | null
  /** of a recurrent network, from 0 */
  timeStep: number | null
  units: number
  depth: LayerDepth
  correlation: LayerScore
  explainedVariance: LayerScore
}

/** The scores of the nested choice of layer under one division of the stimuli. */
export interface ComparedScore {
  split: string
  /** the column whose groups were held out whole; null: the comparison's own split */
  by: string | null
  layer: string
  timesChosen: Record<string, number>
  correlation: Aggregate
  explainedVariance: Aggregate
}

/** One backbone in one region: a row of the table. */
export interface BackboneRow {
  name: string
  backbone: string
  /** `sha256:…`, `random:SEED:REVISION`, or `none` where there are none */
  weights: string
  areas: AreaMapping
  region: string
  fit: string
  status: FitStatus
  /** why there are no scores */
  error: FitError | null
  parameters: number | null
  /** ImageNet top-1, a fraction, as its publisher states it: not recomputed */
  imageNetTop1: { value: number | null; source: string | null; note: 'published, not recomputed' | null; reason?: string }
  /** the layer that nested choice prefers on all stimuli */
  layer: string | null
  depth: LayerDepth | null
  sites: number | null
  ceiling: { method: string; median: number | null } | null
  /** of the comparison's own split; null without repetitions */
  ceiled: LayerScores['ceiled'] | null
  /** why a number beside it is null, by its name */
  reasons: Record<string, string>
  /** the first is of the comparison's own split */
  scores: ComparedScore[]
  layers: ComparedLayer[]
}

/** Pearson's correlation over backbones of ImageNet top-1 with a score. */
export interface TopOneCorrelation {
  region: string
  split: string
  by: string | null
  score: 'correlation.median' | 'explainedVariance.mean'
  /** rows that have both */
  backbones: number
  r: number | null
  /** 95 %, Fisher's transformation: as if the backbones were drawn at random */
  interval: [number, number] | null
  reason?: string
}

/** Site by site: `a` less `b`. */
export interface SiteDifference {
  /** of the mean over sites */
  mean: AdjustedDifference
  /** over sites */
  median: number | null
  /** sites that a, and that b predicts better */
  higher: number
  lower: number
}

/** Two backbones in one region, by the held-out predictions of their nested choices on the same stimuli. */
export interface BackboneDifference {
  region: string
  a: string
  b: string
  /** sites that have both scores */
  sites: number
  /** of the medians over sites */
  correlation: AdjustedDifference
  /** of the means over sites */
  explainedVariance: AdjustedDifference
  perSite: { correlation: SiteDifference; explainedVariance: SiteDifference }
}

/** Held-out scores of each site by each backbone's nested choice. */
export interface RegionSites {
  region: string
  ids: string[]
  /** name -> one per site */
  correlation: Record<string, (number | null)[]>
  explainedVariance: Record<string, (number | null)[]>
}

/** What GET /comparisons/{id}/scores answers. */
export interface ComparisonScores {
  id: string
  dataset: string
  rows: BackboneRow[]
  topOne: TopOneCorrelation[]
  differences: BackboneDifference[]
  sites: RegionSites[]
  /** what numbers of the table mean */
  definitions: Record<string, string>
  warnings: string[]
}

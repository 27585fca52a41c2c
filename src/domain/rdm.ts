import type { Pooling } from './backbone.ts'
import type { SiteChoice } from './fit.ts'

export const rdmKinds = ['responses', 'activations', 'predicted', 'given'] as const
export type RdmKind = (typeof rdmKinds)[number]

export const rdmDistances = ['pearson', 'euclidean', 'cosine', 'crossnobis'] as const
export type RdmDistance = (typeof rdmDistances)[number]

/** What crossnobis divides the noise out by: nothing, or the noise covariance over sites estimated so. */
export const noiseEstimates = ['none', 'full', 'diagonal', 'shrunkToSphere', 'shrunkToDiagonal'] as const
export type NoiseEstimate = (typeof noiseEstimates)[number]

/** What becomes of sites that never saw some stimuli: refused, or the stimuli that all saw, or the sites that saw all. */
export const missingRules = ['refuse', 'sharedStimuli', 'completeSites'] as const
export type MissingRule = (typeof missingRules)[number]

/** Responses of a dataset's sites, each z-scored over what the RDM compares unless `zscore` is false. */
export interface ResponsesSource {
  kind: 'responses'
  dataset: string
  sites: SiteChoice
  zscore: boolean
  missing: MissingRule
}

/** Activations of a layer for a dataset's images. */
export interface ActivationsSource {
  kind: 'activations'
  dataset: string
  backbone: string
  weights: 'pretrained' | 'random' | `sha256:${string}`
  seed: number
  layer: string
  pooling: Pooling
}

/** Held-out predictions of a fit's layer; those of a stimulus that was tested in several splits are averaged. */
export interface PredictedSource {
  kind: 'predicted'
  fit: string
  layer: string
  zscore: boolean
}

/** What a representation is of. */
export type Source = ResponsesSource | ActivationsSource | PredictedSource

/** A source as a user states it: what does not belong to its kind is refused, the rest has defaults. */
export interface SourceRequest {
  kind: string
  dataset?: string
  sites?: SiteChoice
  zscore?: boolean
  missing?: string
  backbone?: string
  weights?: string
  seed?: number
  layer?: string
  /** several at once, each an RDM of its own */
  layers?: 'default' | 'all' | string[]
  pooling?: Pooling
  fit?: string
}

/** The body of POST /rdms. */
export interface RdmRequest {
  of: SourceRequest
  distance?: RdmDistance
  noise?: NoiseEstimate
  /** `stimulus`, or a metadata column: the mean of each of its values' stimuli comes first */
  by?: string
  name?: string
}

/** A stored RDM without its labels and values. */
export interface RdmSummary {
  id: string
  name: string
  kind: RdmKind
  /** stimuli, or values of the column, that it compares */
  n: number
  by: string
  distance: string
  createdAt: string
}

export interface RdmView extends RdmSummary {
  /** of its rows, in order: stimulus ids, or values of the column */
  labels: string[]
  /** what it is of, with every default filled in; null where it was given */
  of: Source | null
  /** pairs without a value, because a pattern in them does not vary or the given RDM lacks them */
  undefinedPairs: number
  /** animals whose own RDMs are stored with it: 3 or more, else none */
  animals: string[]
  warnings: string[]
  provenance: Record<string, unknown>
}

export const rdmComparisons = ['spearman', 'pearson', 'kendall'] as const
export type RdmComparison = (typeof rdmComparisons)[number]

/** The body of POST /rdms/compare. */
export interface ComparisonRequest {
  /** the RDM that the others are compared with, or those of several animals */
  a: string | string[]
  b: string[]
  comparison?: RdmComparison
  /** draws of the bootstrap; 0: no intervals */
  draws?: number
  seed?: number
}

type Interval = [number, number] | null

export interface ComparedRdm {
  id: string
  name: string
  kind: RdmKind
  distance: string
  /** agreement with `a`; where that is several animals' RDMs, the mean over them */
  value: number | null
  /** why it is null */
  reason: string | null
  interval: Interval
  /** pairs of which both have a value; the fewest where `a` is several */
  pairs: number
  /** agreement with each animal's own RDM; null where `a` has fewer than 2 */
  animals: { mean: number | null; each: { animal: string; value: number | null }[] } | null
}

/** What a perfect model could reach. */
export type RdmCeilingReport =
  | { method: 'leave-one-animal-out'; of: 'value' | 'animals.mean'; animals: number; lower: number | null; upper: number | null }
  | { method: 'split-half'; reliability: number | null; sqrtReliability: number | null; draws: number; seed: number; stimuli: number }
  | { method: null; reason: string }

export interface RdmComparisonReport {
  comparison: RdmComparison
  by: string
  n: number
  a: { id: string; name: string; kind: RdmKind; distance: string }[]
  results: ComparedRdm[]
  ceiling: RdmCeilingReport
  /** first less second, from the same draws */
  differences: { first: string; second: string; difference: number | null; interval: Interval; p: number | null }[]
  bootstrap: { draws: number; seed: number; method: string } | null
  warnings: string[]
}

/** The body of POST /cka. */
export interface CkaRequest {
  a: SourceRequest
  b: SourceRequest
  by?: string
}

export interface CkaReport {
  biased: number | null
  unbiased: number | null
  /** why a number beside it is null */
  reason: string | null
  by: string
  n: number
  a: CkaSide
  b: CkaSide
  warnings: string[]
}

export interface CkaSide {
  kind: RdmKind
  name: string
  of: Source
  provenance: Record<string, unknown>
}

/** The unit in which a dataset states its responses. */
export type ResponseUnit = 'count' | 'spikes/s' | 'zscore' | 'baselineSubtracted' | 'other'
export const responseUnits: readonly ResponseUnit[] = ['count', 'spikes/s', 'zscore', 'baselineSubtracted', 'other']

export type Axis = 'stimulus' | 'site' | 'repetition' | 'time'
export const axisNames: readonly Axis[] = ['stimulus', 'site', 'repetition', 'time']

/** One image of a dataset. `offset` and `bytes` locate its encoded bytes in the dataset's stimuli pack. */
export interface Stimulus {
  stimulusId: string
  filename: string
  /** of the encoded image bytes */
  sha256: string
  offset: number
  bytes: number
  width: number
  height: number
  metadata: Record<string, string>
}

/** A recording site (a neuron or multi-unit site). */
export interface Site {
  siteId: string
  region: string
  animal?: string
  metadata: Record<string, string>
}

/** [startMs, endMs) from stimulus onset. */
export interface TimeBin {
  startMs: number
  endMs: number
}

/** Reliability of the mean response (FORMULAS.md): null where it is undefined, with the reason. */
export interface SiteReliability {
  siteId: string
  rho: number | null
  reason?: string
}

/** Mean rate around the onset of the stimuli, over sites and presentations, in spikes/s; null where nothing was observed. */
export interface Psth {
  /** of the first bin, from onset */
  startMs: number
  binMs: number
  rates: (number | null)[]
}

export interface ImportReport {
  repetitions: { min: number; max: number }
  /** (stimulus, site, time bin) cells without any valid repetition, and single missing repetitions among the others */
  missing: { cells: number; repetitions: number; total: number }
  constantSites: string[]
  /** of recordings whose spikes were binned here */
  psth?: Psth
  /**
   * Pairs of stimulus ids: equal pixels, and thumbnails that correlate over .95; the first 1,000 of each kind, of so many as `pairs` counts.
   * `groups` are all stimuli that pairs connect. Manifests of before have neither of the two, and all pairs.
   */
  duplicates: { exact: [string, string][]; near: [string, string][]; pairs?: { exact: number; near: number }; groups?: string[][] }
  reliability: { method: 'analytic'; median: number | null; sites: SiteReliability[] } | null
}

/**
 * An import option: fits take responses as deviations from their session, per site. `zscore`: less the mean, over the standard deviation
 * (ddof 0); `baseline`: less the mean. Both are of the mean responses to the session's training stimuli of each fold, not of a
 * pre-stimulus window. The stored responses stay as recorded.
 */
export interface NormaliseOption {
  method: 'zscore' | 'baseline'
  /** metadata column that names each stimulus's session; null: all stimuli are one */
  sessionColumn: string | null
}

/** All that is known of a dataset but its arrays; kept as one blob beside them. */
export interface DatasetManifest {
  name: string
  unit: ResponseUnit
  /** absent or null: responses are taken as they are */
  normalise?: NormaliseOption | null
  /** false: the dataset came without images, for activations from elsewhere; its stimuli have names and nothing else of an image */
  images?: false
  axes: Axis[]
  stimuli: Stimulus[]
  sites: Site[]
  timeBins: TimeBin[] | null
  visualDegrees: number | null
  backgroundRgb: [number, number, number] | null
  /** metadata columns of the stimuli whose values recur, so that folds can be grouped by them */
  groupingColumns: string[]
  report: ImportReport
  warnings: string[]
  /** free facts about where the data came from: reader, source file names and sha256, simulated or recorded */
  source: Record<string, string>
}

/** What GET /datasets/{id} answers. */
export interface DatasetSummary {
  id: string
  name: string
  sha256: string
  stimuli: number
  /** whether their images are here */
  images: boolean
  sites: number
  regions: Record<string, number>
  /** sites per animal, of sites that name theirs */
  animals?: Record<string, number>
  repetitions: { min: number; max: number }
  timeBins: TimeBin[] | null
  unit: ResponseUnit
  normalise?: NormaliseOption | null
  objects: number | null
  ceiling: { method: string; median: number | null } | null
  groupingColumns: string[]
  /** of recordings whose spikes were binned here */
  psth?: Psth
  simulated: boolean
  warnings: string[]
  createdAt: string
}

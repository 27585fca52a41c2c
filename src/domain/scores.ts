/** A score that has one number per site, aggregated over the sites that have it. */
export interface SiteSummary {
  median: number | null
  mean: number | null
  /** sites without one: each one's `reasons` say why */
  sitesExcluded: number
}

/** Poisson scores of mean counts. */
export interface PoissonSummary {
  /** mean over trials of 2 (y ln(y / ŷ) - (y - ŷ)) */
  deviance: SiteSummary
  /** 1 - deviance over that of the test fold's mean count */
  devianceExplained: SiteSummary
  bitsPerSpike: SiteSummary
}

/** What a layer is scored by besides r and EV. Fits of before these scores lack the fields. */
export interface FurtherLayerScores {
  /** fraction of the explainable variance explained, from single trials; null without repetitions */
  feve?: SiteSummary | null
  /** the same from mean responses: other numbers than feve */
  feveMean?: SiteSummary | null
  /** null unless the responses are counts */
  poisson?: PoissonSummary | null
  /** why a score of this layer is null, by its name */
  reasons?: Record<string, string>
}

/** The same per site; a field is left out where the layer's is null. */
export interface FurtherSiteScores {
  r2?: number | null
  rOverSqrtCeiling?: number | null
  r2OverCeiling?: number | null
  evOverCeiling?: number | null
  feve?: number | null
  feveMean?: number | null
  deviance?: number | null
  devianceExplained?: number | null
  bitsPerSpike?: number | null
  /** why a score of this site is null, by its name */
  reasons?: Record<string, string>
}

/** One score less another on the same stimuli, with what the shared bootstrap draws say of it. */
export interface PairedDifference {
  difference: number | null
  /** 95 %, of the difference itself, paired by the draws; conditional on the fitted models */
  interval: [number, number] | null
  /** two-sided, of no difference, from the draws; at least 2 / (draws + 1) */
  p: number | null
}

/** `a` less `b`, two sets of held-out predictions of the same stimuli: layers by name, of one network or two, or a layer and its control. */
export interface ScoreDifference {
  between: 'layers' | 'backbones' | 'random' | 'pixels'
  a: string
  b: string
  /** of the random weights that `b` was fitted with */
  seed?: number
  /** of the medians over sites */
  correlation: AdjustedDifference
  /** of the means over sites */
  explainedVariance: AdjustedDifference
  r2: AdjustedDifference
}

export interface AdjustedDifference extends PairedDifference {
  /** `p` after Holm's correction over all differences of this score and kind (`between`) */
  pHolm: number | null
}

/** Permutations of the stimuli: how many, and the seed of the stream that draws them. */
export interface PermutationPlan {
  count: number
  seed: number
}

/** One-sided p-values of no relation between activations and responses, by permutation of the stimuli with the penalties held. */
export interface PermutationResult extends PermutationPlan {
  statistic: 'correlation' | 'explainedVariance'
  /** columns within whose values stimuli were exchanged; none: all with all */
  within: string[]
  /** of the largest score over all layers and sites; null when nothing has a score */
  pOfMaximum: number | null
  layers: {
    layer: string
    sites: {
      id: string
      /** against the maximum over all layers and sites: holds for all of them at once */
      p: number | null
      /** against the same site and layer: for one that was named beforehand */
      uncorrected: number | null
    }[]
  }[]
}

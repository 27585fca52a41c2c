/**
 * Ridge over all layers of a fit at once, each a band with a weight of its own: either `weights` as given, or the best of `candidates`
 * vectors by the inner folds. Every band is divided by its mean squared length over the training rows; alphas are relative to the sum.
 */
export interface BandedMapping {
  method: 'banded'
  /** weight of each layer, by its name; null: they are searched for */
  weights: Record<string, number> | null
  /** vectors of weights to try: equal ones, each layer alone, and so many drawn from the simplex; null: none */
  candidates: { draws: number; seed: number } | null
  /** whether each site takes its own vector, or all the same */
  weightsPer: 'site' | 'all'
  alphas: number[]
  alphaPer: 'site' | 'all'
  inner: { folds: number; stratified?: undefined }
  pca?: undefined
}

/**
 * The best encoder that the layers give: ridge on all layers equally, on each alone, and on all within each of `windows` x `windows`
 * places of the image, which each site mixes by its inner held-out errors (stacking). Alphas as above, per site and candidate.
 */
export interface AutoMapping {
  method: 'auto'
  /** side of the lattice of windows; 0: none */
  windows: number
  alphas: number[]
  inner: { folds: number; stratified?: undefined }
  pca?: undefined
}

/** Mappings of all layers together, which have one result of the method's name. */
export type JointMapping = BandedMapping | AutoMapping

/** What a request may say of them besides alphas and inner folds. */
export interface JointOptions {
  candidates?: number
  seed?: number
  weights?: Record<string, number>
  weightsPer?: 'site' | 'all'
  windows?: number
}

/** What a joint mapping chose, for the refit on all stimuli. Shares sum to 1 per site. */
export interface BandedReport {
  /** the layers that were joined */
  layers: string[]
  /** the weight vectors that were tried, in words */
  candidates: string[]
  /** share of each candidate, mean over sites */
  candidateShares: (number | null)[]
  /** share of each layer in the weights of the bands, mean over sites */
  layerShares: (number | null)[]
  /** share of each place of the lattice, row by row, in the weights of the bands, mean over sites; the rest saw whole layers. Empty without windows */
  windowShares: (number | null)[]
  sites: { id: string; candidateShares: (number | null)[]; layerShares: (number | null)[] }[]
}

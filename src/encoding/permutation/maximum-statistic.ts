import type { PermutedScores } from './permuted-scores.ts'

export interface MaximumStatistic {
  /** per layer and site: share of permutations whose maximum over all layers and sites reaches the observed score, corrected for choosing among them */
  p: Float64Array[]
  /** the same against the site's own permuted scores in the same layer: for a site and layer that were named beforehand */
  uncorrected: Float64Array[]
  /** of the largest observed score */
  pOfMaximum: number
  /** maximum over layers and sites under each permutation */
  maxima: Float64Array
}

/** What is kept of a layer: its scores take (permutation x site) numbers, this one per permutation. */
export interface PermutedLayer {
  observed: Float64Array
  /** maximum over sites under each permutation; -Infinity where no site has a score */
  maxima: Float64Array
  uncorrected: Float64Array
}

export const summarisePermuted = ({ observed, permuted: { rows: count, cols: m, data } }: PermutedScores): PermutedLayer => {
  const maxima = new Float64Array(count).fill(-Infinity)
  for (let b = 0; b < count; b++) for (let j = 0; j < m; j++) if (data[b * m + j] > maxima[b]) maxima[b] = data[b * m + j]
  return { observed, maxima, uncorrected: observed.map((score, j) => shareReaching(score, count, (b) => data[b * m + j])) }
}

/** (1 + permutations that reach the score) / (1 + permutations); NaN without a score. */
const shareReaching = (score: number, count: number, permuted: (b: number) => number): number => {
  if (Number.isNaN(score)) return NaN
  let reached = 0
  for (let b = 0; b < count; b++) if (permuted(b) >= score) reached++
  return (1 + reached) / (1 + count)
}

/**
 * One-sided p-values by the maximum statistic (Nichols & Holmes 2002): (1 + permutations that reach the score) / (1 + permutations), so
 * never 0. The layers' scores must be under the same permutations. NaN where a site has no score.
 */
export const maximumStatistic = (layers: readonly PermutedLayer[]): MaximumStatistic => {
  const count = layers[0].maxima.length
  if (layers.some((layer) => layer.maxima.length !== count)) throw new Error('the layers must be scored under the same permutations')
  const maxima = layers[0].maxima.map((_, b) => layers.reduce((most, layer) => Math.max(most, layer.maxima[b]), -Infinity))
  const largest = layers.reduce((max, { observed }) => observed.reduce((a, b) => (b > a ? b : a), max), -Infinity)
  const corrected = (score: number): number => shareReaching(score, count, (b) => maxima[b])
  return {
    p: layers.map(({ observed }) => observed.map(corrected)),
    uncorrected: layers.map(({ uncorrected }) => uncorrected),
    pOfMaximum: corrected(largest === -Infinity ? NaN : largest),
    maxima,
  }
}

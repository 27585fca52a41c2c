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

/**
 * One-sided p-values by the maximum statistic (Nichols & Holmes 2002): (1 + permutations that reach the score) / (1 + permutations), so
 * never 0. The layers' scores must be under the same permutations. NaN where a site has no score.
 */
export const maximumStatistic = (layers: readonly PermutedScores[]): MaximumStatistic => {
  const count = layers[0].permuted.rows
  if (layers.some(({ permuted }) => permuted.rows !== count)) throw new Error('the layers must be scored under the same permutations')
  const maxima = new Float64Array(count).fill(-Infinity)
  for (const { permuted } of layers)
    for (let b = 0; b < count; b++)
      for (let j = 0; j < permuted.cols; j++) {
        const score = permuted.data[b * permuted.cols + j]
        if (score > maxima[b]) maxima[b] = score
      }
  const share = (score: number, reaches: (b: number) => number): number => {
    if (Number.isNaN(score)) return NaN
    let reached = 0
    for (let b = 0; b < count; b++) if (reaches(b) >= score) reached++
    return (1 + reached) / (1 + count)
  }
  const largest = layers.reduce((max, { observed }) => observed.reduce((a, b) => (b > a ? b : a), max), -Infinity)
  return {
    p: layers.map(({ observed }) => observed.map((score) => share(score, (b) => maxima[b]))),
    uncorrected: layers.map(({ observed, permuted }) => observed.map((score, j) => share(score, (b) => permuted.data[b * permuted.cols + j]))),
    pOfMaximum: share(largest === -Infinity ? NaN : largest, (b) => maxima[b]),
    maxima,
  }
}

import type { Matrix } from '../../domain/matrix.ts'
import type { InnerScores } from '../ridge/problem.ts'
import type { Tools } from '../tools.ts'
import { addShares, bandDivisors, bandedFit, checkBanded, emptyDuals } from './bands.ts'
import type { BandedFit, BandedProblem } from './bands.ts'
import { tryCandidate } from './candidate.ts'

export interface RandomSearch extends BandedProblem {
  /** vectors of band weights to try, (candidate x band), for example of drawSimplex */
  candidates: Matrix
  /** each site takes its own candidate (default), or all the one with the least mean over sites of the error over the training variance */
  weightsPer?: 'site' | 'all'
}

export interface SearchedBands extends BandedFit {
  /** the most dimensions in which the activations of a candidate in use vary */
  rank: number
  /** candidate of each site */
  chosen: Int32Array
  /** index of each site's penalty among the request's alphas, and its absolute value on the sum of kernels */
  alphaIndex: Int32Array
  alphas: Float64Array
  /** inner held-out mean squared error at each site's best penalty, (candidate x site) */
  loss: Matrix
  innerScores: InnerScores
}

/** Losses closer than this are one number seen through rounding: the earlier candidate stays. */
const TIE = 1e-12

/**
 * Banded ridge with weights and penalties by search over candidates on inner folds alone, then fitted to all training rows (Dupré la Tour
 * et al. 2022): each candidate costs one decomposition, the inner folds follow by the fold identity. A tie goes to the earlier candidate.
 */
export const searchBands = async (
  problem: RandomSearch & { test?: Int32Array },
  tools: Tools,
  signal?: AbortSignal,
): Promise<SearchedBands & { predictions: Matrix }> => {
  checkBanded(problem)
  const { kernels, Y, train, candidates, weightsPer = 'site', test = new Int32Array(0) } = problem
  const [bands, m] = [kernels.length, Y.cols]
  if (candidates.rows === 0 || candidates.cols !== bands) throw new Error(`candidates must be (candidate x ${bands} bands), at least one`)
  const divisors = bandDivisors(problem, train)
  const duals = emptyDuals(bands, train.length, m)
  const bandWeights: Matrix = { rows: bands, cols: m, data: new Float64Array(bands * m) }
  const [chosen, alphaIndex, alphas] = [new Int32Array(m), new Int32Array(m), new Float64Array(m)]
  const innerScores = { correlation: new Float64Array(m).fill(NaN), explainedVariance: new Float64Array(m).fill(NaN) }
  const loss: Matrix = { rows: candidates.rows, cols: m, data: new Float64Array(candidates.rows * m) }
  const least = new Float64Array(m).fill(Infinity)
  let leastOfAll = Infinity
  const ranks = new Int32Array(candidates.rows)
  for (let c = 0; c < candidates.rows; c++) {
    const weights = candidates.data.slice(c * bands, (c + 1) * bands)
    const candidate = await tryCandidate(problem, weights, divisors, tools, signal)
    loss.data.set(candidate.loss, c * m)
    ranks[c] = candidate.rank
    // A single candidate needs no folds to be chosen, and then has no loss.
    const better = (found: number, before: number): boolean => c === 0 || found < before - TIE * Math.abs(before)
    const total = candidate.loss.reduce((sum, x, j) => sum + (candidate.variances[j] > 0 ? x / candidate.variances[j] : 0), 0)
    const takers = weightsPer === 'site' ? Array.from(candidate.loss, (x, j) => better(x, least[j])) : new Array<boolean>(m).fill(better(total, leastOfAll))
    if (!takers.includes(true)) continue
    leastOfAll = total
    duals.forEach(({ data }) => data.forEach((_, k) => takers[k % m] && (data[k] = 0)))
    addShares(duals, candidate.factors, await candidate.dual(), (j) => (takers[j] ? 1 : 0))
    for (let j = 0; j < m; j++) {
      if (!takers[j]) continue
      least[j] = candidate.loss[j]
      chosen[j] = c
      alphaIndex[j] = candidate.alphaIndex[j]
      alphas[j] = candidate.alphas[j]
      innerScores.correlation[j] = candidate.innerScores.correlation[j]
      innerScores.explainedVariance[j] = candidate.innerScores.explainedVariance[j]
      for (let b = 0; b < bands; b++) bandWeights.data[b * m + j] = weights[b]
    }
  }
  return { ...(await bandedFit(problem, train, duals, bandWeights, test, tools)), rank: chosen.reduce((most, c) => Math.max(most, ranks[c]), 0), chosen, alphaIndex, alphas, loss, innerScores }
}

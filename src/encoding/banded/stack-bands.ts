import type { Matrix } from '../../domain/matrix.ts'
import type { InnerScores } from '../ridge/problem.ts'
import type { Tools } from '../tools.ts'
import { addShares, bandDivisors, bandedFit, checkBanded, emptyDuals } from './bands.ts'
import type { BandedFit, BandedProblem } from './bands.ts'
import { tryCandidate } from './candidate.ts'
import type { Candidate } from './candidate.ts'
import { convexMix } from './convex-mix.ts'
import { heldOutRecord, mixedScores } from './held-out-record.ts'
import type { HeldOutRecord } from './held-out-record.ts'

export interface StackProblem extends BandedProblem {
  /** vectors of band weights, (candidate x band): for example simplexLandmarks and some of drawSimplex */
  candidates: Matrix
}

export interface StackedBands extends BandedFit {
  /** the most dimensions in which the activations of a candidate in use vary */
  rank: number
  /** share of each candidate in each site's prediction, (candidate x site) */
  shares: Matrix
  /** each candidate's inner held-out mean squared error at its best penalty, (candidate x site) */
  loss: Matrix
  /** penalty of each candidate and site on its sum of kernels, (candidate x site) */
  alphas: Matrix
  /** its index among the request's alphas, (candidate x site) in C order */
  alphaIndex: Int32Array
  /** of the mixed inner held-out predictions; over by what the shares fit of the noise, as any score at a chosen penalty is */
  innerScores: InnerScores
}

/**
 * Banded ridge whose band weights are mixed rather than picked: every candidate is fitted, and each site takes the convex mix of their
 * predictions that errs least on the inner held-out stimuli (stacking: Wolpert 1992, Breiman 1996). Picking the one candidate of the least
 * error follows its noise; a mix averages over it. Weights, penalties and shares see the training rows only. `bandWeights` are the
 * mixed weights Σ_c share_c w_c.
 */
export const stackBands = async (problem: StackProblem & { test?: Int32Array }, tools: Tools, signal?: AbortSignal): Promise<StackedBands & { predictions: Matrix }> => {
  checkBanded(problem)
  const { kernels, Y, train, inner, candidates, test = new Int32Array(0) } = problem
  const [bands, m, count] = [kernels.length, Y.cols, candidates.rows]
  if (count === 0 || candidates.cols !== bands) throw new Error(`candidates must be (candidate x ${bands} bands), at least one`)
  if (inner.length === 0) throw new Error('mixing bands needs inner splits')
  const divisors = bandDivisors(problem, train)
  const alphaIndex = new Int32Array(count * m)
  const tried: { candidate: Pick<Candidate, 'factors' | 'rank'>; dual: Matrix; held: HeldOutRecord }[] = []
  const table = (): Matrix => ({ rows: count, cols: m, data: new Float64Array(count * m) })
  const [loss, alphas, shares] = [table(), table(), table()]
  for (let c = 0; c < count; c++) {
    const held = heldOutRecord()
    const candidate = await tryCandidate(problem, candidates.data.slice(c * bands, (c + 1) * bands), divisors, tools, signal, held.add)
    loss.data.set(candidate.loss, c * m)
    alphas.data.set(candidate.alphas, c * m)
    alphaIndex.set(candidate.alphaIndex, c * m)
    held.keep(candidate.alphaIndex)
    tried.push({ candidate: { factors: candidate.factors, rank: candidate.rank }, dual: await candidate.dual(), held })
  }
  const bandWeights: Matrix = { rows: bands, cols: m, data: new Float64Array(bands * m) }
  for (let j = 0; j < m; j++) {
    const mix = convexMix(innerProducts(tried.map(({ held }) => held.residuals(j))), count)
    for (let c = 0; c < count; c++) {
      shares.data[c * m + j] = mix[c]
      for (let b = 0; b < bands; b++) bandWeights.data[b * m + j] += mix[c] * candidates.data[c * bands + b]
    }
  }
  const duals = emptyDuals(bands, train.length, m)
  tried.forEach(({ candidate, dual }, c) => addShares(duals, candidate.factors, dual, (j) => shares.data[c * m + j]))
  const innerScores = mixedScores(problem, tried.map(({ held }) => held), shares)
  const rank = tried.reduce((most, { candidate }, c) => (shares.data.subarray(c * m, (c + 1) * m).some((share) => share > 0) ? Math.max(most, candidate.rank) : most), 0)
  return { ...(await bandedFit(problem, train, duals, bandWeights, test, tools)), rank, shares, loss, alphas, alphaIndex, innerScores }
}

const innerProducts = (vectors: readonly Float64Array[]): Float64Array => {
  const c = vectors.length
  const G = new Float64Array(c * c)
  for (let a = 0; a < c; a++)
    for (let b = 0; b <= a; b++) {
      let sum = 0
      for (let i = 0; i < vectors[a].length; i++) sum += vectors[a][i] * vectors[b][i]
      G[a * c + b] = G[b * c + a] = sum
    }
  return G
}

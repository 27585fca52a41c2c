import type { Matrix } from '../../domain/matrix.ts'
import { transpose } from '../../numerics/transpose.ts'
import { dualCoefficients } from '../ridge/shrinkage.ts'
import type { Tools } from '../tools.ts'
import { trainingSystem } from '../training-system.ts'
import { addShares, bandDivisors, bandedFit, checkBands, emptyDuals, sumKernels } from './bands.ts'
import type { BandedFit, Bands } from './bands.ts'

export interface GivenWeights extends Bands {
  train: Int32Array
  /** (band x site), not under 0; sites with the same column share one decomposition */
  bandWeights: Matrix
  /** penalty of each site on its weighted sum of kernels, over 0 */
  alphas: ArrayLike<number>
}

/**
 * Banded ridge with known band weights and penalties, exactly: ridge on Σ_b w_b K_b. With weights 1/α_b and a penalty of 1 that is a
 * penalty of α_b on the coefficients of band b.
 */
export const fitGivenWeights = async (problem: GivenWeights & { test?: Int32Array }, tools: Tools): Promise<BandedFit & { predictions: Matrix }> => {
  checkBands(problem)
  const { kernels, Y, train, bandWeights, alphas, test = new Int32Array(0) } = problem
  const [bands, m] = [kernels.length, Y.cols]
  if (bandWeights.rows !== bands || bandWeights.cols !== m || alphas.length !== m) throw new Error('band weights and alphas must match the bands and sites')
  const divisors = bandDivisors(problem, train)
  const groups = new Map<string, number[]>()
  for (let j = 0; j < m; j++) {
    const key = Array.from({ length: bands }, (_, b) => bandWeights.data[b * m + j]).join()
    groups.set(key, [...(groups.get(key) ?? []), j])
  }
  const duals = emptyDuals(bands, train.length, m)
  for (const sites of groups.values()) {
    const factors = divisors.map((divisor, b) => bandWeights.data[b * m + sites[0]] / divisor)
    const system = await trainingSystem(sumKernels(kernels, factors), Y, train, tools)
    const members = new Set(sites)
    const A = await dualCoefficients(system, (j) => alphas[j], tools)
    addShares(duals, factors, transpose(A), (j) => (members.has(j) ? 1 : 0))
  }
  return bandedFit(problem, train, duals, bandWeights, test, tools)
}

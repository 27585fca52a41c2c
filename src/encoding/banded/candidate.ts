import type { Matrix } from '../../domain/matrix.ts'
import { transpose } from '../../numerics/transpose.ts'
import { absoluteAlphas, searchAlphas } from '../ridge/alpha-search.ts'
import type { Search } from '../ridge/alpha-search.ts'
import { chooseFrom } from '../ridge/choose-alphas.ts'
import type { AlphaChoice } from '../ridge/problem.ts'
import { dualRefit } from '../ridge/refit.ts'
import { dualCoefficients } from '../ridge/shrinkage.ts'
import type { Tools } from '../tools.ts'
import { rankOf, trainingSystem } from '../training-system.ts'
import { sumKernels } from './bands.ts'
import type { BandedProblem } from './bands.ts'

/** One vector of band weights, tried: each site's penalty chosen within the training rows. */
export interface Candidate extends AlphaChoice {
  /** what each kernel is multiplied by in the sum */
  factors: Float64Array
  /** mean over inner folds of the held-out squared error at the chosen penalty, per site; a tie among candidates is one of rounding */
  loss: Float64Array
  /** variance of each site over the training rows */
  variances: Float64Array
  /** dimensions in which the summed activations of the training rows vary */
  rank: number
  /** dual coefficients on the sum of kernels at the chosen penalties, (training row x site) */
  dual: () => Promise<Matrix>
}

export const tryCandidate = async (
  problem: BandedProblem,
  weights: Float64Array,
  divisors: Float64Array,
  tools: Tools,
  signal?: AbortSignal,
  onHeldOut?: Search['onHeldOut'],
): Promise<Candidate> => {
  const { kernels, Y, train, inner, scale } = problem
  const factors = divisors.map((divisor, b) => weights[b] / divisor)
  const ridge = { ...problem, K: sumKernels(kernels, factors), alphaUnits: scale === 'trace' ? 'relative' : 'absolute' } as const
  const system = await trainingSystem(ridge.K, Y, train, tools)
  const alphas = absoluteAlphas(ridge, system)
  const table = await searchAlphas({ system, Y, alphas, inner, refit: dualRefit(ridge, system, tools), onHeldOut }, tools, signal)
  const choice = chooseFrom(ridge, table, system.variances)
  const { cols, data } = choice.meanSquaredError
  return {
    ...choice,
    factors,
    loss: Float64Array.from(choice.alphaIndex, (a, j) => data[a * cols + j]),
    variances: system.variances,
    rank: rankOf(system),
    dual: async () => transpose(await dualCoefficients(system, (j) => choice.alphas[j], tools)),
  }
}

import type { Matrix } from '../../domain/matrix.ts'
import { transpose } from '../../numerics/transpose.ts'
import { centredCross } from '../gram.ts'
import type { Split } from '../splits/split.ts'
import type { Tools } from '../tools.ts'
import { searchAlphas } from './alpha-search.ts'
import { checkProblem } from './problem.ts'
import type { AlphaChoice, DualFit, RidgeProblem } from './problem.ts'
import { dualCoefficients, trainingSystem } from './training-system.ts'
import type { TrainingSystem } from './training-system.ts'

export interface RidgeFold extends AlphaChoice, DualFit {
  /** held-out predictions, (test stimulus x site) */
  predictions: Matrix
}

export type RidgeFit = AlphaChoice & DualFit

export interface FoldProblem extends RidgeProblem {
  train: Int32Array
  test: Int32Array
  /** divisions of `train`, as indices into all stimuli; may be empty when there is one alpha */
  inner: readonly Split[]
}

/**
 * Ridge on one outer fold: penalty chosen on the inner splits of the training rows, then fitted to all of them, then the test rows
 * predicted (FORMULAS.md, Ridge). X and Y are centred on the training rows, never scaled; the intercept is not penalised.
 */
export const fitRidgeFold = async (problem: FoldProblem, tools: Tools, signal?: AbortSignal): Promise<RidgeFold> => {
  checkProblem(problem, problem.inner)
  const { K, Y, train, test, inner } = problem
  const system = await trainingSystem(K, Y, train, tools)
  const choice = await searchAlphas(problem, system, inner, tools, signal)
  const A = await dualCoefficients(system, (j) => choice.alphas[j], tools) // (site x training row)
  const predictions = await tools.products.f64(centredCross(K, system.centre, test), A, { transB: true }) // (test stimulus x site)
  for (let i = 0; i < predictions.data.length; i++) predictions.data[i] += system.means[i % Y.cols]
  return { ...choice, ...dualFit(system, A), predictions }
}

/** The final fit on `rows` (default: all stimuli), its penalty chosen by the same rule on `inner` divisions of them. */
export const fitRidgeAll = async (
  problem: RidgeProblem & { rows?: Int32Array; inner: readonly Split[] },
  tools: Tools,
  signal?: AbortSignal,
): Promise<RidgeFit> => {
  checkProblem(problem, problem.inner)
  const { K, Y, rows = Int32Array.from({ length: K.rows }, (_, i) => i), inner } = problem
  const system = await trainingSystem(K, Y, rows, tools)
  const choice = await searchAlphas(problem, system, inner, tools, signal)
  return { ...choice, ...dualFit(system, await dualCoefficients(system, (j) => choice.alphas[j], tools)) }
}

/** Plain cross-validation of the alphas over `splits` of all stimuli, from one eigendecomposition of all of them. */
export const crossValidateRidge = async (problem: RidgeProblem, splits: readonly Split[], tools: Tools, signal?: AbortSignal): Promise<AlphaChoice> => {
  checkProblem(problem, splits)
  const rows = Int32Array.from({ length: problem.K.rows }, (_, i) => i)
  return searchAlphas(problem, await trainingSystem(problem.K, problem.Y, rows, tools), splits, tools, signal)
}

/** Predictions of the stimuli whose inner products with the fit's training rows are the rows of `cross` (about the same vector as K). */
export const predictRidge = async ({ dual, bias }: DualFit, cross: Matrix, { products }: Pick<Tools, 'products'>): Promise<Matrix> => {
  const out = await products.f64(cross, transpose(dual), { transB: true })
  for (let i = 0; i < out.data.length; i++) out.data[i] += bias[i % bias.length]
  return out
}

const dualFit = ({ centre, means }: TrainingSystem, A: Matrix): DualFit => {
  const n = A.cols
  const bias = Float64Array.from(means, (mean, j) => {
    let shift = 0
    for (let i = 0; i < n; i++) shift += A.data[j * n + i] * centre.means[i]
    return mean - shift
  })
  return { dual: transpose(A), bias, rows: centre.rows }
}

import type { Matrix } from '../../domain/matrix.ts'
import { dualFit, predictRows } from '../dual-fit.ts'
import type { DualFit } from '../dual-fit.ts'
import type { Tools } from '../tools.ts'
import { keepComponents, trainingSystem } from '../training-system.ts'
import type { TrainingSystem } from '../training-system.ts'
import { absoluteAlphas, searchAlphas } from './alpha-search.ts'
import { chooseFrom } from './choose-alphas.ts'
import { checkProblem } from './problem.ts'
import type { AlphaChoice, Inner, RidgeProblem } from './problem.ts'
import { dualRefit } from './refit.ts'
import { dualCoefficients } from './shrinkage.ts'

export interface RidgeFold extends AlphaChoice, DualFit {
  /** held-out predictions, (test stimulus x site) */
  predictions: Matrix
}

export type RidgeFit = AlphaChoice & DualFit

export interface FoldProblem extends RidgeProblem {
  train: Int32Array
  test: Int32Array
  /** divisions of `train`, as indices into all stimuli, or a closed form; may be empty when there is one alpha */
  inner: Inner
}

/**
 * Ridge on one outer fold: penalty chosen within the training rows, then fitted to all of them, then the test rows
 * predicted (FORMULAS.md, Ridge). X and Y are centred on the training rows, never scaled; the intercept is not penalised.
 */
export const fitRidgeFold = async (problem: FoldProblem, tools: Tools, signal?: AbortSignal): Promise<RidgeFold> => {
  checkProblem(problem, problem.inner)
  const { K, train, test, inner } = problem
  const system = await systemOf(problem, train, tools)
  const choice = await choose(problem, system, inner, tools, signal)
  const A = await dualCoefficients(system, (j) => choice.alphas[j], tools) // (site x training row)
  return { ...choice, ...dualFit(system, A), predictions: await predictRows(K, system, A, test, tools) }
}

/** The final fit on `rows` (default: all stimuli), its penalty chosen by the same rule within them. */
export const fitRidgeAll = async (
  problem: RidgeProblem & { rows?: Int32Array; inner: Inner },
  tools: Tools,
  signal?: AbortSignal,
): Promise<RidgeFit> => {
  checkProblem(problem, problem.inner)
  const { K, rows = Int32Array.from({ length: K.rows }, (_, i) => i), inner } = problem
  const system = await systemOf(problem, rows, tools)
  const choice = await choose(problem, system, inner, tools, signal)
  return { ...choice, ...dualFit(system, await dualCoefficients(system, (j) => choice.alphas[j], tools)) }
}

/** Plain cross-validation of the alphas over `splits` of all stimuli, or in closed form, from one eigendecomposition of all of them. */
export const crossValidateRidge = async (problem: RidgeProblem, splits: Inner, tools: Tools, signal?: AbortSignal): Promise<AlphaChoice> => {
  checkProblem(problem, splits)
  const rows = Int32Array.from({ length: problem.K.rows }, (_, i) => i)
  return choose(problem, await systemOf(problem, rows, tools), splits, tools, signal)
}

const choose = async (problem: RidgeProblem, system: TrainingSystem, inner: Inner, tools: Tools, signal?: AbortSignal): Promise<AlphaChoice> => {
  const alphas = absoluteAlphas(problem, system)
  const table = await searchAlphas({ system, Y: problem.Y, alphas, inner, refit: dualRefit(problem, system, tools) }, tools, signal)
  return chooseFrom(problem, table, system.variances)
}

const systemOf = async ({ K, Y, pca }: RidgeProblem, rows: Int32Array, tools: Tools): Promise<TrainingSystem> => {
  const system = await trainingSystem(K, Y, rows, tools)
  return pca === undefined ? system : keepComponents(system, pca)
}

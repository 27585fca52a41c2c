import type { Matrix } from '../../domain/matrix.ts'
import { dualFit, predictRows } from '../dual-fit.ts'
import type { DualFit } from '../dual-fit.ts'
import { dualCoefficients } from '../ridge/shrinkage.ts'
import type { Tools } from '../tools.ts'
import { componentSystem, trainingSystem } from '../training-system.ts'

export interface LinearProblem {
  /** Gram matrix of the activations about any fixed vector, from float64 products, (stimulus x stimulus) */
  K: Matrix
  /** (stimulus x site) */
  Y: Matrix
  train: Int32Array
  /** fit on the scores of so many principal components of the training rows */
  pca?: number
}

/**
 * The minimum-norm least-squares solution (FORMULAS.md, Mappings) from K: eigenvalues under n·eps·λmax count as 0, so directions of the
 * activations weaker than about 1e-7 of the strongest are left out; `rank` says how many are kept.
 */
export const fitLinear = async (problem: LinearProblem, tools: Tools): Promise<DualFit> => {
  const { system, A } = await solve(problem, tools)
  return dualFit(system, A)
}

/** The same on one fold's training rows, with the predictions of its test rows, (test stimulus x site). */
export const fitLinearFold = async (problem: LinearProblem & { test: Int32Array }, tools: Tools): Promise<DualFit & { predictions: Matrix }> => {
  const { system, A } = await solve(problem, tools)
  return { ...dualFit(system, A), predictions: await predictRows(problem.K, system, A, problem.test, tools) }
}

const solve = async ({ K, Y, train, pca }: LinearProblem, tools: Tools) => {
  const system = pca === undefined ? await trainingSystem(K, Y, train, tools) : await componentSystem(K, Y, train, pca, tools)
  return { system, A: await dualCoefficients(system, () => 0, tools) } // A: (site x training row)
}

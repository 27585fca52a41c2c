import type { Matrix } from '../../domain/matrix.ts'
import { absoluteAlphas, searchAlphas } from '../ridge/alpha-search.ts'
import { chooseFrom } from '../ridge/choose-alphas.ts'
import type { Refit } from '../ridge/held-out.ts'
import { checkAlphas } from '../ridge/problem.ts'
import type { AlphaChoice, Inner, Penalties } from '../ridge/problem.ts'
import type { Tools } from '../tools.ts'
import { predictPrimalRows, primalFit, primalWeights } from './primal-fit.ts'
import type { PrimalFit } from './primal-fit.ts'
import { primalSystem } from './primal-system.ts'

/** Ridge on the activations themselves: the cheaper form where units are fewer than stimuli (usesPrimal). */
export interface PrimalRidgeProblem extends Penalties {
  /** activations, (stimulus x unit) */
  X: Matrix
  /** mean responses, (stimulus x site), finite in all rows that are used */
  Y: Matrix
  train: Int32Array
  /** as in FoldProblem */
  inner: Inner
}

/** fitRidgeFold in primal form: the same choice and the same predictions. Without `test` it is the final fit. */
export const fitRidgePrimal = async (
  problem: PrimalRidgeProblem & { test?: Int32Array },
  tools: Tools,
  signal?: AbortSignal,
): Promise<AlphaChoice & PrimalFit & { predictions: Matrix }> => {
  const { X, Y, train, test = new Int32Array(0), inner, alphas } = problem
  if (X.rows !== Y.rows) throw new Error(`X has ${X.rows} rows and Y has ${Y.rows}: they must agree`)
  checkAlphas(alphas, inner)
  const system = await primalSystem(X, Y, train, (scale) => absoluteAlphas(problem, { scale })[0], tools)
  const table = await searchAlphas({ system, Y, alphas: absoluteAlphas(problem, system), inner, refit: primalRefit(X, Y, tools) }, tools, signal)
  const choice = chooseFrom(problem, table, system.variances)
  const weights = await primalWeights(system, (j) => choice.alphas[j], tools)
  return { ...choice, ...primalFit(system, weights), predictions: await predictPrimalRows(X, system, weights, test, tools) }
}

const primalRefit =
  (X: Matrix, Y: Matrix, tools: Tools): Refit =>
  async (train, test, alphas) => {
    const system = await primalSystem(X, Y, train, () => Math.min(...alphas), tools)
    const out: Matrix[] = []
    for (const alpha of alphas) {
      const weights = await primalWeights(system, () => alpha, tools)
      const predicted = await predictPrimalRows(X, system, weights, test, tools)
      const [t, m] = [test.length, Y.cols]
      out.push({ rows: m, cols: t, data: Float64Array.from({ length: m * t }, (_, k) => Y.data[test[k % t] * m + Math.floor(k / t)] - predicted.data[(k % t) * m + Math.floor(k / t)]) })
    }
    return out
  }

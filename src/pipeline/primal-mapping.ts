import type { LinearMapping, Mapping, RidgeMapping } from '../domain/fit.ts'
import type { Matrix } from '../domain/matrix.ts'
import { fitLinearPrimal } from '../encoding/primal/linear-primal.ts'
import type { PrimalFit } from '../encoding/primal/primal-fit.ts'
import { usesPrimal } from '../encoding/primal/primal-system.ts'
import { fitRidgePrimal } from '../encoding/primal/ridge-primal.ts'
import type { InnerScores } from '../encoding/ridge/problem.ts'
import { scoreFolds } from '../encoding/scores/fold-scores.ts'
import type { HeldOut } from '../encoding/scores/fold-scores.ts'
import { innerOf, innerSplitsOf } from '../encoding/splits/inner-scheme.ts'
import type { InnerScheme } from '../encoding/splits/inner-scheme.ts'
import type { Split } from '../encoding/splits/split.ts'
import type { Tools } from '../encoding/tools.ts'

export type PrimalMapping = RidgeMapping | LinearMapping

/** Whether a mapping of a layer is fitted to its activations themselves: the cheaper form where units are fewer than training stimuli, and for least squares the more exact one. */
export const takesPrimal = (mapping: Mapping, stimuli: number, units: number): mapping is PrimalMapping =>
  (mapping.method === 'ridge' || mapping.method === 'linear') && mapping.pca === undefined && usesPrimal(stimuli, units)

export interface PrimalProblem extends Split {
  /** (stimulus x unit) */
  X: Matrix
  /** (stimulus x site), without missing responses */
  Y: Matrix
  mapping: PrimalMapping
  inner: InnerScheme
}

type FittedPrimal = PrimalFit & { predictions: Matrix; alphas: Float64Array; alphaIndex: Int32Array; innerScores: InnerScores }

/** Fits one training set and predicts its test rows: the same answers as from the Gram matrix. */
export const fitPrimal = async ({ X, Y, mapping, inner, train, test }: PrimalProblem, tools: Tools): Promise<FittedPrimal> => {
  if (mapping.method === 'ridge') return fitRidgePrimal({ X, Y, ...mapping, train, test, inner: innerOf(inner, train) }, tools)
  const folds: HeldOut[] = []
  for (const split of innerSplitsOf(inner, train)) folds.push({ test: split.test, predictions: (await fitLinearPrimal({ X, Y, ...split }, tools)).predictions })
  const { r, ev } = scoreFolds(folds, Y)
  const fit = await fitLinearPrimal({ X, Y, train, test }, tools)
  return { ...fit, alphas: new Float64Array(Y.cols).fill(NaN), alphaIndex: new Int32Array(Y.cols), innerScores: { correlation: r, explainedVariance: ev } }
}

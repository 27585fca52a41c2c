import type { PenaltyScore } from '../../domain/classification.ts'
import type { Matrix } from '../../domain/matrix.ts'
import type { LogisticModel, LogisticProblem } from '../logistic/logistic.ts'
import { linearScores } from '../logistic/logistic.ts'
import type { Tools } from '../tools.ts'
import { rankOfClass, topShares } from './accuracy.ts'

/** Rows of activations whose class is known. */
export interface Labelled {
  /** (row x unit) */
  X: Matrix<Float32Array>
  labels: Int32Array
}

/** CORnet-S's range for CIFAR: 10 logarithmic steps. */
export const penaltyRange: readonly number[] = Array.from({ length: 10 }, (_, i) => 0.0005 * 100 ** (i / 9))

/** How closely a head is fitted: its coefficients to about a millionth of their length. */
export const HEAD_TOLERANCE = 1e-6
/** Rows that are scored at once. */
const BLOCK_ROWS = 4096

/** Calls back with each row's scores, in blocks. */
export const scoreRows = async ({ rows, cols, data }: Matrix<Float32Array>, model: LogisticModel, products: Tools['products'], onRow: (row: number, scores: Float64Array) => void): Promise<void> => {
  for (let from = 0; from < rows; from += BLOCK_ROWS) {
    const to = Math.min(from + BLOCK_ROWS, rows)
    const scores = await linearScores({ rows: to - from, cols, data: data.subarray(from * cols, to * cols) }, model, products)
    for (let i = from; i < to; i++) onRow(i, scores.data.subarray((i - from) * scores.cols, (i - from + 1) * scores.cols))
  }
}

/** Rank of each row's class under a model. */
export const ranksOf = async ({ X, labels }: Labelled, model: LogisticModel, products: Tools['products']): Promise<Int32Array> => {
  const ranks = new Int32Array(labels.length)
  await scoreRows(X, model, products, (i, scores) => (ranks[i] = rankOfClass(scores, labels[i])))
  return ranks
}

const logLossOf = (scores: Float64Array, label: number): number => {
  const largest = scores.reduce((a, b) => Math.max(a, b), -Infinity)
  return largest - scores[label] + Math.log(scores.reduce((sum, score) => sum + Math.exp(score - largest), 0))
}

/**
 * Fits at each C, ascending, each from where the last ended, and scores the held-out rows. The best top-1 wins; of equals the smaller C,
 * which is the stronger penalty.
 */
export const choosePenalty = async (
  problem: LogisticProblem,
  Cs: readonly number[],
  heldOut: Labelled,
  classes: number,
  { products }: Tools,
  { onStep, signal }: { onStep?: (done: number) => void; signal?: AbortSignal } = {},
): Promise<{ C: number; path: PenaltyScore[] }> => {
  const path: PenaltyScore[] = []
  for (const C of Cs.toSorted((a, b) => a - b)) {
    const fit = await problem.fit(C, { tolerance: HEAD_TOLERANCE, signal })
    const ranks = new Int32Array(heldOut.labels.length)
    let logLoss = 0
    await scoreRows(heldOut.X, fit, products, (i, scores) => {
      ranks[i] = rankOfClass(scores, heldOut.labels[i])
      logLoss += logLossOf(scores, heldOut.labels[i])
    })
    path.push({ C, ...topShares(ranks, classes), logLoss: logLoss / ranks.length, iterations: fit.iterations, converged: fit.converged })
    onStep?.(path.length)
  }
  return { C: path.reduce((best, one) => (one.top1 > best.top1 ? one : best)).C, path }
}

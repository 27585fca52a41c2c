import type { Matrix } from '../../domain/matrix.ts'
import { columnMoments, explainedVarianceOf, pearsonOf } from '../scores/moments.ts'
import type { AlphaTable } from './problem.ts'

/** Sums over inner folds of what is held out there, for each penalty and site. */
export interface Tally {
  /** adds one fold's residuals at alpha number `a`; both matrices (site x row of fold) */
  addFold: (a: number, residuals: Matrix, responses: Matrix) => void
  /** means over so many folds, r and EV over those in which they are defined */
  table: (folds: number) => AlphaTable
}

export const createTally = (alphas: Float64Array, m: number): Tally => {
  const sums = (): Float64Array => new Float64Array(alphas.length * m)
  const [squaredError, r, rFolds, ev, evFolds] = [sums(), sums(), sums(), sums(), sums()]
  const add = (sum: Float64Array, folds: Float64Array, cell: number, value: number): void => {
    if (Number.isNaN(value)) return
    sum[cell] += value
    folds[cell]++
  }
  const matrix = (data: Float64Array): Matrix => ({ rows: alphas.length, cols: m, data })
  return {
    addFold: (a, { cols: t, data: residuals }, { data: responses }) => {
      const all = Int32Array.from({ length: t }, (_, i) => i)
      const predicted = new Float64Array(t)
      for (let j = 0; j < m; j++) {
        const e = residuals.subarray(j * t, (j + 1) * t)
        const y = responses.subarray(j * t, (j + 1) * t)
        const cell = a * m + j
        let squares = 0
        for (let i = 0; i < t; i++) {
          squares += e[i] * e[i]
          predicted[i] = y[i] - e[i]
        }
        squaredError[cell] += squares / t
        const moments = columnMoments(predicted, y, 1, 0, all)
        add(r, rFolds, cell, pearsonOf(moments))
        add(ev, evFolds, cell, explainedVarianceOf(moments))
      }
    },
    table: (folds) => ({
      alphas,
      meanSquaredError: matrix(squaredError.map((sum) => sum / folds)),
      correlation: matrix(r.map((sum, cell) => sum / rFolds[cell])),
      explainedVariance: matrix(ev.map((sum, cell) => sum / evFolds[cell])),
    }),
  }
}

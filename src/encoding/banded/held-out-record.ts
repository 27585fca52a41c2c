import type { Matrix } from '../../domain/matrix.ts'
import type { Search } from '../ridge/alpha-search.ts'
import type { InnerScores } from '../ridge/problem.ts'
import { columnMoments, explainedVarianceOf, pearsonOf } from '../scores/moments.ts'
import { mean } from '../scores/statistics.ts'
import type { BandedProblem } from './bands.ts'

/** One candidate's inner held-out residuals, first at all penalties, then at each site's chosen one. */
export interface HeldOutRecord {
  add: NonNullable<Search['onHeldOut']>
  /** keeps each site's residuals at its alpha, and lets go of the others */
  keep: (alphaIndex: ArrayLike<number>) => void
  /** residuals of one site, fold after fold */
  residuals: (site: number) => Float64Array
}

export const heldOutRecord = (): HeldOutRecord => {
  let byAlpha: Matrix[][] = []
  let kept: Float64Array[] = []
  return {
    add: (a, fold, residuals) => {
      ;(byAlpha[a] ??= [])[fold] = residuals
    },
    keep: (alphaIndex) => {
      kept = Array.from(alphaIndex, (a, j) => {
        const out = new Float64Array(byAlpha[a].reduce((sum, { cols }) => sum + cols, 0))
        let at = 0
        for (const { cols, data } of byAlpha[a]) {
          out.set(data.subarray(j * cols, (j + 1) * cols), at)
          at += cols
        }
        return out
      })
      byAlpha = []
    },
    residuals: (site) => kept[site],
  }
}

/** r and EV of the mixed inner predictions, mean over inner folds; one by one, of all of them together. NaN where undefined. */
export const mixedScores = ({ Y, train, inner }: BandedProblem, records: readonly HeldOutRecord[], shares: Matrix): InnerScores => {
  const m = Y.cols
  const folds = typeof inner === 'string' ? [train] : inner.map(({ test }) => test)
  const scores = { correlation: new Float64Array(m), explainedVariance: new Float64Array(m) }
  for (let j = 0; j < m; j++) {
    const mixed = new Float64Array(records[0].residuals(j).length)
    records.forEach((record, c) => record.residuals(j).forEach((e, i) => (mixed[i] += shares.data[c * m + j] * e)))
    let at = 0
    const moments = folds.map((rows) => {
      const y = Float64Array.from(rows, (row) => Y.data[row * m + j])
      const p = y.map((value, i) => value - mixed[at + i])
      at += rows.length
      return columnMoments(
        p,
        y,
        1,
        0,
        Int32Array.from(rows, (_, i) => i),
      )
    })
    scores.correlation[j] = mean(moments.map(pearsonOf)) ?? NaN
    scores.explainedVariance[j] = mean(moments.map(explainedVarianceOf)) ?? NaN
  }
  return scores
}

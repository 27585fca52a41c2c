import type { Matrix } from '../../domain/matrix.ts'
import { columnMoments, explainedVarianceOf, isConstant, pearsonOf, poolMoments } from './moments.ts'
import type { Moments } from './moments.ts'

/** Held-out predictions of one fold: row k predicts stimulus test[k]. */
export interface HeldOut {
  test: ArrayLike<number>
  /** (test stimulus x site) */
  predictions: Matrix
}

/** Scores per site, and per fold and site. NaN where undefined; `notes` says why. */
export interface FoldScores {
  r: Float64Array
  ev: Float64Array
  foldR: Float64Array[]
  foldEv: Float64Array[]
  /** sites whose r is that of the pooled predictions, since a fold had no variance */
  pooled: Uint8Array
  notes: (string | undefined)[]
}

/**
 * r and EV per site in each test fold, then their mean over folds (FORMULAS.md, Scores). Where a site's responses do not vary in some
 * fold, its r comes from the predictions of all folds pooled, and says so, and its EV is the mean over the other folds. Where its
 * predictions do not vary in a fold in which its responses do, it has no r: pooled, such folds would correlate the training means
 * with the test means, which is negative by construction.
 */
export const scoreFolds = (folds: readonly HeldOut[], responses: Matrix): FoldScores => {
  const m = responses.cols
  const moments = folds.map(({ test, predictions }) => Array.from({ length: m }, (_, j) => columnMoments(predictions.data, responses.data, m, j, test)))
  const foldR = moments.map((sites) => Float64Array.from(sites, pearsonOf))
  const foldEv = moments.map((sites) => Float64Array.from(sites, explainedVarianceOf))
  const scores: FoldScores = { r: new Float64Array(m), ev: new Float64Array(m), foldR, foldEv, pooled: new Uint8Array(m), notes: [] }
  for (let j = 0; j < m; j++) {
    const site = scoreSite(moments.map((sites) => sites[j]))
    scores.ev[j] = meanDefined(foldEv, j)
    scores.r[j] = site.how === 'mean' ? meanDefined(foldR, j) : site.r
    scores.pooled[j] = site.how === 'pooled' ? 1 : 0
    scores.notes[j] = site.note
  }
  return scores
}

type SiteScoring = { how: 'mean'; note?: undefined } | { how: 'pooled' | 'none'; r: number; note: string }

const scoreSite = (folds: readonly Moments[]): SiteScoring => {
  const all = poolMoments(folds)
  const silent = folds.filter((fold) => isConstant(fold.yy, fold.meanY, fold.weight)).length
  const flat = folds.filter((fold) => isConstant(fold.pp, fold.meanP, fold.weight) && !isConstant(fold.yy, fold.meanY, fold.weight)).length
  if (isConstant(all.yy, all.meanY, all.weight)) return { how: 'none', r: NaN, note: 'the responses do not vary' }
  if (flat > 0) return { how: 'none', r: NaN, note: `the predictions do not vary in ${flat} of ${folds.length} folds` }
  if (silent === 0) return { how: 'mean' }
  return { how: 'pooled', r: pearsonOf(all), note: `r from pooled predictions: the responses do not vary in ${silent} of ${folds.length} folds` }
}

const meanDefined = (folds: readonly Float64Array[], j: number): number => {
  let [sum, count] = [0, 0]
  for (const values of folds)
    if (!Number.isNaN(values[j])) {
      sum += values[j]
      count++
    }
  return count === 0 ? NaN : sum / count
}

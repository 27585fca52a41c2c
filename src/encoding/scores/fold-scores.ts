import type { Matrix } from '../../domain/matrix.ts'
import { columnMoments, explainedVarianceOf, isConstant, pearsonOf, poolMoments, r2Of } from './moments.ts'
import type { Moments } from './moments.ts'

/** Held-out predictions of one fold: row k predicts stimulus test[k]. */
export interface HeldOut {
  test: ArrayLike<number>
  /** (test stimulus x site) */
  predictions: Matrix
  /** (test stimulus x site), where this fold's responses are not those of the stimuli: normalised by its training rows */
  responses?: Matrix
}

/** A fold's held-out responses: rows `rows[i]` of `data` answer test stimulus i. */
export const foldResponses = ({ test, responses: own }: HeldOut, responses: Matrix): { data: Float64Array; rows: ArrayLike<number> } =>
  own === undefined ? { data: responses.data, rows: test } : { data: own.data, rows: Int32Array.from({ length: test.length }, (_, i) => i) }

/** What is held out, of a fold that knows more. */
export const heldOutOf = ({ test, predictions, responses }: HeldOut): HeldOut => ({ test, predictions, ...(responses === undefined ? {} : { responses }) })

/** Scores per site, and per fold and site. NaN where undefined; `notes` says why. */
export interface FoldScores {
  r: Float64Array
  ev: Float64Array
  r2: Float64Array
  foldR: Float64Array[]
  foldEv: Float64Array[]
  foldR2: Float64Array[]
  /** EV and R² with the variances pooled over folds */
  pooledEv: Float64Array
  pooledR2: Float64Array
  /** sites whose r is that of the pooled predictions, since a fold had no variance */
  pooled: Uint8Array
  notes: (string | undefined)[]
}

/**
 * r, EV and R² per site in each test fold, then their mean over folds (FORMULAS.md, Scores), each site on the stimuli that it saw: a NaN
 * response is a stimulus not seen, a NaN prediction one that no fit could be had for. Where a site's responses do not vary in some
 * fold, its r comes from the predictions of all folds pooled, and says so, and its EV and R² are the mean over the other folds. Where its
 * predictions do not vary in a fold in which its responses do, it has no r: pooled, such folds would correlate the training means
 * with the test means, which is negative by construction.
 */
export const scoreFolds = (folds: readonly HeldOut[], responses: Matrix): FoldScores => {
  const m = responses.cols
  const moments = folds.map((fold) => Array.from({ length: m }, (_, j) => heldOutMoments(fold, responses, j)))
  const unfitted = (j: number): number => folds.filter((fold, f) => moments[f][j].weight === 0 && hasResponse(fold, responses, j)).length
  const each = (score: (moments: Moments) => number): Float64Array[] => moments.map((sites) => Float64Array.from(sites, score))
  const [foldR, foldEv, foldR2] = [each(pearsonOf), each(explainedVarianceOf), each(r2Of)]
  const overFolds = (perFold: readonly Float64Array[]): Float64Array => Float64Array.from({ length: m }, (_, j) => meanDefined(perFold, j))
  const scores: FoldScores = { r: overFolds(foldR), ev: overFolds(foldEv), r2: overFolds(foldR2), foldR, foldEv, foldR2, ...pooledVariances(moments, m), pooled: new Uint8Array(m), notes: [] }
  for (let j = 0; j < m; j++) {
    const site = scoreSite(moments.map((sites) => sites[j]), unfitted(j))
    if (site.how !== 'mean') scores.r[j] = site.r
    scores.pooled[j] = site.how === 'pooled' ? 1 : 0
    scores.notes[j] = site.note
  }
  return scores
}

/** Sums of a site over folds, of which pooled EV and R² are made. */
export interface PooledSums {
  /** squared errors about their mean in each fold, and as they are */
  errors: number
  rawErrors: number
  /** squared responses about their mean in each fold */
  responses: number
  weight: number
  /** weight less 1 per fold */
  freedom: number
}

/** 1 - the pooled variance of the errors within folds over that of the responses. */
export const pooledEvOf = ({ errors, responses }: PooledSums): number => 1 - errors / responses

/** 1 - the mean squared error over the pooled variance of the responses within folds, that unbiased. */
export const pooledR2Of = ({ rawErrors, weight, responses, freedom }: PooledSums): number => 1 - rawErrors / weight / (responses / freedom)

const pooledVariances = (moments: readonly Moments[][], m: number): Pick<FoldScores, 'pooledEv' | 'pooledR2'> => {
  const sites = Array.from({ length: m }, (_, j): PooledSums | null => {
    const folds = moments.map((sites) => sites[j]).filter(({ weight }) => weight > 0)
    if (folds.every(({ yy, meanY, weight }) => isConstant(yy, meanY, weight))) return null
    const sum = (of: (fold: Moments) => number): number => folds.reduce((total, fold) => total + of(fold), 0)
    const errors = sum(({ yy, pp, py }) => yy + pp - 2 * py)
    return {
      errors,
      rawErrors: errors + sum(({ weight, meanY, meanP }) => weight * (meanY - meanP) ** 2),
      responses: sum(({ yy }) => yy),
      weight: sum(({ weight }) => weight),
      freedom: sum(({ weight }) => weight - 1),
    }
  })
  const each = (score: (sums: PooledSums) => number): Float64Array => Float64Array.from(sites, (sums) => (sums === null ? NaN : score(sums)))
  return { pooledEv: each(pooledEvOf), pooledR2: each(pooledR2Of) }
}

/** Moments of one site over the held-out stimuli that have a response and a prediction; all 0 in weight where none has. */
const heldOutMoments = (fold: HeldOut, responses: Matrix, j: number): Moments => {
  const { test, predictions } = fold
  const m = responses.cols
  const { data, rows } = foldResponses(fold, responses)
  const seen: number[] = []
  for (let i = 0; i < test.length; i++) if (!Number.isNaN(data[rows[i] * m + j]) && !Number.isNaN(predictions.data[i * m + j])) seen.push(i)
  if (seen.length === test.length) return columnMoments(predictions.data, data, m, j, rows)
  const p = Float64Array.from(seen, (i) => predictions.data[i * m + j])
  const y = Float64Array.from(seen, (i) => data[rows[i] * m + j])
  return columnMoments(p, y, 1, 0, Int32Array.from(seen.keys()))
}

const hasResponse = ({ test }: HeldOut, responses: Matrix, j: number): boolean => Array.from(test).some((row) => !Number.isNaN(responses.data[row * responses.cols + j]))

type SiteScoring = { how: 'mean'; note?: string } | { how: 'pooled' | 'none'; r: number; note: string }

/** `unfitted`: folds with responses of the site to test, and too few to fit it. */
const scoreSite = (all: readonly Moments[], unfitted: number): SiteScoring => {
  const folds = all.filter((fold) => fold.weight > 0)
  const unseen = all.length - folds.length - unfitted
  const gaps = [
    ...(unseen === 0 ? [] : [`${unseen} of ${all.length} folds hold none of the site's stimuli`]),
    ...(unfitted === 0 ? [] : [`${unfitted} of ${all.length} folds leave too few of the site's stimuli to fit it`]),
  ]
  if (folds.length === 0) return { how: 'none', r: NaN, note: ['no held-out stimulus has both a response and a prediction', ...gaps].join('; ') }
  const site = scoreSeen(folds)
  return gaps.length === 0 ? site : { ...site, note: [...(site.note === undefined ? [] : [site.note]), ...gaps].join('; ') }
}

const scoreSeen = (folds: readonly Moments[]): SiteScoring => {
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

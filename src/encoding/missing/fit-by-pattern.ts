import type { Matrix } from '../../domain/matrix.ts'
import type { DualFit } from '../dual-fit.ts'
import { missingPatterns, seenOf, sitesOf } from './patterns.ts'
import type { MissingPattern } from './patterns.ts'

/** What one pattern's sites are fitted on. */
export interface PatternTask {
  pattern: MissingPattern
  /** (stimulus x site of the pattern), finite on `train` */
  Y: Matrix
  train: Int32Array
}

export interface FitByPattern<F> extends DualFit {
  /** (test stimulus x site), of stimuli that a site did not see too; NaN for sites that saw too few training stimuli to be fitted */
  predictions: Matrix
  parts: { pattern: MissingPattern; fit: F }[]
}

/**
 * Fits sites that saw different stimuli: each pattern of missing stimuli on those of the training rows that its sites saw, with a
 * centring and a decomposition of its own (FORMULAS.md, Data), one after another. The whole is one mapping: stimuli that a site did not
 * see have dual coefficients of 0 for it. Sites that saw fewer than 2 training stimuli are left out, and those for which `fit` answers
 * null. Throws `choose-sites` for more than 50 patterns.
 */
export const fitByPattern = async <F extends DualFit & { predictions: Matrix }>(
  Y: Matrix,
  train: Int32Array,
  test: Int32Array,
  fit: (task: PatternTask) => Promise<F | null>,
): Promise<FitByPattern<F>> => {
  const m = Y.cols
  const place = new Map(Array.from(train, (row, i) => [row, i]))
  const dual: Matrix = { rows: train.length, cols: m, data: new Float64Array(train.length * m) }
  const predictions: Matrix = { rows: test.length, cols: m, data: new Float64Array(test.length * m).fill(NaN) }
  const bias = new Float64Array(m).fill(NaN)
  const parts: FitByPattern<F>['parts'] = []
  for (const pattern of missingPatterns(Y)) {
    const seen = seenOf(train, pattern)
    if (seen.length < 2) continue
    const part = await fit({ pattern, Y: sitesOf(Y, pattern), train: seen })
    if (part === null) continue
    part.rows.forEach((row, i) => scatter(part.dual, i, pattern, dual, place.get(row)!))
    test.forEach((_, i) => scatter(part.predictions, i, pattern, predictions, i))
    pattern.sites.forEach((site, j) => (bias[site] = part.bias[j]))
    parts.push({ pattern, fit: part })
  }
  return { dual, predictions, bias, rows: train, rank: Math.max(0, ...parts.map(({ fit }) => fit.rank)), parts }
}

/** One value per site from the patterns' own, NaN for sites without a fit. */
export const perSite = <F>(parts: readonly { pattern: MissingPattern; fit: F }[], sites: number, of: (fit: F) => ArrayLike<number>): Float64Array => {
  const out = new Float64Array(sites).fill(NaN)
  for (const { pattern, fit } of parts) pattern.sites.forEach((site, j) => (out[site] = of(fit)[j]))
  return out
}

/** Row i of a part, over the pattern's sites, into row k of the whole. */
const scatter = (part: Matrix, i: number, { sites }: MissingPattern, whole: Matrix, k: number): void =>
  sites.forEach((site, j) => {
    whole.data[k * whole.cols + site] = part.data[i * part.cols + j]
  })

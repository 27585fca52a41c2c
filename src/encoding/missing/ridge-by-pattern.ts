import type { Matrix } from '../../domain/matrix.ts'
import type { DualFit } from '../dual-fit.ts'
import { chooseAlphas } from '../ridge/choose-alphas.ts'
import type { AlphaChoice, Inner, RidgeProblem } from '../ridge/problem.ts'
import { fitRidgeAll, fitRidgeFold } from '../ridge/ridge.ts'
import type { RidgeFit, RidgeFold } from '../ridge/ridge.ts'
import type { Tools } from '../tools.ts'
import { centreSites } from '../training-system.ts'
import { fitByPattern, perSite } from './fit-by-pattern.ts'
import type { PatternTask } from './fit-by-pattern.ts'
import { missingPatterns, sawAll } from './patterns.ts'
import type { MissingPattern } from './patterns.ts'

/** Ridge where Y holds NaN for stimuli that a site did not see. */
export interface RidgeByPattern extends RidgeProblem {
  train: Int32Array
  test: Int32Array
  /** the inner division of any part of the training rows: of those that a pattern's sites saw; null where these are too few to be divided */
  innerOf: (train: Int32Array) => Inner | null
}

/**
 * fitRidgeFold for sites that saw different stimuli; the very same where all saw all. A shared penalty is chosen over the sites of all
 * patterns together. Sites that saw too few training stimuli have NaN predictions and penalties, and an alphaIndex of -1.
 */
export const fitRidgeFoldByPattern = async (problem: RidgeByPattern, tools: Tools, signal?: AbortSignal): Promise<RidgeFold> => {
  const { K, Y, train, test, innerOf } = problem
  if (sawAll(missingPatterns(Y), Y)) return fitRidgeFold({ ...problem, inner: wholeInner(innerOf(train)) }, tools, signal)
  const fitAt = (alphas: ArrayLike<number>) => async (task: PatternTask) => {
    const inner = innerOf(task.train)
    if (inner === null) return null
    const fit = await fitRidgeFold({ ...problem, K, Y: task.Y, alphas, train: task.train, test, inner }, tools, signal)
    return { ...fit, variances: centreSites(task.Y, task.train).variances }
  }
  const found = await fitByPattern(Y, train, test, fitAt(problem.alphas))
  const shared = problem.alphaPer === 'all' && problem.alphas.length > 1 && found.parts.length > 1 ? sharedAlpha(problem, found.parts) : null
  if (shared === null) return { ...mapping(found), ...mergeChoices(problem, found.parts) }
  const again = await fitByPattern(Y, train, test, fitAt([problem.alphas[shared]]))
  // The search's errors, and the scores and penalties of the shared choice.
  const searched = mergeChoices(problem, found.parts)
  const chosen = mergeChoices(problem, again.parts)
  return { ...mapping(again), ...chosen, alphaIndex: chosen.alphaIndex.map((a) => (a < 0 ? a : shared)), meanSquaredError: searched.meanSquaredError }
}

/** fitRidgeAll for sites that saw different stimuli, on `rows` (default: all of them). */
export const fitRidgeAllByPattern = async (problem: Omit<RidgeByPattern, 'train' | 'test'> & { rows?: Int32Array }, tools: Tools, signal?: AbortSignal): Promise<RidgeFit> => {
  const { Y, innerOf, rows = Int32Array.from({ length: Y.rows }, (_, i) => i) } = problem
  if (sawAll(missingPatterns(Y), Y)) return fitRidgeAll({ ...problem, rows, inner: wholeInner(innerOf(rows)) }, tools, signal)
  const { predictions: _, ...fit } = await fitRidgeFoldByPattern({ ...problem, train: rows, test: new Int32Array(0) }, tools, signal)
  return fit
}

/** Where all sites saw all stimuli, too few of them are for the caller to refuse before. */
const wholeInner = (inner: Inner | null): Inner => {
  if (inner === null) throw new Error('the training rows cannot be divided')
  return inner
}

const mapping = ({ dual, bias, rows, rank, predictions }: DualFit & { predictions: Matrix }): DualFit & { predictions: Matrix } => ({ dual, bias, rows, rank, predictions })

type Part = { pattern: MissingPattern; fit: AlphaChoice & { variances: Float64Array } }

const sharedAlpha = (problem: RidgeProblem, parts: readonly Part[]): number => {
  const cols = parts.reduce((sum, { pattern }) => sum + pattern.sites.length, 0)
  const rows = problem.alphas.length
  const data = new Float64Array(rows * cols)
  let from = 0
  for (const { fit } of parts) {
    const { cols: m, data: errors } = fit.meanSquaredError
    for (let a = 0; a < rows; a++) data.set(errors.subarray(a * m, (a + 1) * m), a * cols + from)
    from += m
  }
  return chooseAlphas(problem, { rows, cols, data }, Float64Array.from(parts.flatMap(({ fit }) => [...fit.variances])))[0]
}

const mergeChoices = ({ Y }: RidgeProblem, parts: readonly Part[]): AlphaChoice => {
  const m = Y.cols
  const values = (of: (choice: AlphaChoice) => ArrayLike<number>): Float64Array => perSite(parts, m, of)
  const rows = parts[0]?.fit.meanSquaredError.rows ?? 0
  const meanSquaredError: Matrix = { rows, cols: m, data: new Float64Array(rows * m) }
  for (let a = 0; a < rows; a++) meanSquaredError.data.set(values(({ meanSquaredError: { cols, data } }) => data.subarray(a * cols, (a + 1) * cols)), a * m)
  return {
    alphaIndex: Int32Array.from(values((choice) => choice.alphaIndex), (a) => (Number.isNaN(a) ? -1 : a)),
    alphas: values((choice) => choice.alphas),
    meanSquaredError,
    innerScores: { correlation: values(({ innerScores }) => innerScores.correlation), explainedVariance: values(({ innerScores }) => innerScores.explainedVariance) },
  }
}

import type { Matrix } from '../../domain/matrix.ts'
import { symmetrise } from '../../numerics/transpose.ts'
import { explainedVarianceOf, columnMoments, pearsonOf } from '../scores/moments.ts'
import type { Split } from '../splits/split.ts'
import type { Tools } from '../tools.ts'
import type { TrainingSystem } from '../training-system.ts'
import { chooseAlphas } from './choose-alphas.ts'
import { heldOutByIdentity, heldOutByRefit } from './held-out.ts'
import type { AlphaChoice, RidgeProblem } from './problem.ts'
import { scaledResiduals } from './shrinkage.ts'

/** Sums over inner folds, (alpha x site): squared error, r and EV, and in how many folds each of the latter is defined. */
interface Tally {
  mse: Float64Array
  r: Float64Array
  rFolds: Float64Array
  ev: Float64Array
  evFolds: Float64Array
}

/**
 * Chooses the penalty by cross-validation within one training set: least mean over inner folds of the held-out mean squared error, a tie
 * to the larger alpha. One eigendecomposition of the whole training set serves all inner folds and alphas; folds that the identity
 * cannot do in float64 are fitted again. Memory: one fold's block and one (site x row) matrix at a time.
 * `inner` holds indices into all stimuli, within the system's training rows.
 */
export const searchAlphas = async (
  problem: RidgeProblem,
  system: TrainingSystem,
  inner: readonly Split[],
  tools: Tools,
  signal?: AbortSignal,
): Promise<AlphaChoice> => {
  const { K, Y } = problem
  const m = Y.cols
  const alphas = absoluteAlphas(problem, system)
  const position = new Map(Array.from(system.centre.rows, (row, i) => [row, i]))
  const folds = inner.map(({ train, test }) => ({
    train,
    test,
    rows: Int32Array.from(test, (row) => position.get(row) ?? -1),
    responses: gather(Y, test),
    refit: [] as number[],
  }))
  if (folds.some(({ rows, train }) => rows.includes(-1) || train.some((row) => !position.has(row))))
    throw new Error('inner splits must lie within the training rows')
  const tally: Tally = { mse: empty(alphas, m), r: empty(alphas, m), rFolds: empty(alphas, m), ev: empty(alphas, m), evFolds: empty(alphas, m) }
  for (const [a, alpha] of alphas.entries()) {
    if (folds.length === 0) break
    const GY = await scaledResiduals(system, alpha, tools) // (site x training row)
    for (const fold of folds) {
      signal?.throwIfAborted()
      // The identity holds for a fit on all training rows but the fold's; splits that leave further rows out are fitted.
      const whole = fold.train.length + fold.test.length === position.size
      const residuals = whole ? await heldOutByIdentity(system, fold.rows, alpha, GY, tools) : null
      if (residuals === null) fold.refit.push(a)
      else addFold(tally, a, residuals, fold.responses)
    }
  }
  const again = folds.filter((fold) => fold.refit.length > 0)
  const source =
    again.length > 0 && problem.pca !== undefined ? await onComponents(problem, system, position, tools) : { K, Y, place: (rows: Int32Array) => rows }
  for (const fold of again) {
    signal?.throwIfAborted()
    const penalties = fold.refit.map((a) => alphas[a])
    const refitted = await heldOutByRefit(source.K, source.Y, source.place(fold.train), source.place(fold.test), penalties, tools)
    for (const [k, a] of fold.refit.entries()) addFold(tally, a, refitted[k], fold.responses)
  }
  const meanSquaredError: Matrix = { rows: alphas.length, cols: m, data: tally.mse.map((sum) => sum / folds.length) }
  const alphaIndex = chooseAlphas(problem, meanSquaredError, system.variances)
  const at = (sum: Float64Array, count: Float64Array): Float64Array => Float64Array.from(alphaIndex, (a, j) => sum[a * m + j] / count[a * m + j])
  return {
    alphaIndex,
    alphas: Float64Array.from(alphaIndex, (a) => alphas[a]),
    meanSquaredError,
    innerScores: { correlation: at(tally.r, tally.rFolds), explainedVariance: at(tally.ev, tally.evFolds) },
  }
}

/** The training rows' Gram matrix on their principal components alone, and where its rows are. */
const onComponents = async ({ Y }: RidgeProblem, { Q, values, centre }: TrainingSystem, position: Map<number, number>, { products }: Tools) => {
  const n = Q.rows
  const K = { rows: n, cols: n, data: new Float64Array(n * n) }
  await products.addGram(K.data, { ...Q, data: Q.data.map((x, index) => x * Math.sqrt(values[index % Q.cols])) })
  symmetrise(K.data, n)
  const part = { rows: n, cols: Y.cols, data: new Float64Array(n * Y.cols) }
  centre.rows.forEach((row, i) => part.data.set(Y.data.subarray(row * Y.cols, (row + 1) * Y.cols), i * Y.cols))
  return { K, Y: part, place: (rows: Int32Array) => rows.map((row) => position.get(row)!) }
}

/** The request's alphas as absolute penalties for one training set. Without any variance in the activations every penalty is the same. */
export const absoluteAlphas = ({ alphas, alphaUnits }: RidgeProblem, { scale }: Pick<TrainingSystem, 'scale'>): Float64Array =>
  Float64Array.from(alphas, (alpha) => (alphaUnits === 'relative' && scale > 0 ? alpha * scale : alpha))

const empty = (alphas: Float64Array, m: number): Float64Array => new Float64Array(alphas.length * m)

/** (site x row of fold) */
const gather = (Y: Matrix, rows: Int32Array): Matrix => {
  const data = new Float64Array(Y.cols * rows.length)
  for (let i = 0; i < rows.length; i++) for (let j = 0; j < Y.cols; j++) data[j * rows.length + i] = Y.data[rows[i] * Y.cols + j]
  return { rows: Y.cols, cols: rows.length, data }
}

const addFold = (tally: Tally, a: number, residuals: Matrix, responses: Matrix): void => {
  const [m, t] = [residuals.rows, residuals.cols]
  const all = Int32Array.from({ length: t }, (_, i) => i)
  for (let j = 0; j < m; j++) {
    const e = residuals.data.subarray(j * t, (j + 1) * t)
    const y = responses.data.subarray(j * t, (j + 1) * t)
    let squares = 0
    for (let i = 0; i < t; i++) squares += e[i] * e[i]
    tally.mse[a * m + j] += squares / t
    const moments = columnMoments(
      y.map((value, i) => value - e[i]),
      y,
      1,
      0,
      all,
    )
    const [r, ev] = [pearsonOf(moments), explainedVarianceOf(moments)]
    if (!Number.isNaN(r)) {
      tally.r[a * m + j] += r
      tally.rFolds[a * m + j]++
    }
    if (!Number.isNaN(ev)) {
      tally.ev[a * m + j] += ev
      tally.evFolds[a * m + j]++
    }
  }
}

import type { Matrix } from '../../domain/matrix.ts'
import { tooFew } from '../splits/split.ts'
import type { Split } from '../splits/split.ts'
import type { Tools } from '../tools.ts'
import type { Spectral } from '../training-system.ts'
import { heldOutByIdentity } from './held-out.ts'
import type { Refit } from './held-out.ts'
import { heldOutOneByOne, residualDiagonal } from './leave-one-out.ts'
import type { AlphaTable, Inner, Penalties } from './problem.ts'
import { scaledResiduals } from './shrinkage.ts'
import { createTally } from './tally.ts'

/** One training set and the ways to fit parts of it. */
export interface Search {
  system: Spectral
  /** responses of all stimuli, (stimulus x site) */
  Y: Matrix
  /** absolute penalties, ascending */
  alphas: Float64Array
  inner: Inner
  /** held-out residuals by a fit of its own, for what the identity cannot do in float64 */
  refit: Refit
  /** sees the held-out residuals, (site x row of fold), of inner fold `fold` at alpha number `a`; one by one, all rows are fold 0 */
  onHeldOut?: (a: number, fold: number, residuals: Matrix) => void
}

/**
 * Judges each penalty by cross-validation within one training set. One decomposition of the whole training set serves all inner folds
 * and alphas; folds that the identity cannot do in float64 are fitted again. Memory: one fold's block and one (site x row) matrix at
 * a time.
 */
export const searchAlphas = (search: Search, tools: Tools, signal?: AbortSignal): Promise<AlphaTable> =>
  typeof search.inner === 'string' ? searchOneByOne(search, search.inner, tools, signal) : searchFolds(search, search.inner, tools, signal)

const searchFolds = async (search: Search, inner: readonly Split[], tools: Tools, signal?: AbortSignal): Promise<AlphaTable> => {
  const { system, Y, alphas, refit, onHeldOut } = search
  const position = new Map(Array.from(system.centre.rows, (row, i) => [row, i]))
  const folds = inner.map(({ train, test }, index) => ({
    index,
    train,
    test,
    rows: Int32Array.from(test, (row) => position.get(row) ?? -1),
    responses: gather(Y, test),
    again: [] as number[],
  }))
  if (folds.some(({ rows, train }) => rows.includes(-1) || train.some((row) => !position.has(row))))
    throw new Error('inner splits must lie within the training rows')
  const tally = createTally(alphas, Y.cols)
  const add = (a: number, residuals: Matrix, { index, responses }: (typeof folds)[number]): void => {
    tally.addFold(a, residuals, responses)
    onHeldOut?.(a, index, residuals)
  }
  for (const [a, alpha] of alphas.entries()) {
    if (folds.length === 0) break
    const GY = await scaledResiduals(system, alpha, tools) // (site x training row)
    for (const fold of folds) {
      signal?.throwIfAborted()
      // The identity holds for a fit on all training rows but the fold's; splits that leave further rows out are fitted.
      const whole = fold.train.length + fold.test.length === position.size
      const residuals = whole ? await heldOutByIdentity(system, fold.rows, alpha, GY, tools) : null
      if (residuals === null) fold.again.push(a)
      else add(a, residuals, fold)
    }
  }
  for (const fold of folds) {
    if (fold.again.length === 0) continue
    signal?.throwIfAborted()
    const refitted = await refit(
      fold.train,
      fold.test,
      fold.again.map((a) => alphas[a]),
    )
    for (const [k, a] of fold.again.entries()) add(a, refitted[k], fold)
  }
  return tally.table(folds.length)
}

/** All left-out stimuli count as one fold: a single stimulus has neither r nor EV. */
const searchOneByOne = async (search: Search, criterion: 'loo' | 'gcv', tools: Tools, signal?: AbortSignal): Promise<AlphaTable> => {
  const { system, Y, alphas, refit, onHeldOut } = search
  const { rows } = system.centre
  if (rows.length < 2)
    throw tooFew('Leaving one stimulus out needs at least 2 training stimuli; there is one.', '/mapping/inner', 'at least 2 training stimuli', rows.length)
  const responses = gather(Y, rows)
  const tally = createTally(alphas, Y.cols)
  const estimate = new Float64Array(alphas.length * Y.cols)
  for (const [a, alpha] of alphas.entries()) {
    signal?.throwIfAborted()
    const GY = await scaledResiduals(system, alpha, tools)
    const residuals = await heldOutOneByOne(system, alpha, GY, refit)
    tally.addFold(a, residuals, responses)
    onHeldOut?.(a, 0, residuals)
    if (criterion === 'gcv') estimate.set(generalised(GY, residualDiagonal(system, alpha)), a * Y.cols)
  }
  const table = tally.table(1)
  return criterion === 'gcv' ? { ...table, meanSquaredError: { ...table.meanSquaredError, data: estimate } } : table
}

/** n·RSS / tr(I - H)² per site, from G Y = (I - H) Y / α and the diagonal of G. */
const generalised = ({ rows: m, cols: n, data }: Matrix, diagonal: Float64Array): Float64Array => {
  const trace = diagonal.reduce((a, b) => a + b, 0)
  return Float64Array.from({ length: m }, (_, j) => {
    let squares = 0
    for (let i = j * n; i < (j + 1) * n; i++) squares += data[i] * data[i]
    return (n * squares) / (trace * trace)
  })
}

/** The request's alphas as absolute penalties for one training set. Without any variance in the activations every penalty is the same. */
export const absoluteAlphas = ({ alphas, alphaUnits }: Penalties, { scale }: Pick<Spectral, 'scale'>): Float64Array =>
  Float64Array.from(alphas, (alpha) => (alphaUnits === 'relative' && scale > 0 ? alpha * scale : alpha))

/** (site x row of fold) */
const gather = (Y: Matrix, rows: Int32Array): Matrix => {
  const data = new Float64Array(Y.cols * rows.length)
  for (let i = 0; i < rows.length; i++) for (let j = 0; j < Y.cols; j++) data[j * rows.length + i] = Y.data[rows[i] * Y.cols + j]
  return { rows: Y.cols, cols: rows.length, data }
}

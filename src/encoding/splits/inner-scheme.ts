import { VentralError } from '../../domain/errors.ts'
import type { InnerFolds, SplitRequest } from '../../domain/fit.ts'
import type { Inner } from '../ridge/problem.ts'
import { makeInnerSplits, withinRows } from './make-splits.ts'
import type { SplitColumns } from './make-splits.ts'
import { isGrouped } from './split-scheme.ts'
import { tooFew } from './split.ts'
import type { Labels, Split } from './split.ts'
import { stratifiedKFold } from './stratified-k-fold.ts'

/** How any set of training rows is divided to choose penalties and layers: plain data, so that it is applied where the rows are known. */
export interface InnerScheme {
  /** the outer split, whose groups the inner folds keep whole too */
  request: SplitRequest
  /** folds of the training rows, or one of ridge's closed forms */
  by: InnerFolds | 'loo' | 'gcv'
  /** over all stimuli */
  columns: SplitColumns
  /** values of the column that stratified folds go by, over all stimuli */
  strata?: Labels
}

/** The scheme's division of these training rows, as indices into all stimuli. Throws `too-few-stimuli`. */
export const innerOf = ({ request, by, columns, strata }: InnerScheme, train: Int32Array): Inner => {
  if (typeof by === 'string') {
    if (train.length < 2) throw tooFew('Leaving one stimulus out needs at least 2 training stimuli.', '/mapping/inner', 'at least 2 training stimuli', train.length)
    return by
  }
  // Where whole groups are held out, strata that spread each of them over all folds would undo it.
  if (by.stratified === undefined || isGrouped(request)) return makeInnerSplits(request, by.folds, train, columns)
  return stratified(by.folds, by.stratified.seed, strata!, train)
}

const stratified = (folds: number, seed: number, strata: Labels, train: Int32Array): Split[] => {
  const labels = Array.from(train, (row) => strata[row])
  const counts = new Map<string | number, number>()
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1)
  const largest = Math.max(0, ...counts.values())
  if (largest < folds)
    throw tooFew(`${folds} stratified inner folds need a class of at least ${folds} training stimuli; the largest has ${largest}.`, '/mapping/inner/folds', `at most ${largest}`, folds)
  return withinRows(stratifiedKFold(labels, { folds, shuffle: true, seed }), train)
}

/** The same for methods that have no closed form. */
export const innerSplitsOf = (scheme: InnerScheme, train: Int32Array): readonly Split[] => {
  const inner = innerOf(scheme, train)
  if (typeof inner === 'string') throw new Error(`${inner} is a closed form of ridge`)
  return inner
}

/** The same; null where so few rows cannot be divided. */
export const innerIfEnough = (scheme: InnerScheme, train: Int32Array): Inner | null => {
  try {
    return innerOf(scheme, train)
  } catch (error) {
    if (error instanceof VentralError && error.code === 'too-few-stimuli') return null
    throw error
  }
}

import { VentralError } from '../../domain/errors.ts'
import type { SplitRequest } from '../../domain/fit.ts'
import { givenSplit } from './given.ts'
import { groupKFold, leaveOneGroupOut } from './group-k-fold.ts'
import { kFold } from './k-fold.ts'
import { groupShuffleSplit, shuffleSplit } from './shuffle-split.ts'
import type { Labels, Split } from './split.ts'
import { tooFew } from './split.ts'
import { isGrouped } from './split-scheme.ts'
import { stratifiedKFold } from './stratified-k-fold.ts'
import { stratifiedShuffleSplit } from './stratified-shuffle-split.ts'
import { uniqueByAppearance } from './unique.ts'

export { splitName } from './split-scheme.ts'

/** What splits may rest on besides the number of stimuli. */
export interface SplitColumns {
  /** values of the metadata column that the request names */
  by?: Labels
  /** number of the duplicate group of each stimulus; omitted where duplicates need not stay together */
  together?: ArrayLike<number>
}

const pick = <T>(values: ArrayLike<T>, rows: Int32Array): T[] => Array.from(rows, (row) => values[row])

/**
 * The outer splits of a request over n stimuli, index for index scikit-learn's. Near-duplicates stay in one part: exactly where the
 * scheme divides single stimuli, and not at all in grouped and given splits, whose groups are the user's. Throws `too-few-stimuli` for
 * what cannot be had.
 */
export const makeSplits = (request: SplitRequest, n: number, { by, together }: SplitColumns = {}): Split[] => {
  const column = (): Labels => checkColumn(by, n, 'by' in request ? request.by : '')
  switch (request.scheme) {
    case 'kfold':
      return kFold(n, request, together)
    case 'stratifiedkfold':
      return overUnits(n, together, (firsts) => stratifiedKFold(pick(column(), firsts), request))
    case 'shufflesplit':
      return overUnits(n, together, (firsts) => shuffleSplit(firsts.length, request))
    case 'stratifiedshufflesplit':
      return overUnits(n, together, (firsts) => stratifiedShuffleSplit(pick(column(), firsts), request))
    case 'groupkfold':
      return groupKFold(column(), request.folds)
    case 'groupshufflesplit':
      return groupShuffleSplit(column(), request)
    case 'leaveonegroupout':
      return leaveOneGroupOut(column())
    case 'given':
      return [givenSplit(column(), request.by)]
  }
}

/**
 * Inner splits of one training set, as indices into all stimuli: unshuffled folds of the training rows, grouped as the outer splits
 * are. Under leave-one-group-out each remaining group is left out in turn, and `folds` counts only for the other schemes.
 */
export const makeInnerSplits = (request: SplitRequest, folds: number, train: Int32Array, { by, together }: SplitColumns = {}): Split[] =>
  withinRows(innerSplits(request, folds, train, by, together), train)

/** Splits of a part of the stimuli, whose indices count its rows, as indices into all stimuli. */
export const withinRows = (splits: readonly Split[], rows: Int32Array): Split[] =>
  splits.map(({ train, test }) => ({ train: train.map((i) => rows[i]), test: test.map((i) => rows[i]) }))

const innerSplits = (request: SplitRequest, folds: number, train: Int32Array, by?: Labels, together?: ArrayLike<number>): Split[] => {
  if (!isGrouped(request)) {
    const units = together === undefined ? undefined : pick(together, train)
    const count = units === undefined ? train.length : new Set(units).size
    if (count < folds)
      throw tooFew(
        `${folds} inner folds need at least ${folds} training stimuli${count < train.length ? ' that are no duplicates of each other' : ''}; a fold has ${count}. Ask for fewer inner folds.`,
        '/mapping/inner/folds',
        `at most ${count}`,
        folds,
      )
    return kFold(train.length, { folds, shuffle: false }, units)
  }
  const groups = pick(checkColumn(by, by?.length ?? 0, request.by), train)
  const count = new Set(groups).size
  if (count < 2) throw tooFew('Grouped inner folds need at least 2 groups in each training set; there is one.', '/split/by', 'at least 3 groups', count + 1)
  return request.scheme === 'leaveonegroupout' ? leaveOneGroupOut(groups) : groupKFold(groups, Math.min(folds, count))
}

/**
 * Splits units of near-duplicates instead of stimuli: `split` divides the first members, whose rows it is given, and the others follow.
 * Without duplicates every stimulus is a unit.
 */
const overUnits = (n: number, together: ArrayLike<number> | undefined, split: (firsts: Int32Array) => Split[]): Split[] => {
  const unitOf = together === undefined ? Int32Array.from({ length: n }, (_, i) => i) : uniqueByAppearance(together).inverse
  const members: number[][] = []
  unitOf.forEach((unit, i) => (members[unit] ??= []).push(i))
  const firsts = Int32Array.from(members, ([first]) => first)
  const expand = (units: Int32Array): Int32Array => Int32Array.from(Array.from(units).flatMap((unit) => members[unit]))
  return split(firsts).map(({ train, test }) => ({ train: expand(train), test: expand(test) }))
}

const checkColumn = (by: Labels | undefined, n: number, name: string): Labels => {
  if (by !== undefined && by.length === n) return by
  throw new VentralError('missing-field', `The split needs the metadata column "${name}" with a value for each of the ${n} stimuli.`, [
    { pointer: '/split/by', expected: `${n} values`, found: String(by?.length ?? 0) },
  ])
}

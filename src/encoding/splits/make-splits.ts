import { VentralError } from '../../domain/errors.ts'
import type { SplitRequest } from '../../domain/fit.ts'
import { groupKFold, leaveOneGroupOut } from './group-k-fold.ts'
import { kFold } from './k-fold.ts'
import type { Labels, Split } from './split.ts'
import { tooFew } from './split.ts'

/** What splits may rest on besides the number of stimuli. */
export interface SplitColumns {
  /** values of the metadata column that the request names */
  by?: Labels
  /** number of the duplicate group of each stimulus; omitted where duplicates need not stay together */
  together?: ArrayLike<number>
}

const pick = <T>(values: ArrayLike<T>, rows: Int32Array): T[] => Array.from(rows, (row) => values[row])

/** The outer splits of a request over n stimuli, index for index scikit-learn's. Throws `too-few-stimuli` for what cannot be had. */
export const makeSplits = (request: SplitRequest, n: number, { by, together }: SplitColumns = {}): Split[] => {
  if (request.scheme === 'kfold') return kFold(n, request, together)
  const groups = checkColumn(by, n, request.by)
  return request.scheme === 'groupkfold' ? groupKFold(groups, request.folds) : leaveOneGroupOut(groups)
}

/**
 * Inner splits of one training set, as indices into all stimuli: unshuffled folds of the training rows, grouped as the outer splits
 * are. Under leave-one-group-out each remaining group is left out in turn, and `folds` counts only for the other schemes.
 */
export const makeInnerSplits = (request: SplitRequest, folds: number, train: Int32Array, { by, together }: SplitColumns = {}): Split[] => {
  const inner = innerSplits(request, folds, train, by, together)
  return inner.map((split) => ({ train: split.train.map((i) => train[i]), test: split.test.map((i) => train[i]) }))
}

const innerSplits = (request: SplitRequest, folds: number, train: Int32Array, by?: Labels, together?: ArrayLike<number>): Split[] => {
  if (request.scheme === 'kfold') {
    if (train.length < folds)
      throw tooFew(
        `${folds} inner folds need at least ${folds} training stimuli; a fold has ${train.length}. Ask for fewer inner folds.`,
        '/mapping/inner/folds',
        `at most ${train.length}`,
        folds,
      )
    return kFold(train.length, { folds, shuffle: false }, together === undefined ? undefined : pick(together, train))
  }
  const groups = pick(checkColumn(by, by?.length ?? 0, request.by), train)
  const count = new Set(groups).size
  if (count < 2) throw tooFew('Grouped inner folds need at least 2 groups in each training set; there is one.', '/split/by', 'at least 3 groups', count + 1)
  return request.scheme === 'groupkfold' ? groupKFold(groups, Math.min(folds, count)) : leaveOneGroupOut(groups)
}

const checkColumn = (by: Labels | undefined, n: number, name: string): Labels => {
  if (by !== undefined && by.length === n) return by
  throw new VentralError('missing-field', `The split needs the metadata column "${name}" with a value for each of the ${n} stimuli.`, [
    { pointer: '/split/by', expected: `${n} values`, found: String(by?.length ?? 0) },
  ])
}

/** A short name for a split in headlines and reports. */
export const splitName = (request: SplitRequest): string => {
  if (request.scheme === 'leaveonegroupout') return `leave one ${request.by} out`
  if (request.scheme === 'groupkfold') return `GroupKFold(${request.folds}) by ${request.by}`
  return `KFold(${request.folds}${request.shuffle ? `, shuffled, seed ${request.seed}` : ''})`
}

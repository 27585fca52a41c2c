import { VentralError } from '../../domain/errors.ts'
import type { InnerFolds, SplitRequest } from '../../domain/fit.ts'
import type { Inner } from '../ridge/problem.ts'
import { makeInnerSplits } from './make-splits.ts'
import type { SplitColumns } from './make-splits.ts'
import type { Split } from './split.ts'

/** How any set of training rows is divided to choose penalties and layers: plain data, so that it is applied where the rows are known. */
export interface InnerScheme {
  /** the outer split, whose groups the inner folds keep whole too */
  request: SplitRequest
  /** folds of the training rows, or one of ridge's closed forms */
  by: InnerFolds | 'loo' | 'gcv'
  /** over all stimuli */
  columns: SplitColumns
}

/** The scheme's division of these training rows, as indices into all stimuli. Throws `too-few-stimuli`. */
export const innerOf = ({ request, by, columns }: InnerScheme, train: Int32Array): Inner =>
  typeof by === 'string' ? by : makeInnerSplits(request, by.folds, train, columns)

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

import { createRandomState } from '../../numerics/random/mt19937.ts'
import type { KFoldOptions } from './k-fold.ts'
import { checkFolds, splitsByFold, tooFew } from './split.ts'
import type { Labels, Split } from './split.ts'
import { uniqueByAppearance } from './unique.ts'

/**
 * StratifiedKFold, equal to scikit-learn's for the same seed: each fold takes of each class what every folds-th element of the sorted
 * classes would be. Throws `too-few-stimuli` when no class has as many members as there are folds.
 */
export const stratifiedKFold = (labels: Labels, { folds, shuffle, seed = 0 }: KFoldOptions): Split[] => {
  checkFolds(folds)
  const { inverse, counts } = uniqueByAppearance(labels)
  const largest = Math.max(0, ...counts)
  if (largest < folds)
    throw tooFew(
      `${folds} stratified folds need a class of at least ${folds} stimuli; the largest has ${largest}.`,
      '/split/folds',
      `at most ${largest}`,
      folds,
    )
  const allocation = Array.from({ length: folds }, () => new Int32Array(counts.length)) // (fold x class)
  Int32Array.from(inverse)
    .sort()
    .forEach((label, i) => allocation[i % folds][label]++)
  const random = shuffle ? createRandomState(seed) : null
  const foldOf = new Int32Array(labels.length)
  for (let k = 0; k < counts.length; k++) {
    const foldsOfClass = Int32Array.from(allocation.flatMap((row, fold) => new Array<number>(row[k]).fill(fold)))
    random?.shuffle(foldsOfClass)
    let next = 0
    for (let i = 0; i < inverse.length; i++) if (inverse[i] === k) foldOf[i] = foldsOfClass[next++]
  }
  return splitsByFold(foldOf, folds)
}

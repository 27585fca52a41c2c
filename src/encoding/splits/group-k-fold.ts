import { numpyArgsort } from './numpy-argsort.ts'
import { checkFolds, splitsByFold, tooFew } from './split.ts'
import type { Labels, Split } from './split.ts'
import { uniqueSorted } from './unique.ts'

/** GroupKFold, equal to scikit-learn's: the largest group first, each to the lightest fold. Throws `too-few-stimuli` with fewer groups than folds. */
export const groupKFold = (groups: Labels, folds: number): Split[] => {
  checkFolds(folds)
  const { inverse, counts } = uniqueSorted(groups)
  if (counts.length < folds)
    throw tooFew(
      `${folds} grouped folds need at least ${folds} groups; there are ${counts.length}. Ask for fewer folds.`,
      '/split/folds',
      `at most ${counts.length}`,
      folds,
    )
  const weight = new Float64Array(folds)
  const foldOfGroup = new Int32Array(counts.length)
  for (const group of numpyArgsort(counts).reverse()) {
    const lightest = weight.indexOf(Math.min(...weight))
    weight[lightest] += counts[group]
    foldOfGroup[group] = lightest
  }
  return splitsByFold(
    inverse.map((group) => foldOfGroup[group]),
    folds,
  )
}

/** LeaveOneGroupOut: one split per group, groups in ascending order. Throws `too-few-stimuli` with a single group. */
export const leaveOneGroupOut = (groups: Labels): Split[] => {
  const { inverse, counts } = uniqueSorted(groups)
  if (counts.length < 2)
    throw tooFew('Leaving one group out needs at least 2 groups; there is only one.', '/split/by', 'a column with at least 2 values', counts.length)
  return splitsByFold(inverse, counts.length)
}

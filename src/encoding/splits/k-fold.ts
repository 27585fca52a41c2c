import { createRandomState } from '../../numerics/random/mt19937.ts'
import { checkFolds, splitsByFold, tooFew } from './split.ts'
import type { Split } from './split.ts'
import { uniqueByAppearance } from './unique.ts'

export interface KFoldOptions {
  folds: number
  shuffle: boolean
  /** used only when shuffling */
  seed?: number
}

/**
 * KFold, equal to scikit-learn's for the same seed. `together` numbers the groups of near-duplicate stimuli that must stay in one
 * fold: groups then take the places that single stimuli would have, and fill the folds up to the same cumulative sizes; without any
 * duplicates that is plain KFold. Throws `too-few-stimuli` when there are more folds than groups.
 */
export const kFold = (n: number, { folds, shuffle, seed = 0 }: KFoldOptions, together?: ArrayLike<number>): Split[] => {
  checkFolds(folds)
  const units = together === undefined ? null : uniqueByAppearance(together)
  const count = units?.values.length ?? n
  if (count < folds)
    throw tooFew(
      `${folds} folds need at least ${folds} stimuli${count < n ? ' that are no duplicates of each other' : ''}; there are ${count}. Ask for fewer folds.`,
      '/split/folds',
      `at most ${count}`,
      folds,
    )
  const order = Int32Array.from({ length: count }, (_, i) => i)
  if (shuffle) createRandomState(seed).shuffle(order)
  const foldOfUnit = new Int32Array(count)
  let [fold, end, filled, left] = [0, foldSize(n, folds, 0), 0, count]
  for (const unit of order) {
    // A fold is closed when it is full, or early when the units left are just enough to give each later fold one.
    while (fold < folds - 1 && (filled >= end || left < folds - fold)) end += foldSize(n, folds, ++fold)
    foldOfUnit[unit] = fold
    filled += units === null ? 1 : units.counts[unit]
    left--
  }
  return splitsByFold(units === null ? foldOfUnit : units.inverse.map((unit) => foldOfUnit[unit]), folds)
}

/** The first n mod folds folds have one stimulus more. */
const foldSize = (n: number, folds: number, fold: number): number => Math.floor(n / folds) + (fold < n % folds ? 1 : 0)

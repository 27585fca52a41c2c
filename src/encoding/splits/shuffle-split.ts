import { VentralError } from '../../domain/errors.ts'
import { createRandomState } from '../../numerics/random/mt19937.ts'
import { tooFew } from './split.ts'
import type { Labels, Split } from './split.ts'
import { uniqueSorted } from './unique.ts'

/** Shares of the stimuli (over 0, under 1) in each part; with one given the other takes the rest, with none the test part takes a tenth. */
export interface ShuffleOptions {
  splits: number
  seed: number
  trainSize?: number
  testSize?: number
}

/** Sizes of the two parts as scikit-learn rounds them: the test part up, the training part down. */
export const partSizes = (n: number, { trainSize, testSize }: ShuffleOptions): { train: number; test: number } => {
  for (const [name, share] of Object.entries({ trainSize, testSize }))
    if (share !== undefined && !(share > 0 && share < 1))
      throw new VentralError('invalid-value', `${name} must be a share between 0 and 1, not ${share}.`, [
        { pointer: `/split/${name}`, expected: 'over 0 and under 1', found: String(share) },
      ])
  const share = testSize ?? (trainSize === undefined ? 0.1 : undefined)
  const train = trainSize === undefined ? n - Math.ceil(share! * n) : Math.floor(trainSize * n)
  const test = share === undefined ? n - train : Math.ceil(share * n)
  if (train + test > n)
    throw new VentralError('invalid-value', `trainSize and testSize together must not exceed 1; they ask for ${train + test} of ${n}.`, [
      { pointer: '/split/testSize', expected: `at most ${n - train} of ${n}`, found: String(test) },
    ])
  if (train < 1 || test < 1)
    throw tooFew(
      `${n} are too few for a training part of ${train} and a test part of ${test}.`,
      '/split/testSize',
      'at least 1 in each part',
      Math.min(train, test),
    )
  return { train, test }
}

/** ShuffleSplit, equal to scikit-learn's for the same seed; the indices keep the order in which they were drawn. */
export const shuffleSplit = (n: number, options: ShuffleOptions): Split[] => {
  const size = partSizes(n, options)
  const random = createRandomState(options.seed)
  return Array.from({ length: options.splits }, () => {
    const order = random.permutation(n)
    return { test: order.slice(0, size.test), train: order.slice(size.test, size.test + size.train) }
  })
}

/** GroupShuffleSplit, equal to scikit-learn's: ShuffleSplit over the groups (shares of groups, a fifth for the test by default); ascending indices. */
export const groupShuffleSplit = (groups: Labels, options: ShuffleOptions): Split[] => {
  const { inverse, counts } = uniqueSorted(groups)
  const shares = { ...options, testSize: options.testSize ?? (options.trainSize === undefined ? 0.2 : undefined) }
  const rows = (chosen: Int32Array): Int32Array => {
    const inside = new Set(chosen)
    return Int32Array.from(inverse.keys()).filter((i) => inside.has(inverse[i]))
  }
  return shuffleSplit(counts.length, shares).map((split) => ({ train: rows(split.train), test: rows(split.test) }))
}

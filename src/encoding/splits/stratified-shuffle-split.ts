import { createRandomState } from '../../numerics/random/mt19937.ts'
import { partSizes } from './shuffle-split.ts'
import type { ShuffleOptions } from './shuffle-split.ts'
import { tooFew } from './split.ts'
import type { Labels, Split } from './split.ts'
import { uniqueSorted } from './unique.ts'

type RandomState = ReturnType<typeof createRandomState>

/** How many of `draws` fall to each class, as near to its share as whole numbers can be; ties are drawn (scikit-learn's _approximate_mode). */
export const approximateMode = (counts: ArrayLike<number>, draws: number, random: RandomState): Int32Array => {
  let total = 0
  for (let k = 0; k < counts.length; k++) total += counts[k]
  const exact = Float64Array.from(counts, (count) => (count / total) * draws)
  const out = Int32Array.from(exact, Math.floor)
  let need = draws - out.reduce((a, b) => a + b, 0)
  const remainder = exact.map((x, k) => x - out[k])
  for (const value of [...new Set(remainder)].sort((a, b) => b - a)) {
    if (need <= 0) break
    const tied = [...remainder.keys()].filter((k) => remainder[k] === value)
    // choice(replace=False) permutes the whole array even when all are taken: the draws must be spent to stay on the stream.
    const order = random.permutation(tied.length)
    const take = Math.min(tied.length, need)
    for (let i = 0; i < take; i++) out[tied[order[i]]]++
    need -= take
  }
  return out
}

/**
 * StratifiedShuffleSplit, equal to scikit-learn's for the same seed; indices in drawn order. Throws `too-few-stimuli` naming the
 * classes with fewer than 2 members, or when a part is smaller than the number of classes.
 */
export const stratifiedShuffleSplit = (labels: Labels, options: ShuffleOptions): Split[] => {
  const { values, inverse, counts } = uniqueSorted(labels)
  const size = partSizes(labels.length, options)
  const single = values.filter((_, k) => counts[k] < 2)
  if (single.length > 0)
    throw tooFew(
      `Each class needs at least 2 stimuli; ${single.slice(0, 5).join(', ')}${single.length > 5 ? ' …' : ''} has one.`,
      '/split/by',
      'at least 2 stimuli in each class',
      single.length,
    )
  for (const [part, count] of Object.entries(size))
    if (count < values.length)
      throw tooFew(`The ${part} part of ${count} stimuli cannot hold one of each of ${values.length} classes.`, '/split', `at least ${values.length}`, count)
  const members: Int32Array[] = values.map((_, k) => Int32Array.from(inverse.keys()).filter((i) => inverse[i] === k))
  const random = createRandomState(options.seed)
  return Array.from({ length: options.splits }, () => {
    const inTrain = approximateMode(counts, size.train, random)
    const inTest = approximateMode(
      counts.map((count, k) => count - inTrain[k]),
      size.test,
      random,
    )
    const [train, test]: number[][] = [[], []]
    for (let k = 0; k < values.length; k++) {
      const order = random.permutation(counts[k])
      for (let i = 0; i < inTrain[k]; i++) train.push(members[k][order[i]])
      for (let i = inTrain[k]; i < inTrain[k] + inTest[k]; i++) test.push(members[k][order[i]])
    }
    const split = { train: Int32Array.from(train), test: Int32Array.from(test) }
    random.shuffle(split.train)
    random.shuffle(split.test)
    return split
  })
}

import type { Accuracies, Accuracy } from '../../domain/classification.ts'
import { wilsonInterval } from './wilson.ts'

/** Classes above which the best five say anything. */
const FIVE = 5

/**
 * How many classes come before the true one: 0 is right at once. Of equal scores the class of the lower number comes first, so that
 * a classifier that tells nothing apart gains nothing by it.
 */
export const rankOfClass = (scores: Float32Array | Float64Array, label: number): number => {
  const own = scores[label]
  let rank = 0
  for (let k = 0; k < scores.length; k++) if (scores[k] > own || (scores[k] === own && k < label)) rank++
  return rank
}

const accuracyOf = (correct: number, images: number): Accuracy => ({ value: correct / images, interval: wilsonInterval(correct, images), correct, images })

/** Accuracies of ranks (`rankOfClass`), each of an image of the class `labels[i]`; there must be one at least. */
export const accuraciesOf = (ranks: ArrayLike<number>, labels: Int32Array, names: readonly string[], { perClass = false } = {}): Accuracies => {
  const [counts, firsts, fives] = [new Int32Array(names.length), new Int32Array(names.length), new Int32Array(names.length)]
  for (let i = 0; i < labels.length; i++) {
    const k = labels[i]
    counts[k]++
    if (ranks[i] === 0) firsts[k]++
    if (ranks[i] < FIVE) fives[k]++
  }
  const sum = (values: Int32Array): number => values.reduce((a, b) => a + b, 0)
  const tellsFive = names.length > FIVE
  return {
    images: labels.length,
    classes: names.length,
    top1: accuracyOf(sum(firsts), labels.length),
    top5: tellsFive ? accuracyOf(sum(fives), labels.length) : null,
    top5Reason: tellsFive ? null : `there are ${names.length} classes: the best ${FIVE} always hold the true one`,
    ...(perClass && {
      perClass: names.flatMap((label, k) => (counts[k] === 0 ? [] : [{ label, images: counts[k], top1: firsts[k] / counts[k], top5: tellsFive ? fives[k] / counts[k] : null }])),
    }),
  }
}

/** Shares of ranks under 1 and 5; the second null where there are no more than 5 classes. */
export const topShares = (ranks: ArrayLike<number>, classes: number): { top1: number; top5: number | null } => {
  const share = (below: number): number => Array.from(ranks).filter((rank) => rank < below).length / ranks.length
  return { top1: share(1), top5: classes > FIVE ? share(FIVE) : null }
}

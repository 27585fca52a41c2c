import { drawWeights } from '../bootstrap.ts'
import type { Comparison } from './compare.ts'
import { runsOf } from './ranks.ts'
import type { Runs } from './ranks.ts'
import { eachPair } from './rdm.ts'
import type { Rdm } from './rdm.ts'

export interface RdmBootstrapOptions {
  draws: number
  seed: number
}

interface Sorted extends Omit<Runs, 'sorted'> {
  /** places of the values in ascending order */
  order: Uint32Array
}

const sortPairs = (values: Float64Array): Sorted => {
  const { starts, run } = runsOf(values)
  const next = starts.slice()
  const order = new Uint32Array(values.length)
  run.forEach((of, k) => (order[next[of]++] = k))
  return { order, starts, run }
}

/** Mean ranks of weighted values, as if each stood there as often as its weight says; into `ranks`. */
const weightedRanks = ({ order, starts }: Sorted, weights: Float64Array, ranks: Float64Array): void => {
  let before = 0
  for (let g = 0; g + 1 < starts.length; g++) {
    let weight = 0
    for (let at = starts[g]; at < starts[g + 1]; at++) weight += weights[order[at]]
    const rank = before + (weight + 1) / 2
    for (let at = starts[g]; at < starts[g + 1]; at++) ranks[order[at]] = rank
    before += weight
  }
}

const weightedPearson = (x: Float64Array, y: Float64Array, w: Float64Array): number => {
  let [total, sumX, sumY] = [0, 0, 0]
  for (let k = 0; k < w.length; k++) {
    total += w[k]
    sumX += w[k] * x[k]
    sumY += w[k] * y[k]
  }
  const [meanX, meanY] = [sumX / total, sumY / total]
  let [xx, yy, xy] = [0, 0, 0]
  for (let k = 0; k < w.length; k++) {
    if (w[k] === 0) continue
    const [a, b] = [x[k] - meanX, y[k] - meanY]
    xx += w[k] * a * a
    yy += w[k] * b * b
    xy += w[k] * a * b
  }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : NaN
}

/** Kendall's τ-a of weighted pairs, by sums over a tree of the second's ranks: N log N. Copies of one pair are tied with each other. */
const weightedTau = (x: Sorted, y: Sorted, w: Float64Array): number => {
  const size = y.starts.length - 1
  const tree = new Float64Array(size + 1)
  const add = (run: number, weight: number): void => {
    for (let at = run + 1; at <= size; at += at & -at) tree[at] += weight
  }
  const upTo = (run: number): number => {
    let sum = 0
    for (let at = run + 1; at > 0; at -= at & -at) sum += tree[at]
    return sum
  }
  let [total, concordant] = [0, 0]
  for (let g = 0; g + 1 < x.starts.length; g++) {
    const [from, to] = [x.starts[g], x.starts[g + 1]]
    for (let at = from; at < to; at++) {
      const k = x.order[at]
      if (w[k] > 0) concordant += w[k] * (upTo(y.run[k] - 1) - (total - upTo(y.run[k])))
    }
    for (let at = from; at < to; at++) {
      const k = x.order[at]
      if (w[k] === 0) continue
      add(y.run[k], w[k])
      total += w[k]
    }
  }
  return total > 1 ? concordant / ((total * (total - 1)) / 2) : NaN
}

/**
 * Bootstrap of a comparison over the rows of two RDMs, a value per draw: rows are drawn with replacement, a pair of different rows counts as
 * often as both were drawn together, and a pair of a row with itself is left out, since its distance of 0 is known beforehand (Nili et
 * al. 2014). NaN where a draw leaves the comparison undefined. The same seed gives the same draws, so that differences are paired.
 */
export const bootstrapComparison = (a: Rdm, b: Rdm, comparison: Comparison, { draws, seed }: RdmBootstrapOptions): Float64Array => {
  if (a.n !== b.n) throw new Error(`RDMs of ${a.n} and ${b.n} rows cannot be compared`)
  const { n } = a
  const times = drawWeights(n, { draws, seed })
  const kept: number[] = []
  const [rowOf, columnOf]: [number[], number[]] = [[], []]
  eachPair(n, (i, j, place) => {
    if (Number.isNaN(a.values[place]) || Number.isNaN(b.values[place])) return
    kept.push(place)
    rowOf.push(i)
    columnOf.push(j)
  })
  const [x, y] = [a, b].map(({ values }) => Float64Array.from(kept, (place) => values[place]))
  const [sortedX, sortedY] = comparison === 'pearson' ? [null, null] : [sortPairs(x), sortPairs(y)]
  const [rows, columns] = [Uint32Array.from(rowOf), Uint32Array.from(columnOf)]
  const [w, ranksX, ranksY] = [new Float64Array(x.length), new Float64Array(x.length), new Float64Array(x.length)]
  return Float64Array.from({ length: draws }, (_, draw) => {
    for (let k = 0; k < w.length; k++) w[k] = times[draw * n + rows[k]] * times[draw * n + columns[k]]
    if (sortedX === null || sortedY === null) return weightedPearson(x, y, w)
    if (comparison === 'kendall') return weightedTau(sortedX, sortedY, w)
    weightedRanks(sortedX, w, ranksX)
    weightedRanks(sortedY, w, ranksY)
    return weightedPearson(ranksX, ranksY, w)
  })
}

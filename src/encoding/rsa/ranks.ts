/** Values in ascending order, in runs of equal ones. */
export interface Runs {
  sorted: Float64Array
  /** where each run starts; the end of the last one follows */
  starts: Uint32Array
  /** run of each value */
  run: Uint32Array
}

/** Sorts values and finds the run of each. NaN is not allowed. */
export const runsOf = (values: Float64Array): Runs => {
  const n = values.length
  const sorted = values.slice().sort()
  const starts = new Uint32Array(n + 1)
  const runAt = new Uint32Array(n) // of each place in order
  let count = 0
  for (let at = 0; at < n; at++) {
    if (at === 0 || sorted[at] !== sorted[at - 1]) starts[count++] = at
    runAt[at] = count - 1
  }
  starts[count] = n
  const run = new Uint32Array(n)
  for (let k = 0; k < n; k++) run[k] = runAt[firstAtLeast(sorted, values[k])]
  return { sorted, starts: starts.slice(0, count + 1), run }
}

/** Ranks from 1, the mean rank among ties. NaN is not allowed: leave such values out first. */
export const averageRanks = (values: Float64Array): Float64Array => {
  const { starts, run } = runsOf(values)
  return values.map((_, k) => (starts[run[k]] + starts[run[k] + 1] + 1) / 2)
}

// Written out: an RDM of 2,560 stimuli has three million pairs.
const firstAtLeast = (sorted: Float64Array, value: number): number => {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle] >= value) high = middle
    else low = middle + 1
  }
  return low
}

/**
 * Kendall's τ-a: (concordant - discordant pairs) / all pairs, ties in neither, so that a prediction of ties gains nothing. By counting
 * the exchanges of a merge sort (Knight 1966): N log N for N values.
 */
export const kendallTauA = (a: Float64Array, b: Float64Array): number => {
  const n = a.length
  const pairs = (n * (n - 1)) / 2
  const order = Uint32Array.from({ length: n }, (_, i) => i).sort((i, k) => a[i] - a[k] || b[i] - b[k])
  const first = Float64Array.from(order, (i) => a[i])
  const second = Float64Array.from(order, (i) => b[i])
  const tiedFirst = tiedPairs(n, (i) => first[i] === first[i - 1])
  const tiedBoth = tiedPairs(n, (i) => first[i] === first[i - 1] && second[i] === second[i - 1])
  const discordant = exchanges(second) // `second` comes out sorted
  const tiedSecond = tiedPairs(n, (i) => second[i] === second[i - 1])
  const concordant = pairs - tiedFirst - tiedSecond + tiedBoth - discordant
  return (concordant - discordant) / pairs
}

const tiedPairs = (n: number, sameAsBefore: (i: number) => boolean): number => {
  let [pairs, run] = [0, 0]
  for (let i = 1; i < n; i++) {
    run = sameAsBefore(i) ? run + 1 : 0
    pairs += run
  }
  return pairs
}

/** Pairs in descending order, counted while sorting in place. */
const exchanges = (values: Float64Array): number => {
  const n = values.length
  const merged = new Float64Array(n)
  let count = 0
  for (let width = 1; width < n; width *= 2) {
    for (let from = 0; from < n; from += 2 * width) {
      const [middle, to] = [Math.min(from + width, n), Math.min(from + 2 * width, n)]
      let [i, k] = [from, middle]
      for (let out = from; out < to; out++) {
        if (k === to || (i < middle && values[i] <= values[k])) merged[out] = values[i++]
        else {
          merged[out] = values[k++]
          count += middle - i
        }
      }
    }
    values.set(merged)
  }
  return count
}

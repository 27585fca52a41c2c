/** The values that are numbers, ascending; NaN and null are left out. */
const defined = (values: ArrayLike<number | null>): Float64Array => {
  const kept = new Float64Array(values.length)
  let count = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (value !== null && !Number.isNaN(value)) kept[count++] = value
  }
  return kept.subarray(0, count).sort()
}

/** Quantile of ascending values by linear interpolation (NumPy's default): h = (n - 1) q. NaN without values. */
export const quantileSorted = (sorted: Float64Array, q: number): number => {
  if (sorted.length === 0) return NaN
  const h = (sorted.length - 1) * q
  const low = Math.floor(h)
  return low + 1 < sorted.length ? sorted[low] + (h - low) * (sorted[low + 1] - sorted[low]) : sorted[low]
}

/** Median of the defined values; null when there is none. */
export const median = (values: ArrayLike<number | null>): number | null => medianSorted(defined(values))

/** Mean of the defined values; null when there is none. */
export const mean = (values: ArrayLike<number | null>): number | null => meanSorted(defined(values))

/** Both, for one sort. */
export const medianAndMean = (values: ArrayLike<number | null>): { median: number | null; mean: number | null } => {
  const sorted = defined(values)
  return { median: medianSorted(sorted), mean: meanSorted(sorted) }
}

const medianSorted = (sorted: Float64Array): number | null => {
  const half = sorted.length >> 1
  if (sorted.length === 0) return null
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
}

const meanSorted = (sorted: Float64Array): number | null => (sorted.length === 0 ? null : sorted.reduce((a, b) => a + b, 0) / sorted.length)

/** Standard deviation of the defined values; null with fewer than ddof + 1 of them. */
export const std = (values: ArrayLike<number | null>, ddof = 0): number | null => {
  const kept = defined(values)
  if (kept.length <= ddof) return null
  const m = kept.reduce((a, b) => a + b, 0) / kept.length
  return Math.sqrt(kept.reduce((a, b) => a + (b - m) ** 2, 0) / (kept.length - ddof))
}

/** The 2.5 and 97.5 % quantiles of the defined draws; null when there is none. */
export const interval95 = (draws: ArrayLike<number | null>): [number, number] | null => {
  const sorted = defined(draws)
  return sorted.length === 0 ? null : [quantileSorted(sorted, 0.025), quantileSorted(sorted, 0.975)]
}

/**
 * The 2.5 and 97.5 % quantiles of the draws, moved so that the draws' mean lies on the estimate. Within a fold a resample of few
 * stimuli or groups varies less than the fold itself, which shifts every draw of a ratio of variances the same way: the draws tell how
 * far the estimate may be off, not where it lies.
 */
export const interval95About = (estimate: number | null, draws: ArrayLike<number | null>): [number, number] | null => {
  const [interval, centre] = [interval95(draws), mean(draws)]
  if (estimate === null || interval === null || centre === null) return null
  const [low, high] = interval
  return [low + estimate - centre, high + estimate - centre]
}

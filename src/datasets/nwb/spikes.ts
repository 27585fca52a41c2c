/** How many of ascending times lie before a moment. */
const before = (times: Float64Array, moment: number): number => {
  let [low, high] = [0, times.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (times[middle] < moment) low = middle + 1
    else high = middle
  }
  return low
}

/** Adds to `counts` (presentation x window) the spikes in [onset + start, onset + end) of each; `spikes` ascend, times are in seconds. */
export const addCounts = (counts: Float64Array, spikes: Float64Array, onsets: Float64Array, windows: readonly { from: number; to: number }[]): void => {
  for (let i = 0; i < onsets.length; i++)
    for (let w = 0; w < windows.length; w++) counts[i * windows.length + w] += before(spikes, onsets[i] + windows[w].to) - before(spikes, onsets[i] + windows[w].from)
}

/** Around the onset, in seconds: from, width of a bin, number of bins. */
export const psthBins = { from: -0.1, width: 0.01, count: 60 } as const

/** Adds to `histogram` the spikes around the onsets of which `use` says yes. */
export const addToPsth = (histogram: Float64Array, spikes: Float64Array, onsets: Float64Array, use: (presentation: number) => boolean): void => {
  const { from, width, count } = psthBins
  for (let i = 0; i < onsets.length; i++) {
    if (!use(i)) continue
    const start = onsets[i] + from
    for (let k = before(spikes, start); k < spikes.length; k++) {
      const bin = Math.floor((spikes[k] - start) / width)
      if (bin >= count) break
      histogram[bin]++
    }
  }
}

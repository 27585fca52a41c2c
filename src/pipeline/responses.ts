import type { DatasetManifest } from '../domain/dataset.ts'
import type { Matrix, NdArray } from '../domain/matrix.ts'

/** The responses that a fit works on: the mean rate and the single trials of the chosen sites. */
export interface Responses {
  /** mean over valid repetitions (and over time bins), NaN where a stimulus was never shown; (stimulus x site) */
  mean: Matrix
  /** single trials averaged over time bins, (stimulus x site x repetition), NaN where missing */
  trials: NdArray
  siteIndex: number[]
}

/**
 * Y = mean over the valid repetitions (FORMULAS.md, Data). Time bins are averaged first; a repetition counts as valid when
 * every bin of it is there, so that all means rest on the same window.
 */
export const responsesOf = (manifest: DatasetManifest, array: NdArray, siteIndex: number[]): Responses => {
  const [n, sites, bins, repetitions] = array.shape
  if (n !== manifest.stimuli.length || sites !== manifest.sites.length) throw new Error('the responses do not have the shape that the manifest states')
  const m = siteIndex.length
  const trials = new Float64Array(n * m * repetitions).fill(NaN)
  const mean = new Float64Array(n * m).fill(NaN)
  for (let i = 0; i < n; i++)
    for (let j = 0; j < m; j++) {
      const cell = (i * sites + siteIndex[j]) * bins * repetitions
      let sum = 0
      let valid = 0
      for (let r = 0; r < repetitions; r++) {
        let trial = 0
        for (let b = 0; b < bins; b++) trial += array.data[cell + b * repetitions + r]
        trial /= bins
        trials[(i * m + j) * repetitions + r] = trial
        if (!Number.isNaN(trial)) {
          sum += trial
          valid++
        }
      }
      if (valid > 0) mean[i * m + j] = sum / valid
    }
  return { mean: { rows: n, cols: m, data: mean }, trials: { shape: [n, m, repetitions], data: trials }, siteIndex }
}

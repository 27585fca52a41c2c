import type { ImportReport, Site } from '../domain/dataset.ts'
import { analyticReliability } from '../encoding/ceilings/analytic.ts'
import type { Reliability } from '../encoding/ceilings/analytic.ts'
import { normaliseTrials } from '../encoding/normalise.ts'
import type { Normalisation } from '../encoding/normalise.ts'
import { median } from '../encoding/scores/statistics.ts'
import { openNpy } from '../numerics/npy.ts'

/** Bytes of single trials held at a time, and of the file read at a time. */
const TRIAL_BYTES = 64e6
const SLAB_BYTES = 16e6

/**
 * Analytic reliability of every site from the canonical responses (stimulus x site x time bin x repetition), time bins averaged;
 * normalised where fits do so; null when there are no repetitions. Sites are taken in groups whose trials fit the bound; each group reads the file once.
 */
export const reportReliability = async (responsesPath: string, sites: readonly Site[], normalisation: Normalisation | null = null): Promise<ImportReport['reliability']> => {
  const file = await openNpy(responsesPath)
  try {
    const [n, m, , repetitions] = file.header.shape
    if (repetitions < 2) return null
    const group = Math.max(1, Math.floor(TRIAL_BYTES / (8 * n * repetitions)))
    const found: Reliability[] = []
    for (let first = 0; first < m; first += group) {
      const count = Math.min(group, m - first)
      const trials = { shape: [n, count, repetitions], data: await trialsOf(file, first, count) }
      found.push(...analyticReliability(normalisation === null ? trials : normaliseTrials(trials, normalisation)))
    }
    return { method: 'analytic', median: median(found.map(({ rho }) => rho)), sites: found.map((reliability, j) => ({ siteId: sites[j].siteId, ...reliability })) }
  } finally {
    await file.close()
  }
}

/** Single trials of some sites, (stimulus x site x repetition), averaged over time bins; NaN where a bin is missing. */
const trialsOf = async (file: Awaited<ReturnType<typeof openNpy>>, firstSite: number, count: number): Promise<Float64Array> => {
  const [n, m, bins, repetitions] = file.header.shape
  const trials = new Float64Array(n * count * repetitions)
  const slab = Math.max(1, Math.floor(SLAB_BYTES / (8 * m * bins * repetitions)))
  for (let first = 0; first < n; first += slab) {
    const rows = await file.rows(first, Math.min(n, first + slab))
    for (let i = 0; i * m * bins * repetitions < rows.length; i++)
      for (let j = 0; j < count; j++)
        for (let b = 0; b < bins; b++)
          for (let r = 0; r < repetitions; r++)
            trials[((first + i) * count + j) * repetitions + r] += rows[((i * m + firstSite + j) * bins + b) * repetitions + r] / bins
  }
  return trials
}

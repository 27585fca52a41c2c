import type { DatasetManifest } from '../domain/dataset.ts'
import { createSeen, seenOf } from '../encoding/missing/patterns.ts'
import type { MissingPattern } from '../encoding/missing/patterns.ts'
import { innerIfEnough } from '../encoding/splits/inner-scheme.ts'
import { tooFew } from '../encoding/splits/split.ts'
import { openNpy } from '../numerics/npy.ts'
import type { Division } from './condition.ts'

/** Bytes of the responses held at a time. */
const SLAB_BYTES = 16e6

/**
 * Which of the chosen sites saw the same stimuli, from the stored responses (stimulus x site x time bin x repetition) without holding
 * them. A site saw a stimulus when some repetition of it has every time bin. Throws `choose-sites` for more than 50 patterns.
 */
export const storedPatterns = async (responsesPath: string, { report, stimuli }: DatasetManifest, siteIndex: readonly number[]): Promise<MissingPattern[]> => {
  const whole = (): MissingPattern[] => [{ rows: Int32Array.from(stimuli.keys()), sites: Int32Array.from(siteIndex.keys()) }]
  if (report.missing.cells + report.missing.repetitions === 0) return whole()
  const file = await openNpy(responsesPath)
  try {
    const [n, sites, bins, repetitions] = file.header.shape
    if (bins === 1 && report.missing.cells === 0) return whole()
    const seen = createSeen(n, siteIndex.length)
    const cell = bins * repetitions
    const slab = Math.max(1, Math.floor(SLAB_BYTES / (8 * sites * cell)))
    for (let first = 0; first < n; first += slab) {
      const rows = await file.rows(first, Math.min(n, first + slab))
      for (let i = 0; i * sites * cell < rows.length; i++)
        for (const [j, site] of siteIndex.entries()) if (hasWholeRepetition(rows, (i * sites + site) * cell, bins, repetitions)) seen.add(first + i, j)
    }
    return seen.patterns()
  } finally {
    await file.close()
  }
}

/** Of the stimulus and site whose (time bin x repetition) values begin at `from`. */
const hasWholeRepetition = (values: Float64Array, from: number, bins: number, repetitions: number): boolean => {
  for (let r = 0; r < repetitions; r++) {
    let bin = 0
    while (bin < bins && !Number.isNaN(values[from + bin * repetitions + r])) bin++
    if (bin === bins) return true
  }
  return false
}

/** Refuses a division in which no site could be fitted in any fold: single sites and folds without enough stimuli are told in the scores. */
export const checkPatterns = (patterns: readonly MissingPattern[], { request, splits, inner }: Division): void => {
  const canFit = (pattern: MissingPattern): boolean =>
    splits.some(({ train }) => {
      const seen = seenOf(train, pattern)
      return seen.length >= 2 && innerIfEnough(inner, seen) !== null
    })
  if (patterns.some(canFit)) return
  const most = Math.max(0, ...patterns.map(({ rows }) => rows.length))
  throw tooFew(
    `No site saw enough of the stimuli to be fitted under the split ${request.scheme}: the most that one saw is ${most}. Ask for fewer folds, or choose other sites.`,
    '/split',
    'sites that saw the stimuli of several folds',
    most,
  )
}

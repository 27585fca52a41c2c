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
  if (report.missing.cells + report.missing.repetitions === 0)
    return [{ rows: Int32Array.from(stimuli.keys()), sites: Int32Array.from(siteIndex.keys()) }]
  const file = await openNpy(responsesPath)
  try {
    const [n, sites, bins, repetitions] = file.header.shape
    const seen = createSeen(n, siteIndex.length)
    const slab = Math.max(1, Math.floor(SLAB_BYTES / (8 * sites * bins * repetitions)))
    for (let first = 0; first < n; first += slab) {
      const rows = await file.rows(first, Math.min(n, first + slab))
      for (let i = 0; i * sites * bins * repetitions < rows.length; i++)
        siteIndex.forEach((site, j) => {
          const cell = rows.subarray((i * sites + site) * bins * repetitions, (i * sites + site + 1) * bins * repetitions)
          if (hasWholeRepetition(cell, repetitions)) seen.add(first + i, j)
        })
    }
    return seen.patterns()
  } finally {
    await file.close()
  }
}

/** Of one stimulus and site, (time bin x repetition). */
const hasWholeRepetition = (cell: Float64Array, repetitions: number): boolean => {
  for (let r = 0; r < repetitions; r++) {
    let whole = true
    for (let k = r; k < cell.length; k += repetitions) whole &&= !Number.isNaN(cell[k])
    if (whole) return true
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

import { VentralError } from '../../domain/errors.ts'
import type { Matrix } from '../../domain/matrix.ts'

/** Sites that saw the same stimuli. */
export interface MissingPattern {
  /** stimuli that they saw, ascending */
  rows: Int32Array
  /** columns of Y, ascending */
  sites: Int32Array
}

/** Each pattern costs a decomposition of its own per fold and layer. */
export const MAX_PATTERNS = 50

/**
 * Groups the sites of Y (stimulus x site) by which responses are missing (NaN), patterns by their first site. Throws `choose-sites`
 * when there are more than 50.
 */
export const missingPatterns = ({ rows: n, cols: m, data }: Matrix): MissingPattern[] => {
  const seen = createSeen(n, m)
  for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) if (!Number.isNaN(data[i * m + j])) seen.add(i, j)
  return seen.patterns()
}

/** Which stimuli each site saw, a bit each, where the responses themselves need not be in memory at once. */
export interface Seen {
  /** stimulus i has a response of site j */
  add: (i: number, j: number) => void
  /** as missingPatterns */
  patterns: () => MissingPattern[]
}

export const createSeen = (n: number, m: number): Seen => {
  const bytes = Math.ceil(n / 8)
  const bits = new Uint8Array(m * bytes)
  const sawStimulus = (site: number, i: number): boolean => (bits[site * bytes + (i >> 3)] & (1 << (i & 7))) !== 0
  return {
    add: (i, j) => void (bits[j * bytes + (i >> 3)] |= 1 << (i & 7)),
    patterns: () => {
      const groups = new Map<string, number[]>()
      for (let j = 0; j < m; j++) {
        const key = Buffer.from(bits.buffer, j * bytes, bytes).toString('latin1')
        const sites = groups.get(key)
        if (sites === undefined) groups.set(key, [j])
        else sites.push(j)
      }
      refuseTooMany(groups.size)
      return Array.from(groups.values(), (sites) => ({
        sites: Int32Array.from(sites),
        rows: Int32Array.from({ length: n }, (_, i) => i).filter((i) => sawStimulus(sites[0], i)),
      }))
    },
  }
}

const refuseTooMany = (found: number): void => {
  if (found <= MAX_PATTERNS) return
  throw new VentralError(
    'choose-sites',
    `The sites saw ${found} different sets of stimuli, and each set needs fits of its own; at most ${MAX_PATTERNS} are done at once. Choose fewer sessions or sites, or drop the stimuli that only some sites saw.`,
    [{ pointer: '/sites', expected: `at most ${MAX_PATTERNS} patterns of missing stimuli`, found: String(found) }],
  )
}

/** Whether every site saw every stimulus, so that one fit serves all. */
export const sawAll = (patterns: readonly MissingPattern[], { rows: n }: Matrix): boolean => patterns.length === 1 && patterns[0].rows.length === n

/** Those of `rows` that the pattern's sites saw, in their order. */
export const seenOf = (rows: Int32Array, pattern: MissingPattern): Int32Array => {
  const seen = new Set(pattern.rows)
  return rows.filter((row) => seen.has(row))
}

/** The pattern's columns of a (stimulus x site) matrix. */
export const sitesOf = ({ rows, cols, data }: Matrix, { sites }: Pick<MissingPattern, 'sites'>): Matrix => {
  const m = sites.length
  const out = new Float64Array(rows * m)
  for (let i = 0; i < rows; i++) for (let j = 0; j < m; j++) out[i * m + j] = data[i * cols + sites[j]]
  return { rows, cols: m, data: out }
}

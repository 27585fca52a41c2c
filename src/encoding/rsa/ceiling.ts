import type { NdArray } from '../../domain/matrix.ts'
import { createRandomState } from '../../numerics/random/mt19937.ts'
import type { Products } from '../../numerics/products.ts'
import { createHalver } from '../ceilings/halves.ts'
import { spearmanBrown } from '../ceilings/split-half.ts'
import { mean } from '../scores/statistics.ts'
import type { Labels } from '../splits/split.ts'
import { compareRdms } from './compare.ts'
import type { Comparison } from './compare.ts'
import { meanByGroup, zscoreColumns } from './patterns.ts'
import { averageRanks } from './ranks.ts'
import { rdmOf } from './rdm.ts'
import type { Distance, Rdm } from './rdm.ts'

/** What a perfect model could reach: at least `lower` and at most `upper`. */
export interface RdmCeiling {
  lower: number | null
  upper: number | null
}

export interface CeilingOptions {
  comparison: Comparison
  /**
   * how RDMs are averaged. `matched`: so that the mean maximises the comparison (z-scored for Pearson, ranked for Spearman and Kendall:
   * Nili et al. 2014, rsatoolbox); `raw`: as they are (Brain-Score)
   */
  pool?: 'matched' | 'raw'
}

/** Fewer animals than these have no ceiling across animals. */
export const MIN_ANIMALS = 3

/**
 * Ceiling across animals: each one's RDM against the mean of the others (lower) and of all (upper), mean over animals. Null for fewer
 * than 3 animals: use splitHalfRdm then. Pairs that any animal lacks are left out of all.
 */
export const animalCeiling = (rdms: readonly Rdm[], { comparison, pool = 'matched' }: CeilingOptions): RdmCeiling => {
  if (rdms.length < MIN_ANIMALS) return { lower: null, upper: null }
  const complete = rdms[0].values.map((_, k) => (rdms.some(({ values }) => Number.isNaN(values[k])) ? 0 : 1))
  const whole = rdms.map(({ n, values }) => ({ n, values: values.filter((_, k) => complete[k] === 1) }))
  const pooled = whole.map((rdm) => (pool === 'raw' ? rdm.values : prepare(rdm.values, comparison)))
  const total = pooled[0].map((_, k) => pooled.reduce((sum, values) => sum + values[k], 0))
  const over = (reference: (s: number) => Float64Array): number | null =>
    mean(whole.map((rdm, s) => compareRdms(rdm, { n: rdm.n, values: reference(s) }, comparison)))
  return { lower: over((s) => total.map((sum, k) => sum - pooled[s][k])), upper: over(() => total) }
}

const prepare = (values: Float64Array, comparison: Comparison): Float64Array => {
  if (comparison !== 'pearson') return averageRanks(values)
  const mean = values.reduce((a, b) => a + b, 0) / values.length
  const sd = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length)
  return values.map((x) => (x - mean) / sd)
}

export interface SplitHalfRdmOptions {
  distance: Distance
  comparison: Comparison
  /** z-score sites over stimuli in each half first (default) */
  zscore?: boolean
  draws?: number
  seed?: number
  /** group of each stimulus: the mean pattern of each group is compared */
  groups?: Labels
}

/**
 * Reliability of a population's RDM where animals are too few: RDMs of random halves of each stimulus's trials, compared, mean over
 * seeded draws, then Spearman-Brown. Stimuli of which some site has fewer than 2 valid trials are left out; null when fewer than 3 are
 * left. `trials` is (stimulus x site x repetition), NaN where missing.
 */
export const splitHalfRdm = async (
  trials: NdArray,
  { distance, comparison, zscore = true, draws = 100, seed = 0, groups }: SplitHalfRdmOptions,
  products: Pick<Products, 'f64'>,
): Promise<{ rho: number | null; stimuli: number }> => {
  const [n, m] = trials.shape
  const halver = createHalver(trials, createRandomState(seed))
  const rows = Int32Array.from({ length: n }, (_, i) => i).filter((i) => halver.valid.subarray(i * m, (i + 1) * m).every((count) => count >= 2))
  if (rows.length < 3) return { rho: null, stimuli: rows.length }
  const rdmOfHalf = (half: Float64Array): Promise<Rdm> => {
    const data = Float64Array.from({ length: rows.length * m }, (_, k) => half[(k % m) * n + rows[Math.floor(k / m)]])
    const stimuli = { rows: rows.length, cols: m, data } // (stimulus x site)
    const patterns = groups === undefined ? stimuli : meanByGroup(stimuli, Array.from(rows, (i) => groups[i])).patterns
    return rdmOf(zscore ? zscoreColumns(patterns) : patterns, distance, products)
  }
  const found: (number | null)[] = []
  for (let draw = 0; draw < draws; draw++) {
    halver.draw()
    found.push(compareRdms(await rdmOfHalf(halver.first), await rdmOfHalf(halver.second), comparison))
  }
  const r = mean(found)
  return { rho: r === null ? null : spearmanBrown(r), stimuli: rows.length }
}

import type { BandedReport, JointMapping } from '../domain/banded.ts'
import type { HeldFile } from '../storage/gram-cache.ts'
import { mean } from '../encoding/scores/statistics.ts'
import { candidatesOf } from './bands.ts'
import type { Band, Candidates } from './bands.ts'
import { scoreFitted } from './condition.ts'
import type { Division, LayerResult } from './condition.ts'
import type { Population } from './fit-population.ts'
import { readGramFile } from './gram-file.ts'
import type { SolverPool } from './solver-pool.ts'
import type { BandsProblem } from './solve-bands.ts'
import type { JointRefit, Normalised } from './solver-tasks.ts'

export interface BandsToFit {
  bands: readonly Band[]
  grams: ReadonlyMap<Band, HeldFile>
  mapping: JointMapping
}

/** A joint mapping's outer folds, its refit on all stimuli, and the scores, as one result under the method's name. */
export const fitBands = async (pool: SolverPool, { bands, grams, mapping }: BandsToFit, population: Population, division: Division, onTask: () => void): Promise<LayerResult> => {
  const { splits, rows } = division
  const problem = bandsProblem({ bands, grams, mapping }, population, division)
  const counted = async <T>(task: Promise<T>): Promise<T> => {
    const result = await task
    onTask()
    return result
  }
  const [refit, ...folds] = await Promise.all([
    counted(pool.run('jointRefit', { ...problem, rows })),
    ...splits.map((split) => counted(pool.run('jointFold', { ...problem, split }))),
  ])
  const units = bands.reduce((sum, band) => (band.window === null ? sum + readGramFile(grams.get(band)!.path).units : sum), 0)
  const result = await scoreFitted(pool, { layer: mapping.method, units, refitAll: refit, foldsOfAll: folds }, population, mapping, division)
  const ids = population.sites.map(({ siteId }) => siteId)
  return { ...result, scores: { ...result.scores, bands: bandedReport(bands, candidatesOf(bands, mapping), refit, population.fitted.keep, ids) } }
}

/** What the solver is given for any rows of the stimuli. */
export const bandsProblem = ({ bands, grams, mapping }: BandsToFit, { fitted, normalise }: Pick<Population, 'fitted' | 'normalise'>, { inner }: Pick<Division, 'inner'>): BandsProblem & Normalised => ({
  files: bands.map((band) => grams.get(band)!.path),
  Y: fitted.Y,
  normalise,
  mapping,
  candidates: candidatesOf(bands, mapping).weights,
  inner,
})

/** What the refit chose, in shares per site and on average. */
export const bandedReport = (bands: readonly Band[], { names }: Candidates, { shares, bandWeights }: JointRefit, keep: Int32Array | null, ids: readonly string[]): BandedReport => {
  const columns = keep ?? Int32Array.from(ids.keys())
  const layers = [...new Set(bands.map(({ name }) => name))]
  const sides = [...new Set(bands.flatMap(({ window }) => (window === null ? [] : [window.side])))]
  const weightOf = (site: number, of: (band: Band) => boolean): number => bands.reduce((sum, band, b) => (of(band) ? sum + bandWeights.data[b * bandWeights.cols + site] : sum), 0)
  const sites = ids.map((id, k) => ({
    id,
    candidateShares: names.map((_, c) => orNull(shares.data[c * shares.cols + columns[k]])),
    layerShares: layers.map((name) => orNull(weightOf(columns[k], (band) => band.name === name))),
  }))
  const meanOver = (of: (k: number) => number | null): number | null => mean(ids.map((_, k) => of(k))) // of the sites that could be fitted
  return {
    layers,
    candidates: [...names],
    candidateShares: names.map((_, c) => meanOver((k) => sites[k].candidateShares[c])),
    layerShares: layers.map((_, l) => meanOver((k) => sites[k].layerShares[l])),
    windowShares: sides.flatMap((side) =>
      Array.from({ length: side * side }, (_, place) => meanOver((k) => weightOf(columns[k], ({ window }) => window !== null && window.row * side + window.column === place))),
    ),
    sites,
  }
}

const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null)

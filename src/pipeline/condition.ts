import type { DatasetManifest } from '../domain/dataset.ts'
import type { Mapping, ResolvedFit, SplitRequest } from '../domain/fit.ts'
import type { LayerScores } from '../domain/fit-scores.ts'
import { innerOf } from '../encoding/splits/inner-scheme.ts'
import type { InnerScheme } from '../encoding/splits/inner-scheme.ts'
import { makeSplits } from '../encoding/splits/make-splits.ts'
import type { SplitColumns } from '../encoding/splits/make-splits.ts'
import { isGrouped } from '../encoding/splits/split-scheme.ts'
import { heldOutOf } from '../encoding/scores/fold-scores.ts'
import type { Split } from '../encoding/splits/split.ts'
import type { HeldFile } from '../storage/gram-cache.ts'
import { duplicateGroups } from './duplicate-groups.ts'
import { fitFolds } from './fit-folds.ts'
import type { Population } from './fit-population.ts'
import { readLayer } from './read-layer.ts'
import { keepFold, keepRefit } from './keep-sites.ts'
import type { SolverPool } from './solver-pool.ts'
import type { FoldOutput, RefitOutput, ScoredLayer } from './solver-tasks.ts'

/** Bootstrap of every interval: draws over stimuli, and their seed. */
export const BOOTSTRAP = { draws: 1000, seed: 0 }

/** One way of dividing the stimuli, and how training rows are divided again. */
export interface Division {
  request: SplitRequest
  splits: Split[]
  inner: InnerScheme
  /** the stimuli of the final refit: all but those that a given split leaves out */
  rows: Int32Array
  /** group of each stimulus that the bootstrap draws whole; null: each stimulus for itself */
  units: ArrayLike<string | number> | null
}

/** The divisions that a request means on a dataset. Throws `too-few-stimuli`, also where a training set has too few for its inner folds. */
export const divide = (request: SplitRequest, manifest: DatasetManifest, { mapping, groupDuplicates }: ResolvedFit): Division => {
  const n = manifest.stimuli.length
  const grouped = isGrouped(request)
  const columns: SplitColumns = {
    ...('by' in request ? { by: valuesOf(manifest, request.by) } : {}),
    ...(groupDuplicates && !grouped ? { together: duplicateGroups(manifest) } : {}),
  }
  const splits = makeSplits(request, n, columns)
  const stratified = typeof mapping.inner === 'string' ? undefined : mapping.inner.stratified
  const inner: InnerScheme = { request, by: mapping.inner, columns, ...(stratified && { strata: valuesOf(manifest, stratified.by) }) }
  const rows = request.scheme === 'given' ? Int32Array.from([...splits[0].train, ...splits[0].test]).sort() : Int32Array.from({ length: n }, (_, i) => i)
  for (const training of [...splits.map(({ train }) => train), rows]) innerOf(inner, training)
  return { request, splits, inner, rows, units: (grouped ? columns.by : columns.together) ?? null }
}

const valuesOf = ({ stimuli }: DatasetManifest, column: string): string[] => stimuli.map(({ metadata }) => metadata[column] ?? '')

export interface LayerResult extends ScoredLayer {
  folds: FoldOutput[]
  refit: RefitOutput
  /** of all fitted sites, where the population leaves some out */
  unfiltered?: Pick<LayerScores, 'correlation' | 'explainedVariance'>
}

/** A layer's outer folds, its refit on all stimuli, and the scores: one eigendecomposition each, spread over the pool. */
export const fitLayer = async (
  pool: SolverPool,
  layer: string,
  gramFile: HeldFile,
  population: Population,
  mapping: Mapping,
  division: Division,
  onTask: () => void,
): Promise<LayerResult> => {
  const { fitted, normalise } = population
  const { units, K, X } = readLayer(gramFile, mapping)
  const { refit: refitAll, folds: foldsOfAll } = await fitFolds(pool, { K, X, Y: fitted.Y, normalise, mapping }, division, onTask)
  return scoreFitted(pool, { layer, units, refitAll, foldsOfAll }, population, mapping, division)
}

/** Scores a layer's folds of all fitted sites, and keeps the sites of the population. */
export const scoreFitted = async (
  pool: SolverPool,
  { layer, units: width, refitAll, foldsOfAll }: { layer: string; units: number; refitAll: RefitOutput; foldsOfAll: FoldOutput[] },
  { sites, Y, fitted, normalise, ceilings, unit, trials }: Population,
  mapping: ResolvedFit['mapping'],
  division: Division,
): Promise<LayerResult> => {
  const refit = keepRefit(refitAll, fitted.keep)
  const folds = foldsOfAll.map((fold) => keepFold(fold, fitted.keep))
  const scored = await pool.run('score', {
    layer,
    units: width,
    rank: refit.rank,
    folds,
    responses: Y,
    sites,
    ceilings,
    finalAlphas: refit.alphas,
    alphaCount: 'alphas' in mapping ? mapping.alphas.length : 0,
    kind: normalise === null ? { unit, trials } : { unit, trials: null, noTrials: 'the responses are normalised by the training rows of each fold, single trials are not' },
    bootstrap: bootstrapOf(division),
  })
  if (fitted.keep === null) return { ...scored, folds, refit }
  const { correlation, explainedVariance } = await pool.run('evaluate', { folds: foldsOfAll.map(heldOutOf), responses: fitted.Y, bootstrap: bootstrapOf(division) })
  return { ...scored, folds, refit, unfiltered: { correlation, explainedVariance } }
}

/** Tasks of the pool that one layer takes, for progress. */
export const tasksPerLayer = ({ splits }: Division): number => splits.length + 1

/** Options of every bootstrap of a division: the same draws for all layers, so that differences are paired. */
export const bootstrapOf = ({ units, request }: Division) => ({ ...BOOTSTRAP, ...(units === null ? {} : { units, few: isGrouped(request) }) })

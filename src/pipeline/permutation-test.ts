import type { DatasetManifest } from '../domain/dataset.ts'
import type { ResolvedFit } from '../domain/fit.ts'
import type { PermutationPlan, PermutationResult } from '../domain/scores.ts'
import type { ReportProgress } from '../domain/progress.ts'
import { maximumStatistic, summarisePermuted } from '../encoding/permutation/maximum-statistic.ts'
import type { PermutedLayer } from '../encoding/permutation/maximum-statistic.ts'
import { averageFolds } from '../encoding/permutation/permuted-scores.ts'
import { orNull } from '../encoding/scores/vectors.ts'
import type { HeldFile } from '../storage/gram-cache.ts'
import type { Division, LayerResult } from './condition.ts'
import type { Population } from './fit-population.ts'
import { readGramFile } from './gram-file.ts'
import { exchangeBlocks, exchangeColumns } from './resolve-permutations.ts'
import type { SolverPool } from './solver-pool.ts'

/** A permutation test that takes layer after layer, and keeps of each one number per permutation. */
export interface PermutationTest {
  addLayer: (result: LayerResult, file: HeldFile) => Promise<void>
  result: () => PermutationResult
}

/** The test that a request asks for on its own division, or null. Each split of a layer is one task of the pool. */
export const createPermutationTest = (
  pool: SolverPool,
  request: ResolvedFit,
  manifest: DatasetManifest,
  { Y, sites }: Population,
  division: Division,
  onProgress: ReportProgress,
): PermutationTest | null => {
  const { permutations: plan, mapping, selectBy } = request
  if (plan === undefined) return null
  const statistic = selectBy === 'correlation.median' ? 'correlation' : 'explainedVariance'
  const within = exchangeBlocks(manifest, request, division)
  const components = typeof mapping.pca === 'number' ? { components: mapping.pca } : {}
  const layers: { layer: string; permuted: PermutedLayer }[] = []
  const addLayer = async ({ scores: { layer }, folds }: LayerResult, file: HeldFile): Promise<void> => {
    const gram = readGramFile(file.path)
    const K = { rows: gram.stimuli, cols: gram.stimuli, data: gram.K } // (stimulus x stimulus)
    let done = 0
    const scored = await Promise.all(
      division.splits.map(async (split, f) => {
        const alphas = mapping.method === 'ridge' ? folds[f].alphas : new Float64Array(Y.cols)
        const fold = await pool.run('permute', { K, Y, split, alphas, plan: { ...plan, within }, statistic, ...components })
        onProgress({ stage: `permutations of ${layer}`, done: ++done, total: division.splits.length })
        return fold
      }),
    )
    layers.push({ layer, permuted: summarisePermuted(averageFolds(scored)) })
  }
  return { addLayer, result: () => resultOf(layers, { plan, statistic, within: exchangeColumns(manifest, request), sites }) }
}

interface Tested {
  plan: PermutationPlan
  statistic: PermutationResult['statistic']
  within: string[]
  sites: Population['sites']
}

const resultOf = (layers: readonly { layer: string; permuted: PermutedLayer }[], { plan, statistic, within, sites }: Tested): PermutationResult => {
  const { p, uncorrected, pOfMaximum } = maximumStatistic(layers.map(({ permuted }) => permuted))
  return {
    ...plan,
    statistic,
    within,
    pOfMaximum: orNull(pOfMaximum),
    layers: layers.map(({ layer }, k) => ({ layer, sites: sites.map(({ siteId }, j) => ({ id: siteId, p: orNull(p[k][j]), uncorrected: orNull(uncorrected[k][j]) })) })),
  }
}

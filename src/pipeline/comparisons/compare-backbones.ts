import type { BackboneRow, ComparisonScores, RegionSites } from '../../domain/comparison.ts'
import type { FitScores } from '../../domain/fit-scores.ts'
import { orNull } from '../../encoding/scores/vectors.ts'
import { holdBlobs } from '../../storage/blob-references.ts'
import { getComparison, keepComparisonScores } from '../../storage/repositories/comparisons.ts'
import { getFit } from '../../storage/repositories/fits.ts'
import type { FitRow } from '../../storage/repositories/fits.ts'
import type { PipelineContext } from '../context.ts'
import { openDataset } from '../open-dataset.ts'
import type { RdmWork } from '../rdms/open-representation.ts'
import { openOffers } from '../stored-offer.ts'
import { withBlobs } from '../with-blobs.ts'
import { comparePairs } from './compare-pairs.ts'
import type { EvaluatedBackbone } from './compare-pairs.ts'
import { evaluateRegion } from './evaluate-region.ts'
import { fittedBackbone } from './nested-predictions.ts'
import type { FittedBackbone } from './nested-predictions.ts'
import { networkFacts } from './network-facts.ts'
import { tableRow } from './table-row.ts'
import { topOneCorrelations } from './top-one.ts'

const DEFINITIONS = {
  ceiled: "of the comparison's own split: r/√ρ, sign(r)·r²/ρ and EV/ρ per site, then the median over sites and the ratio of means; intervals of the medians",
  scores: 'of the layer that the inner folds of each outer one prefer, on the outer folds; intervals 95 %, bootstrap over stimuli, conditional on the fitted models',
  layers: 'each layer by itself: the largest of them is no score of the backbone',
  'depth.operations': 'convolutions and linear layers on the longest way from the input to the layer, gates and fixed filters included, time steps unrolled',
  'depth.relative': 'depth.operations over the same of the whole network',
  parameters: 'trained numbers that the network computes with',
  imageNetTop1: 'published with the weights, not recomputed',
  topOne: "Pearson's r over the backbones listed, each weights once; interval 95 % by Fisher's transformation, as if backbones were drawn at random",
  differences: 'a less b, by the held-out predictions of both on the same stimuli and bootstrap draws; p counted, where no draw lies beyond 0 from their normal distribution (counted alone where groups were held out); pHolm holds for all pairs of a region and score',
}

const readScores = async ({ blobs }: PipelineContext, { scores }: FitRow): Promise<FitScores | null> => (scores === null ? null : (JSON.parse((await blobs.read(scores)).toString()) as FitScores))

const sitesOf = (region: string, ids: string[], backbones: readonly EvaluatedBackbone[]): RegionSites => {
  const each = (score: 'r' | 'ev') => Object.fromEntries(backbones.map(({ name, evaluation }) => [name, Array.from(evaluation.scores[score], orNull)]))
  return { region, ids, correlation: each('r'), explainedVariance: each('ev') }
}

/** The table of a comparison, its differences and correlations, out of what its fits left; kept, so that it is made once. */
export const compareBackbones = async (context: PipelineContext, id: string, work: Pick<RdmWork, 'products'>): Promise<ComparisonScores> => {
  const { request, fits, scores: kept } = await getComparison(context.db, id)
  if (kept !== null) return JSON.parse((await context.blobs.read(kept)).toString()) as ComparisonScores
  const rows: { row: BackboneRow; fitted: FittedBackbone | null }[] = []
  for (const listed of fits) {
    const fit = await getFit(context.db, listed.fit)
    const scores = await readScores(context, fit)
    const { graph } = (await openOffers(context, fit.request))(fit.request)
    const entry = request.backbones.find(({ name }) => name === listed.name)!
    rows.push({ row: tableRow(listed, entry, networkFacts(graph, fit.request), scores), fitted: fittedBackbone(listed.name, fit, scores) })
  }
  const table = rows.map(({ row }) => row)
  const result: ComparisonScores = { id, dataset: request.dataset, rows: [], topOne: topOneCorrelations(table), differences: [], sites: [], definitions: DEFINITIONS, warnings: warningsOf(table) }
  const dataset = await openDataset(context, request.dataset)
  dataset.stimuli.close()
  for (const region of request.regions) {
    const own = rows.filter(({ row }) => row.region === region)
    const { sites, backbones } = await evaluateRegion(context, dataset, own.flatMap(({ fitted }) => fitted ?? []), work.products)
    result.rows.push(...own.map(({ row }) => ({ ...row, ceiled: backbones.find(({ name }) => name === row.name)?.ceiled ?? null })))
    result.differences.push(...comparePairs(region, backbones))
    result.sites.push(sitesOf(region, sites, backbones))
  }
  await keep(context, id, result)
  return result
}

const warningsOf = (rows: readonly BackboneRow[]): string[] => {
  const missing = rows.filter(({ layer }) => layer === null).map(({ name, region, status }) => `${name} in ${region} (${status})`)
  return missing.length === 0 ? [] : [`Without scores, and left out of differences and correlations: ${missing.join(', ')}.`]
}

const keep = (context: PipelineContext, id: string, result: ComparisonScores): Promise<void> =>
  withBlobs(context, async (put) => {
    const blob = await put(Buffer.from(JSON.stringify(result)))
    await context.db.transaction(async (tx) => {
      await holdBlobs(tx, context.blobs, [blob])
      await keepComparisonScores(tx, id, blob)
    })
  })

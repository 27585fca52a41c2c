import type { BackboneRow } from '../../domain/comparison.ts'
import { withCeiledIntervals } from '../../encoding/ceiled-intervals.ts'
import { ceiledScores } from '../../encoding/scores/ceiled.ts'
import { evaluate } from '../../encoding/scores/score-layer.ts'
import type { Products } from '../../numerics/products.ts'
import { bootstrapOf, divide } from '../condition.ts'
import type { PipelineContext } from '../context.ts'
import { fitPopulation } from '../fit-population.ts'
import type { OpenDataset } from '../open-dataset.ts'
import type { EvaluatedBackbone } from './compare-pairs.ts'
import { nestedPredictions } from './nested-predictions.ts'
import type { FittedBackbone } from './nested-predictions.ts'

export interface EvaluatedRegion {
  sites: string[]
  backbones: (EvaluatedBackbone & { ceiled: BackboneRow['ceiled'] })[]
}

/** The nested choices of the backbones in a region, scored again on the same draws: the numbers are those of their fits. */
export const evaluateRegion = async (context: PipelineContext, dataset: OpenDataset, fitted: readonly FittedBackbone[], products: Pick<Products, 'f64'>): Promise<EvaluatedRegion> => {
  if (fitted.length === 0) return { sites: [], backbones: [] }
  const [{ fit: { request } }] = fitted // prettier-ignore
  const { sites, Y, trials, ceilings } = fitPopulation(request, dataset.manifest, await dataset.responses())
  const division = divide(request.split, dataset.manifest, request)
  const bootstrap = bootstrapOf(division)
  const backbones: EvaluatedRegion['backbones'] = []
  for (const one of fitted) {
    const { draws, ...evaluation } = await evaluate(await nestedPredictions(context, one, division.splits), Y, { ...bootstrap, keepSites: true }, products)
    const { sites: drawn, ...kept } = draws! // every site's draws are large: they go once its ceiled scores are had
    const ceiled = trials === null ? null : await withCeiledIntervals(ceiledScores(evaluation.scores.r, evaluation.scores.ev, ceilings), { sites: drawn!, ceilings, trials, bootstrap }, products)
    backbones.push({ name: one.name, evaluation: { ...evaluation, draws: kept }, ceiled })
  }
  return { sites: sites.map(({ siteId }) => siteId), backbones }
}

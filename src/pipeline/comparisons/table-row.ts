import type { ComparedScore, ComparisonFit, BackboneRow, LayerScore, ResolvedEntry } from '../../domain/comparison.ts'
import type { Aggregate, BestLayer, FitScores, LayerScores } from '../../domain/fit-scores.ts'
import { timeStepOf } from './area-layers.ts'
import type { NetworkFacts } from './network-facts.ts'

const scoreOf = ({ median, mean, error, interval, intervalOf }: Aggregate): LayerScore => ({ median, mean, error, interval, intervalOf })

const layerOf = ({ layer, units, correlation, explainedVariance }: LayerScores, { depthOf, areaOf }: NetworkFacts): BackboneRow['layers'][number] => ({
  layer,
  area: areaOf(layer),
  timeStep: timeStepOf(layer),
  units,
  depth: depthOf(layer),
  correlation: scoreOf(correlation),
  explainedVariance: scoreOf(explainedVariance),
})

const nestedOf = (split: string, by: string | null, { layer, nested: { timesChosen, correlation, explainedVariance } }: BestLayer): ComparedScore => ({ split, by, layer, timesChosen, correlation, explainedVariance })

/** A row of the table: what a fit's scores and its network tell. `scores` is null where the fit has none; the ceiled ones are filled in where the nested choice is scored again. */
export const tableRow = ({ name, region, fit, status, error }: ComparisonFit, { backbone, areas }: ResolvedEntry, facts: NetworkFacts, scores: FitScores | null): BackboneRow => {
  const reasons = {
    ...(facts.parameters === null ? { parameters: facts.imageNetTop1.reason! } : {}),
    ...(scores === null ? { scores: `the fit ${status === 'failed' ? 'failed' : 'was cancelled'}` } : scores.ceiling === null ? { ceiling: 'no repetitions' } : {}),
  }
  const own = { name, backbone, weights: facts.weights, areas, region, fit, status, error, parameters: facts.parameters, imageNetTop1: facts.imageNetTop1, reasons }
  const best = scores?.bestLayer ?? null
  if (scores === null || best === null) return { ...own, layer: null, depth: null, sites: null, ceiling: null, ceiled: null, scores: [], layers: [] }
  const { split, ceiling, generalisation, layers } = scores
  return {
    ...own,
    layer: best.layer,
    depth: facts.depthOf(best.layer),
    sites: layers[0].sites.length,
    ceiling: ceiling === null ? null : { method: ceiling.method, median: ceiling.median },
    ceiled: null,
    scores: [nestedOf(split, null, best), ...Object.entries(generalisation).flatMap(([by, held]) => (held.bestLayer === undefined ? [] : [nestedOf(held.split, by, held.bestLayer)]))],
    layers: layers.map((layer) => layerOf(layer, facts)),
  }
}

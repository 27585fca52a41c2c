import type { ResolvedFit } from '../domain/fit.ts'
import type { BestLayer } from '../domain/fit-scores.ts'
import { byAnimal, withAnimals } from '../encoding/scores/animals.ts'
import type { InnerScores } from '../encoding/ridge/problem.ts'
import { heldOutOf } from '../encoding/scores/fold-scores.ts'
import type { HeldOut } from '../encoding/scores/fold-scores.ts'
import type { Evaluation } from '../encoding/scores/score-layer.ts'
import { bestOf, chooseLayers, chooseLayersPerSite, innerScore, mixPredictions, plainMax, preferredPerSite, timesChosen } from '../encoding/selection.ts'
import { bootstrapOf } from './condition.ts'
import type { Division, LayerResult } from './condition.ts'
import type { Population } from './fit-population.ts'
import type { TakenLayer } from './layer-from.ts'
import type { SolverPool } from './solver-pool.ts'

/**
 * The best layer told honestly: in each outer fold the layer that the inner folds prefer, its predictions scored as one; beside it the
 * same with each site choosing for itself, and the plain maximum over the outer scores. `layer` is the one that the same choice prefers on
 * all stimuli: the encoder's. A layer taken from another dataset's fit stands in its place, with its own scores here.
 */
export const nestedChoice = async (
  pool: SolverPool,
  results: LayerResult[],
  { Y, sites }: Population,
  division: Division,
  { selectBy, taken }: { selectBy: ResolvedFit['selectBy']; taken: TakenLayer | null },
): Promise<BestLayer> => {
  const layers = results.map(({ scores }) => scores.layer)
  const evaluate: Evaluate = (folds) => pool.run('evaluate', { folds, responses: Y, bootstrap: withAnimals(bootstrapOf(division), sites) })
  const chosen = chooseLayers(innerOf(results), selectBy)
  const evaluation = await evaluate(chosen.map((layer, f) => heldOutOf(results[layer].folds[f])))
  const { correlation, explainedVariance, r2 } = evaluation
  const preferred = layers[bestOf(results.map(({ refit }) => innerScore(refit.innerScores, selectBy)))]
  return {
    ...(taken === null ? { layer: preferred } : { ...taken, score: scoreOf(results, taken.layer) }),
    nested: { correlation, explainedVariance, r2, ...byAnimal(evaluation, sites), timesChosen: timesChosen(layers, chosen), layerPerSplit: chosen.map((k) => layers[k]) },
    ...(layers.length < 2 ? {} : { perSite: await perSiteChoice(results, sites, selectBy, evaluate) }),
    plainMax: plainMax(results.map(({ scores }) => scores), selectBy),
  }
}

type Evaluate = (folds: HeldOut[]) => Promise<Evaluation>

const innerOf = (results: LayerResult[]): InnerScores[][] => results.map(({ folds }) => folds.map((fold) => fold.innerScores))

/** Each site takes the layer that its own inner scores prefer, fold by fold; the predictions so mixed are scored like one layer's. */
const perSiteChoice = async (results: LayerResult[], sites: Population['sites'], selectBy: ResolvedFit['selectBy'], evaluate: Evaluate): Promise<NonNullable<BestLayer['perSite']>> => {
  const layers = results.map(({ scores }) => scores.layer)
  const chosen = chooseLayersPerSite(innerOf(results), selectBy)
  const { correlation, explainedVariance, r2 } = await evaluate(
    chosen.map((layerOfSite, f) => ({ ...heldOutOf(results[0].folds[f]), predictions: mixPredictions(results.map(({ folds }) => folds[f].predictions), layerOfSite) })),
  )
  const preferred = preferredPerSite(results.map(({ refit }) => refit.innerScores), selectBy)
  return {
    correlation,
    explainedVariance,
    r2,
    timesChosen: timesChosen(layers, chosen.flatMap((layerOfSite) => [...layerOfSite])),
    sites: sites.map(({ siteId }, j) => ({ id: siteId, layer: layers[preferred[j]] })),
  }
}

const scoreOf = (results: LayerResult[], layer: string): NonNullable<BestLayer['score']> => {
  const { correlation, explainedVariance, r2 } = results.find(({ scores }) => scores.layer === layer)!.scores
  return { correlation, explainedVariance, ...(r2 === undefined ? {} : { r2 }) }
}

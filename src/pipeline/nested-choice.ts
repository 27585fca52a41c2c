import type { BestLayer, ResolvedFit } from '../domain/fit.ts'
import { byAnimal, withAnimals } from '../encoding/scores/animals.ts'
import { heldOutOf } from '../encoding/scores/fold-scores.ts'
import { bestOf, chooseLayers, innerScore, plainMax, timesChosen } from '../encoding/selection.ts'
import { bootstrapOf } from './condition.ts'
import type { Division, LayerResult } from './condition.ts'
import type { Population } from './fit-population.ts'
import type { SolverPool } from './solver-pool.ts'

/**
 * The best layer told honestly: in each outer fold the layer that the inner folds prefer, its predictions scored as one; beside it the
 * plain maximum over the outer scores. `layer` is the one that the same choice prefers on all stimuli: the encoder's.
 */
export const nestedChoice = async (pool: SolverPool, results: LayerResult[], { Y, sites }: Population, division: Division, selectBy: ResolvedFit['selectBy']): Promise<BestLayer> => {
  const layers = results.map(({ scores }) => scores.layer)
  const chosen = chooseLayers(results.map(({ folds }) => folds.map((fold) => fold.innerScores)), selectBy)
  const folds = chosen.map((layer, f) => heldOutOf(results[layer].folds[f]))
  const evaluation = await pool.run('evaluate', { folds, responses: Y, bootstrap: withAnimals(bootstrapOf(division), sites) })
  const { correlation, explainedVariance } = evaluation
  const preferred = bestOf(results.map(({ refit }) => innerScore(refit.innerScores, selectBy)))
  const nested = { correlation, explainedVariance, ...byAnimal(evaluation, sites), timesChosen: timesChosen(layers, chosen), layerPerSplit: chosen.map((k) => layers[k]) }
  return { layer: layers[preferred], nested, plainMax: plainMax(results.map(({ scores }) => scores), selectBy) }
}

import type { FitScores, LayerScores, SelectBy } from '../domain/fit.ts'
import { outerScore } from '../encoding/selection.ts'

type RandomControl = NonNullable<FitScores['controls']['random']>

/** Mean and range over seeds of each layer's headline score, and its difference to the fit's own, seed by seed. */
export const summariseSeeds = (layers: LayerScores[], seeds: RandomControl['seeds'], selectBy: SelectBy): RandomControl['summary'] =>
  layers.map((own, k) => {
    const score = outerScore(own, selectBy)
    const scores = seeds.map((seed) => outerScore(seed.layers[k], selectBy))
    const defined = scores.filter((value) => value !== null)
    return {
      layer: own.layer,
      mean: defined.length === 0 ? null : defined.reduce((a, b) => a + b, 0) / defined.length,
      range: defined.length === 0 ? null : [Math.min(...defined), Math.max(...defined)],
      differences: scores.map((value) => (value === null || score === null ? null : score - value)),
    }
  })

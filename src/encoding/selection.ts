import type { SelectBy } from '../domain/fit.ts'
import type { LayerScores } from '../domain/fit-scores.ts'
import type { Matrix } from '../domain/matrix.ts'
import type { InnerScores } from './ridge/problem.ts'
import { mean, median } from './scores/statistics.ts'

/** One number for a layer on inner folds, by the rule that `selectBy` names; null when no site has a score. */
export const innerScore = (scores: InnerScores, selectBy: SelectBy): number | null =>
  selectBy === 'correlation.median' ? median(scores.correlation) : mean(scores.explainedVariance)

/** The same number of a layer on the outer folds. */
export const outerScore = (layer: LayerScores, selectBy: SelectBy): number | null =>
  selectBy === 'correlation.median' ? layer.correlation.median : layer.explainedVariance.mean

/** Index of the largest; a tie goes to the earlier, null counts below every number. */
export const bestOf = (values: readonly (number | null)[]): number =>
  values.reduce<number>((best, value, i) => ((value ?? -Infinity) > (values[best] ?? -Infinity) ? i : best), 0)

/**
 * Nested layer choice: for each outer fold the layer whose inner folds, all within that fold's training rows, score best.
 * `inner[layer][fold]` holds the inner scores. The predictions of the chosen layers, fold by fold, are then scored like one layer's:
 * chosen on inner folds, reported on outer ones.
 */
export const chooseLayers = (inner: readonly (readonly InnerScores[])[], selectBy: SelectBy): number[] => {
  const folds = inner[0]?.length ?? 0
  return Array.from({ length: folds }, (_, fold) => bestOf(inner.map((layer) => innerScore(layer[fold], selectBy))))
}

/** A site's score on inner folds, by the rule that `selectBy` names. */
const siteScores = ({ correlation, explainedVariance }: InnerScores, selectBy: SelectBy): Float64Array => (selectBy === 'correlation.median' ? correlation : explainedVariance)

/** Of several layers' inner scores, the layer that each site's own score prefers; a tie, and a site without a score, go to the earlier. */
export const preferredPerSite = (layers: readonly InnerScores[], selectBy: SelectBy): Int32Array => {
  const scores = layers.map((layer) => siteScores(layer, selectBy))
  return Int32Array.from(scores[0], (_, j) => bestOf(scores.map((sites) => (Number.isNaN(sites[j]) ? null : sites[j]))))
}

/** The same choice made by each site for itself: for each outer fold, the layer per site. */
export const chooseLayersPerSite = (inner: readonly (readonly InnerScores[])[], selectBy: SelectBy): Int32Array[] =>
  Array.from({ length: inner[0]?.length ?? 0 }, (_, fold) => preferredPerSite(inner.map((layer) => layer[fold]), selectBy))

/** Predictions of one fold, each site's from the layer that was chosen for it: (test stimulus x site). */
export const mixPredictions = (layers: readonly Matrix[], chosen: ArrayLike<number>): Matrix => {
  const [{ rows, cols }] = layers
  return { rows, cols, data: Float64Array.from({ length: rows * cols }, (_, k) => layers[chosen[k % cols]].data[k]) }
}

/** How often each layer was chosen, every candidate named. */
export const timesChosen = (layers: readonly string[], chosen: readonly number[]): Record<string, number> =>
  Object.fromEntries(layers.map((layer, i) => [layer, chosen.filter((k) => k === i).length]))

/** The plain maximum over the outer scores: optimistic, since it was chosen on the rows it is reported on. */
export const plainMax = (layers: readonly LayerScores[], selectBy: SelectBy): { layer: string; score: number | null } => {
  const scores = layers.map((layer) => outerScore(layer, selectBy))
  const best = bestOf(scores)
  return { layer: layers[best].layer, score: scores[best] }
}

import type { ClassificationPreprocessing, ClassificationRequest } from '../../domain/classification.ts'
import type { LayerGraph } from '../../models/graph.ts'
import { publishedWeights } from '../../models/weights/catalogue.ts'
import type { CatalogueEntry } from '../../models/weights/catalogue.ts'
import { invalid } from '../refusals.ts'

/** The published checkpoint that weights are (`sha256:…`), or null. */
export const publishedAs = (graph: Pick<LayerGraph, 'id'>, weights: string): CatalogueEntry | null =>
  publishedWeights(graph.id).find(({ sha256Prefix }) => weights.startsWith(`sha256:${sha256Prefix}`)) ?? null

/** Resize over crop where nothing is published: 256 for a crop of 224. */
const USUAL = 256 / 224

/**
 * How images are prepared for classification: as published with these weights, else as with the backbone's usual ones, else by the usual
 * proportion; what the request says comes first.
 */
export const recipeOf = (graph: LayerGraph, weights: string, { resize, filter }: Pick<ClassificationRequest, 'resize' | 'filter'>): ClassificationPreprocessing & { kind: 'crop' } => {
  const [usual] = publishedWeights(graph.id)
  const exact = publishedAs(graph, weights)
  const known = exact ?? usual
  const crop = graph.inputSize
  const published = known?.classification ?? { resize: Math.round(crop * USUAL), crop, filter: 'bilinear' as const }
  if (resize !== undefined && !(Number.isInteger(resize) && resize >= crop && resize <= 4 * crop)) throw invalid('/resize', `a whole number from ${crop} (the network's input) to ${4 * crop}`, resize)
  const from = resize !== undefined || filter !== undefined ? 'the request' : exact ? `${exact.source}, ${exact.version} weights` : known ? `${known.source}, ${known.version} weights: nothing is published for these` : 'the usual proportion: nothing is published'
  return { kind: 'crop', resize: resize ?? published.resize, crop, filter: filter ?? published.filter, from }
}

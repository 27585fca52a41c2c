import type { LabelledImage } from '../../datasets/labelled-images.ts'
import type { Accuracies, OwnHead, RefusedImage } from '../../domain/classification.ts'
import { accuraciesOf, rankOfClass } from '../../encoding/classification/accuracy.ts'
import { neededHead } from '../../models/class-head.ts'
import { publishedAs } from './recipe.ts'
import { eachLayerRow } from './layer-rows.ts'
import type { LayerRun } from './layer-rows.ts'
import { ownClasses, ownClassNames } from './own-classes.ts'

/** Images through the whole network; each image's class against the network's own answer. */
export const classifyByOwnHead = async (run: Omit<LayerRun, 'layer' | 'images'> & { images: readonly LabelledImage[] }, perClass: boolean): Promise<{ head: OwnHead; accuracies: Accuracies | null; refused: RefusedImage[] }> => {
  const { graph, weights } = run.network
  const { logits: layer, classes } = neededHead(graph)
  const labels = ownClasses(run.images, classes, graph.id)
  const ranks: number[] = []
  const known: number[] = []
  const refused = await eachLayerRow({ ...run, layer }, (row, scores) => {
    ranks.push(rankOfClass(scores, labels[row]))
    known.push(labels[row])
  })
  const entry = publishedAs(graph, weights)
  return {
    head: { kind: 'own', layer, published: entry === null || entry.top1 === null ? null : { top1: entry.top1, source: entry.source, version: entry.version } },
    accuracies: ranks.length === 0 ? null : accuraciesOf(ranks, Int32Array.from(known), ownClassNames(classes), { perClass }),
    refused,
  }
}

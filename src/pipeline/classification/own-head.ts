import type { LabelledImage } from '../../datasets/labelled-images.ts'
import type { Accuracies, OwnHead, RefusedImage } from '../../domain/classification.ts'
import { accuraciesOf, rankOfClass } from '../../encoding/classification/accuracy.ts'
import { classScores } from '../../models/class-scores.ts'
import { classNames } from '../inside/class-names.ts'
import { publishedAs } from './recipe.ts'
import { eachLayerRow } from './layer-rows.ts'
import type { LayerRun } from './layer-rows.ts'
import { classNumber, ownClasses, ownClassIds } from './own-classes.ts'

/** With the names of the classes beside their ids, where they have any. */
const named = (accuracies: Accuracies, names: readonly string[] | null): Accuracies =>
  accuracies.perClass === undefined || names === null ? accuracies : { ...accuracies, perClass: accuracies.perClass.map((one) => ({ ...one, name: names[classNumber(one.label, names.length)!] })) }

/** Images through the whole network; each image's class against the network's own answer. */
export const classifyByOwnHead = async (run: Omit<LayerRun, 'layer' | 'images'> & { images: readonly LabelledImage[] }, perClass: boolean): Promise<{ head: OwnHead; accuracies: Accuracies | null; refused: RefusedImage[] }> => {
  const { graph, weights } = run.network
  const { layer, classes } = classScores(graph)
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
    accuracies: ranks.length === 0 ? null : named(accuraciesOf(ranks, Int32Array.from(known), ownClassIds(classes), { perClass }), await classNames(run.context.config.classNames, classes)),
    refused,
  }
}

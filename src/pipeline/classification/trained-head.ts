import type { LabelledImage } from '../../datasets/labelled-images.ts'
import { compareNatural } from '../../datasets/natural-order.ts'
import type { Accuracies, RefusedImage, TrainedHead } from '../../domain/classification.ts'
import { VentralError } from '../../domain/errors.ts'
import type { Labelled } from '../../encoding/classification/choose-penalty.ts'
import { headInput } from '../../models/head-input.ts'
import { findLayer } from '../../models/graph.ts'
import { gigabytes } from '../layer-groups.ts'
import { divide } from './divide.ts'
import type { Division } from './divide.ts'
import { eachLayerRow } from './layer-rows.ts'
import type { LayerRun } from './layer-rows.ts'
import type { ResolvedClassification } from './resolve-classification.ts'
import { trainHead } from './train-head.ts'

export interface HeadRun extends Omit<LayerRun, 'layer' | 'images'> {
  images: readonly LabelledImage[]
  /** in the order of their numbers; null: the labels that occur, in natural order */
  classNames: string[] | null
}

/** Bytes of activations in all, of the rows that are fitted, and of the problem in its own basis (rotate.ts). */
const bytesNeeded = (rows: number, units: number): number => {
  const basis = Math.min(rows, units)
  return 4 * rows * units * 2 + 8 * rows * basis + 16 * basis ** 2 + (units > rows ? 8 * rows * units : 0)
}

const checkMemory = (rows: number, units: number, layer: string, memory: number): void => {
  const bytes = bytesNeeded(rows, units)
  if (bytes <= memory / 2) return
  throw new VentralError('does-not-fit', `A head on ${units} units of ${layer} for ${rows} images would take ${gigabytes(bytes)} of memory, and ${gigabytes(memory / 2)} may be used. Name a smaller layer (--layer), as one after a pooling.`, [
    { pointer: '/layer', expected: `at most ${gigabytes(memory / 2)}`, found: gigabytes(bytes) },
  ])
}

const numberOf = (images: readonly LabelledImage[], known: string[] | null): { names: string[]; labels: Int32Array } => {
  const names = known ?? [...new Set(images.map(({ label }) => label))].sort(compareNatural)
  if (names.length < 2) throw new VentralError('too-few-stimuli', `All images are of the class "${names[0]}": a head needs 2 classes.`, [{ pointer: '/input', expected: 'at least 2 classes', found: '1' }])
  const place = new Map(names.map((name, k) => [name, k]))
  return { names, labels: Int32Array.from(images, ({ label }) => place.get(label)!) }
}

/** Rows of the given division, or of one by the seed. */
const trainAndTest = (images: readonly LabelledImage[], labels: Int32Array, names: string[], { seed, test }: ResolvedClassification): Division & { division: string } => {
  const rows = (which: 'train' | 'test'): Int32Array => Int32Array.from(images.keys()).filter((i) => images[i].part === which)
  if (images.every((image) => image.part === null)) return { ...divide(labels, names, { share: test, seed, what: 'labelled' }), division: `a share of ${test} of each class, by seed ${seed}, is for testing` }
  return { train: rows('train'), test: rows('test'), division: 'given' }
}

const checkClasses = (labels: Int32Array, { train, test }: Division, names: string[]): void => {
  const trained = new Set(Array.from(train, (row) => labels[row]))
  const lacking = names.findIndex((_, k) => !trained.has(k))
  if (lacking >= 0 || test.length === 0) {
    const what = lacking >= 0 ? `The class "${names[lacking]}" has no training image` : 'There is no test image'
    throw new VentralError('too-few-stimuli', `${what}.`, [{ pointer: '/input', expected: 'training images of each class, and test images', found: 'none' }])
  }
}

/**
 * A new linear head on a layer: activations of all images -> their division -> the head, by the training images -> the test images.
 */
export const classifyByTrainedHead = async (run: HeadRun, request: ResolvedClassification): Promise<{ head: TrainedHead; accuracies: Accuracies; refused: RefusedImage[]; warnings: string[] }> => {
  const { context, network, images, onProgress, signal } = run
  const layer = request.layer ?? headInput(network.graph)
  const { units } = findLayer(network.graph, layer, '/layer')
  checkMemory(images.length, units, layer, context.config.memoryBytes)
  const { names, labels: allLabels } = numberOf(images, run.classNames)

  const data = new Float32Array(images.length * units)
  const read: number[] = [] // places of the images that were read, in order
  const refused = await eachLayerRow({ ...run, layer }, (row, values) => {
    data.set(values, read.length * units)
    read.push(row)
  })
  const kept = read.map((row) => images[row])
  const all: Labelled = { X: { rows: read.length, cols: units, data: data.subarray(0, read.length * units) }, labels: Int32Array.from(read, (row) => allLabels[row]) }
  if (kept.length === 0) throw new VentralError('not-an-image', `None of the ${images.length} images can be read: ${refused[0].detail}`)

  const { division, ...parts } = trainAndTest(kept, all.labels, names, request)
  checkClasses(all.labels, parts, names)
  const trained = await trainHead(all, parts, names, { ...request, threads: context.config.threads, onProgress, signal })
  return { ...trained, head: { kind: 'trained', layer, units, division, ...trained.head }, refused }
}

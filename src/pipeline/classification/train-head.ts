import type { Accuracies, ClassificationRequest, TrainedHead } from '../../domain/classification.ts'
import type { ReportProgress } from '../../domain/progress.ts'
import { accuraciesOf } from '../../encoding/classification/accuracy.ts'
import { choosePenalty, HEAD_TOLERANCE, penaltyRange, ranksOf } from '../../encoding/classification/choose-penalty.ts'
import type { Labelled } from '../../encoding/classification/choose-penalty.ts'
import { logisticProblem } from '../../encoding/logistic/logistic.ts'
import { createLinearAlgebra } from '../../numerics/linear-algebra.ts'
import { createProducts } from '../../numerics/products.ts'
import { divide } from './divide.ts'
import type { Division } from './divide.ts'
import { untrainedHeads } from './untrained-heads.ts'

export interface HeadOptions extends Pick<ClassificationRequest, 'perClass'> {
  heldOut: number
  seed: number
  threads: number
  onProgress: ReportProgress
  signal?: AbortSignal
}

export interface HeadResult {
  head: Omit<TrainedHead, 'kind' | 'layer' | 'units' | 'division'>
  accuracies: Accuracies
  warnings: string[]
}

const part = ({ X, labels }: Labelled, rows: Int32Array): Labelled => {
  const data = new Float32Array(rows.length * X.cols)
  rows.forEach((row, i) => data.set(X.data.subarray(row * X.cols, (row + 1) * X.cols), i * X.cols))
  return { X: { rows: rows.length, cols: X.cols, data }, labels: rows.map((row) => labels[row]) }
}

/**
 * Trains a head on activations and tests it: part of the training rows held out, by the seed -> C by their top-1 -> the head on all
 * training rows -> the test rows, beside heads that nobody trained. Every class needs 2 training rows (`too-few-stimuli`).
 */
export const trainHead = async (all: Labelled, { train, test }: Division, names: readonly string[], options: HeadOptions): Promise<HeadResult> => {
  const { heldOut, seed, perClass, onProgress, signal } = options
  const inner = divide(train.map((row) => all.labels[row]), names, { share: heldOut, seed, what: 'training' })
  const within = (rows: Int32Array): Labelled => part(all, rows.map((i) => train[i]))
  const products = await createProducts({ threads: options.threads })
  const tools = { la: await createLinearAlgebra(), products }
  const problemOf = ({ X, labels }: Labelled) => logisticProblem(X, labels, names.length, tools)
  try {
    const { C, path } = await choosePenalty(await problemOf(within(inner.train)), penaltyRange, within(inner.test), names.length, tools, {
      onStep: (done) => onProgress({ stage: 'penalties', done, total: penaltyRange.length }),
      signal,
    })
    const { objective, iterations, converged, ...model } = await (await problemOf(part(all, train))).fit(C, { tolerance: HEAD_TOLERANCE, signal })
    const tested = part(all, test)
    const ranks = await ranksOf(tested, model, products)
    const untrained = await untrainedHeads(tested, names.length, seed, products, { onStep: (done, total) => onProgress({ stage: 'untrained heads', done, total }), signal })
    const edge = C === penaltyRange[0] || C === penaltyRange.at(-1)
    return {
      head: { C, path, heldOut: inner.test.length, fitted: inner.train.length, train: train.length, test: test.length, objective, iterations, converged, untrained },
      accuracies: accuraciesOf(ranks, tested.labels, names, { perClass }),
      warnings: [
        ...(edge ? [`The C chosen, ${C}, is at the edge of those tried: the best may lie beyond.`] : []),
        ...(converged && path.every((one) => one.converged) ? [] : ['Not every fit of the head converged.']),
      ],
    }
  } finally {
    await products.close()
  }
}

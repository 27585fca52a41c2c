import type { Matrix as MlMatrix } from 'ml-matrix'
import type { LinearMapping, PlsMapping, RidgeMapping } from '../../domain/fit.ts'
import type { Matrix } from '../../domain/matrix.ts'
import { chooseFrom } from '../ridge/choose-alphas.ts'
import type { InnerScores } from '../ridge/problem.ts'
import { createTally } from '../ridge/tally.ts'
import { scoreFolds } from '../scores/fold-scores.ts'
import type { Split } from '../splits/split.ts'
import { centreSites } from '../training-system.ts'
import { centred, takeRows } from './centred.ts'
import { referenceComponents } from './components.ts'
import { linearPredictions, rankOfRows } from './linear.ts'
import { plsPredictions } from './pls.ts'
import { meanSquaredLength, ridgePredictions } from './ridge.ts'

/** A mapping that is checked: fitted to the activations themselves by ml-matrix, ml-pca and ml-pls, not to their Gram matrix. */
export interface ReferenceProblem {
  /** activations, (stimulus x unit) */
  X: Matrix
  /** (stimulus x site), finite in all rows that are used */
  Y: Matrix
  mapping: RidgeMapping | LinearMapping | PlsMapping
  train: Int32Array
  /** may be empty */
  test: Int32Array
  /** divisions of `train`, as indices into all stimuli */
  inner: readonly Split[]
}

export interface ReferenceFit {
  /** (test stimulus x site) */
  predictions: Matrix
  alphas: Float64Array
  alphaIndex: Int32Array
  innerScores: InnerScores
  /** dimensions in which the training rows vary */
  rank: number
}

/** Fits one training set and predicts its test rows: the same answers as the Gram route, by other means. */
export const fitReference = (problem: ReferenceProblem): ReferenceFit => (problem.mapping.method === 'ridge' ? fitRidge({ ...problem, mapping: problem.mapping }) : fitPlain({ ...problem, mapping: problem.mapping }))

/** Principal components of the outer training rows come first, so that the inner folds see them, as the Gram route has it. */
const fitRidge = ({ X, Y, mapping, train, test, inner }: ReferenceProblem & { mapping: RidgeMapping }): ReferenceFit => {
  const scores = reduce(takeRows(X, train), takeRows(X, test), mapping.pca)
  const rates = takeRows(Y, train)
  const scale = meanSquaredLength(centred(scores.X, rates, scores.other))
  const alphas = mapping.alphas.map((alpha) => (mapping.alphaUnits === 'relative' && scale > 0 ? alpha * scale : alpha))
  const place = new Map(Array.from(train, (row, i) => [row, i]))
  const tally = createTally(Float64Array.from(alphas), Y.cols)
  for (const split of inner) {
    const [rows, held] = [split.train, split.test].map((part) => Array.from(part, (row) => place.get(row)!))
    const part = centred(pick(scores.X, rows), pick(rates, rows), pick(scores.X, held))
    const responses = siteRows(pick(rates, held))
    ridgePredictions(part, alphas).forEach((found, a) => {
      const predicted = siteRows(found.addRowVector(part.meanY))
      tally.addFold(a, { ...predicted, data: responses.data.map((y, i) => y - predicted.data[i]) }, responses)
    })
  }
  const { variances } = centreSites(Y, train)
  const { alphaIndex, alphas: chosen, innerScores } = chooseFrom(mapping, tally.table(inner.length), variances)
  const rank = rankOfRows(centred(scores.X, rates, scores.X).X)
  const predictions: Matrix = { rows: test.length, cols: Y.cols, data: new Float64Array(test.length * Y.cols) }
  if (test.length > 0) {
    const whole = centred(scores.X, rates, scores.other)
    const used = [...new Set(alphaIndex)]
    const found = ridgePredictions(whole, used.map((a) => alphas[a]))
    for (let j = 0; j < Y.cols; j++) for (let i = 0; i < test.length; i++) predictions.data[i * Y.cols + j] = found[used.indexOf(alphaIndex[j])].get(i, j) + whole.meanY[j]
  }
  return { predictions, alphas: chosen, alphaIndex, innerScores, rank }
}

const fitPlain = ({ X, Y, mapping, train, test, inner }: ReferenceProblem & { mapping: LinearMapping | PlsMapping }): ReferenceFit => {
  const predict = (split: Split): Matrix => {
    if (split.test.length === 0) return { rows: 0, cols: Y.cols, data: new Float64Array(0) }
    const scores = reduce(takeRows(X, split.train), takeRows(X, split.test), mapping.pca)
    const part = centred(scores.X, takeRows(Y, split.train), scores.other)
    return stimulusRows((mapping.method === 'linear' ? linearPredictions(part) : plsPredictions(part, mapping)).addRowVector(part.meanY))
  }
  const { r, ev } = scoreFolds(inner.map((split) => ({ test: split.test, predictions: predict(split) })), Y)
  const { X: scores } = reduce(takeRows(X, train), takeRows(X, []), mapping.pca)
  return {
    predictions: predict({ train, test }),
    alphas: new Float64Array(Y.cols).fill(NaN),
    alphaIndex: new Int32Array(Y.cols),
    innerScores: { correlation: r, explainedVariance: ev },
    rank: rankOfRows(centred(scores, takeRows(Y, train), scores).X),
  }
}

const reduce = (X: MlMatrix, other: MlMatrix, pca: RidgeMapping['pca']): { X: MlMatrix; other: MlMatrix } => (typeof pca === 'number' ? referenceComponents(X, other, pca) : { X, other })

const pick = (matrix: MlMatrix, rows: number[]): MlMatrix => matrix.subMatrixRow(rows)

/** (site x row) */
const siteRows = (matrix: MlMatrix): Matrix => stimulusRows(matrix.transpose())

const stimulusRows = (matrix: MlMatrix): Matrix => ({ rows: matrix.rows, cols: matrix.columns, data: Float64Array.from(matrix.to1DArray()) })

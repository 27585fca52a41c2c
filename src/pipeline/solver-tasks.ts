import type { Matrix, NdArray } from '../domain/matrix.ts'
import type { LayerScores, RidgeMapping } from '../domain/fit.ts'
import type { Reliability } from '../encoding/ceilings/analytic.ts'
import { splitHalfReliability } from '../encoding/ceilings/split-half.ts'
import type { InnerScores } from '../encoding/ridge/problem.ts'
import { fitRidgeAll, fitRidgeFold } from '../encoding/ridge/ridge.ts'
import { evaluate, scoreLayer } from '../encoding/scores/score-layer.ts'
import type { Evaluation, LayerToScore } from '../encoding/scores/score-layer.ts'
import type { HeldOut } from '../encoding/scores/fold-scores.ts'
import type { BootstrapOptions } from '../encoding/bootstrap.ts'
import type { Split } from '../encoding/splits/split.ts'
import type { LinearAlgebra } from '../numerics/linear-algebra.ts'
import type { Products } from '../numerics/products.ts'

/** What a thread of the solver pool works with. */
export interface SolverTools {
  la: LinearAlgebra
  products: Products
}

interface RidgeInput {
  /** Gram matrix (stimulus x stimulus) and responses (stimulus x site); in shared memory where several tasks read them */
  K: Matrix
  Y: Matrix
  mapping: RidgeMapping
}

export interface FoldInput extends RidgeInput {
  split: Split
  /** divisions of the training rows, as indices into all stimuli */
  inner: Split[]
}

/** Held-out predictions of one fold, and what nested layer choice needs of it. */
export interface FoldOutput extends HeldOut {
  predictions: Matrix
  alphas: Float64Array
  alphaIndex: Int32Array
  innerScores: InnerScores
}

export interface RefitOutput {
  alphas: Float64Array
  innerScores: InnerScores
  dual: Matrix
  bias: Float64Array
  rank: number
}

/** Halves drawn for the split-half reliability that is told beside the analytic one. */
export const SPLIT_HALF = { draws: 100, seed: 0 }

/** The heavy steps of a fit, each a pure function of what it is given, to be run in any thread. */
export const solverTasks = {
  fold: async ({ K, Y, mapping, split, inner }: FoldInput, tools: SolverTools): Promise<FoldOutput> => {
    const fit = await fitRidgeFold({ K, Y, ...mapping, train: split.train, test: split.test, inner }, tools)
    return { test: split.test, predictions: fit.predictions, alphas: fit.alphas, alphaIndex: fit.alphaIndex, innerScores: fit.innerScores }
  },

  refit: async ({ K, Y, mapping, inner }: RidgeInput & { inner: Split[] }, tools: SolverTools): Promise<RefitOutput> => {
    const { alphas, innerScores, dual, bias, rank } = await fitRidgeAll({ K, Y, ...mapping, inner }, tools)
    return { alphas, innerScores, dual, bias, rank }
  },

  splitHalf: ({ trials }: { trials: NdArray }): Promise<Reliability[]> => Promise.resolve(splitHalfReliability(trials, SPLIT_HALF)),

  score: (input: LayerToScore, { products }: SolverTools): Promise<LayerScores> => scoreLayer(input, products),

  evaluate: (input: { folds: HeldOut[]; responses: Matrix; bootstrap: BootstrapOptions | null }, { products }: SolverTools): Promise<Evaluation> =>
    evaluate(input.folds, input.responses, input.bootstrap, products),
}

export type SolverTask = keyof typeof solverTasks
export type TaskInput<T extends SolverTask> = Parameters<(typeof solverTasks)[T]>[0]
export type TaskOutput<T extends SolverTask> = Awaited<ReturnType<(typeof solverTasks)[T]>>

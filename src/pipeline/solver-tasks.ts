import type { Matrix, NdArray } from '../domain/matrix.ts'
import type { LayerScores } from '../domain/fit-scores.ts'
import type { Reliability } from '../encoding/ceilings/analytic.ts'
import { brainScoreCeiling } from '../encoding/ceilings/brain-score.ts'
import type { InternalConsistency } from '../encoding/ceilings/brain-score.ts'
import { earlyLateReliability } from '../encoding/ceilings/early-late.ts'
import { explainableVariance } from '../encoding/ceilings/explainable-variance.ts'
import { splitHalfReliability } from '../encoding/ceilings/split-half.ts'
import { normaliseResponses } from '../encoding/normalise.ts'
import type { Normalisation } from '../encoding/normalise.ts'
import { projectedGram, unproject } from '../encoding/projected-gram.ts'
import type { ProjectedGram } from '../encoding/projected-gram.ts'
import { drawPermutations } from '../encoding/permutation/draw-permutations.ts'
import type { PermutationOptions } from '../encoding/permutation/draw-permutations.ts'
import { permutedScores } from '../encoding/permutation/permuted-scores.ts'
import type { PermutedFit, PermutedScores } from '../encoding/permutation/permuted-scores.ts'
import type { InnerScores } from '../encoding/ridge/problem.ts'
import { evaluate, scoreLayer } from '../encoding/scores/score-layer.ts'
import type { Evaluation, LayerToScore } from '../encoding/scores/score-layer.ts'
import type { HeldOut } from '../encoding/scores/fold-scores.ts'
import type { BootstrapOptions } from '../encoding/bootstrap.ts'
import { headlineDraws } from '../encoding/differences.ts'
import type { HeadlineDraws } from '../encoding/differences.ts'
import type { Split } from '../encoding/splits/split.ts'
import type { LinearAlgebra } from '../numerics/linear-algebra.ts'
import type { Products } from '../numerics/products.ts'
import { fitMappingAll, fitMappingFold } from './mappings.ts'
import type { MappingProblem } from './mappings.ts'
import { referenceTask } from './reference/reference-task.ts'
import { solveBandsByPattern } from './solve-bands-by-pattern.ts'
import type { BandsProblem } from './solve-bands.ts'
import { primalTasks } from './primal/primal-tasks.ts'

/** What a thread of the solver pool works with. */
export interface SolverTools {
  la: LinearAlgebra
  products: Products
}

/** One outer fold of a mapping. K and Y lie in shared memory where several tasks read them. */
export type FoldInput = MappingProblem & Normalised & { split: Split }

/** How the responses are normalised by the training rows of each fit. */
export interface Normalised {
  normalise?: Normalisation | null
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
  /** (stimulus x site); 0 for stimuli that were not fitted */
  dual: Matrix
  bias: Float64Array
  rank: number
  /** in place of `dual`, of a joint mapping: one per band */
  duals?: Matrix[]
  /** in place of `dual`, weights (dimension x site) of activations about `centre`: of reduced ones, or of a layer fitted in primal form */
  reduced?: { weights: Matrix; centre: Float64Array }
}

/** A refit of a joint mapping, with what it chose: shares (candidate x site) and weights (band x site), columns summing to 1. */
export interface JointRefit extends RefitOutput {
  shares: Matrix
  bandWeights: Matrix
}

/** Halves drawn for the split-half reliability that is told beside the analytic one. */
export const SPLIT_HALF = { draws: 100, seed: 0 }

/** Brain-Score's own halves of the repetition index. */
export const SPLIT_HALF_BRAIN_SCORE = { splits: 10, seed: 1 }

/** Reliabilities that are told beside the analytic one. */
export interface Reliabilities {
  splitHalf: Reliability[]
  /** first half of each stimulus's repetitions against the last */
  earlyLate: Reliability[]
  brainScore: InternalConsistency
  /** of a single trial, NaN where undefined */
  explainableVariance: Float64Array
}

/** What is told of a layer, and the bootstrap draws of its headline numbers, for paired differences. */
export interface ScoredLayer {
  scores: LayerScores
  draws: HeadlineDraws
}

/** The heavy steps of a fit, each a pure function of what it is given, to be run in any thread. */
export const solverTasks = {
  ...primalTasks,
  ...referenceTask,

  /** all stimuli's activations reduced to principal components of `rows`, before any fold is fitted */
  project: ({ K, rows, components }: { K: Matrix; rows: Int32Array; components: number }, tools: SolverTools): Promise<ProjectedGram> => projectedGram(K, rows, components, tools),

  /** a refit on such activations as one on the whole */
  unproject: async ({ K, rows, U, refit }: { K: Matrix; rows: Int32Array; U: Matrix; refit: RefitOutput }, tools: SolverTools): Promise<RefitOutput> => ({
    ...refit,
    ...(await unproject(K, rows, U, refit, tools)),
  }),

  fold: async (input: FoldInput, tools: SolverTools): Promise<FoldOutput> => {
    const { normalise = null, split } = input
    const Y = normalise === null ? input.Y : normaliseResponses(input.Y, split.train, normalise)
    const { predictions, alphas, alphaIndex, innerScores } = await fitMappingFold({ ...input, Y }, tools)
    return { test: split.test, predictions, alphas, alphaIndex, innerScores, ...(normalise === null ? {} : { responses: rowsOf(Y, split.test) }) }
  },

  refit: async (input: MappingProblem & Normalised & { rows?: Int32Array }, tools: SolverTools): Promise<RefitOutput> => {
    const { normalise = null, rows: train = Int32Array.from({ length: input.K.rows }, (_, i) => i) } = input
    const Y = normalise === null ? input.Y : normaliseResponses(input.Y, train, normalise)
    const { alphas, innerScores, bias, rank, ...fit } = await fitMappingAll({ ...input, Y }, tools)
    if ('weights' in fit) return { alphas, innerScores, dual: noDual(Y.cols), bias, rank, reduced: { weights: fit.weights, centre: new Float64Array(fit.weights.rows) } }
    return { alphas, innerScores, dual: overStimuli(fit.dual, fit.rows, input.K.rows), bias, rank }
  },

  jointFold: async (input: BandsProblem & Normalised & { split: Split }, tools: SolverTools): Promise<FoldOutput> => {
    const { normalise = null, split } = input
    const Y = normalise === null ? input.Y : normaliseResponses(input.Y, split.train, normalise)
    const { predictions, alphas, alphaIndex, innerScores } = await solveBandsByPattern({ ...input, ...split, Y }, tools)
    return { test: split.test, predictions, alphas, alphaIndex, innerScores, ...(normalise === null ? {} : { responses: rowsOf(Y, split.test) }) }
  },

  jointRefit: async (input: BandsProblem & Normalised & { rows: Int32Array }, tools: SolverTools): Promise<JointRefit> => {
    const { normalise = null } = input
    const Y = normalise === null ? input.Y : normaliseResponses(input.Y, input.rows, normalise)
    const { alphas, innerScores, duals, bias, rank, rows, shares, bandWeights } = await solveBandsByPattern({ ...input, Y, train: input.rows, test: new Int32Array(0) }, tools)
    return { alphas, innerScores, dual: noDual(input.Y.cols), duals: duals.map((dual) => overStimuli(dual, rows, input.Y.rows)), bias, rank, shares, bandWeights }
  },

  reliabilities: ({ trials }: { trials: NdArray }): Promise<Reliabilities> =>
    Promise.resolve({
      splitHalf: splitHalfReliability(trials, SPLIT_HALF),
      earlyLate: earlyLateReliability(trials),
      brainScore: brainScoreCeiling(trials, SPLIT_HALF_BRAIN_SCORE),
      explainableVariance: explainableVariance(trials),
    }),

  /** one split under every permutation */
  permute: (
    { plan, split, alphas, ...fit }: Omit<PermutedFit, 'splits' | 'alphas' | 'permutations'> & { split: Split; alphas: Float64Array; plan: PermutationOptions },
    tools: SolverTools,
  ): Promise<PermutedScores> => permutedScores({ ...fit, splits: [split], alphas: [alphas], permutations: drawPermutations(fit.Y.rows, plan) }, tools),

  /** of the draws only those of the headline numbers come back: 24 bytes per draw, whatever the number of sites */
  score: async (input: LayerToScore & { bootstrap: BootstrapOptions }, { products }: SolverTools): Promise<ScoredLayer> => {
    const { scores, evaluation } = await scoreLayer(input, products)
    return { scores, draws: headlineDraws(evaluation.draws!) }
  },

  evaluate: (input: { folds: HeldOut[]; responses: Matrix; bootstrap: BootstrapOptions | null }, { products }: SolverTools): Promise<Evaluation> =>
    evaluate(input.folds, input.responses, input.bootstrap, products),
}

const rowsOf = ({ cols, data }: Matrix, rows: Int32Array): Matrix => {
  const out = new Float64Array(rows.length * cols)
  rows.forEach((row, i) => out.set(data.subarray(row * cols, (row + 1) * cols), i * cols))
  return { rows: rows.length, cols, data: out }
}

const noDual = (sites: number): Matrix => ({ rows: 0, cols: sites, data: new Float64Array(0) })

/** Dual coefficients of some stimuli as coefficients of all, 0 elsewhere. */
const overStimuli = (dual: Matrix, rows: Int32Array, n: number): Matrix => {
  if (rows.length === n) return dual
  const data = new Float64Array(n * dual.cols)
  rows.forEach((row, i) => data.set(dual.data.subarray(i * dual.cols, (i + 1) * dual.cols), row * dual.cols))
  return { rows: n, cols: dual.cols, data }
}

export type SolverTask = keyof typeof solverTasks
export type TaskInput<T extends SolverTask> = Parameters<(typeof solverTasks)[T]>[0]
export type TaskOutput<T extends SolverTask> = Awaited<ReturnType<(typeof solverTasks)[T]>>

import { sitesOf } from '../encoding/missing/patterns.ts'
import type { InnerScores } from '../encoding/ridge/problem.ts'
import type { FoldOutput, RefitOutput } from './solver-tasks.ts'

const pick = (values: Float64Array, sites: Int32Array): Float64Array => Float64Array.from(sites, (j) => values[j])

const keepInner = ({ correlation, explainedVariance }: InnerScores, sites: Int32Array): InnerScores => ({
  correlation: pick(correlation, sites),
  explainedVariance: pick(explainedVariance, sites),
})

/** A fold's results of some of its sites; null: of all. */
export const keepFold = (fold: FoldOutput, sites: Int32Array | null): FoldOutput =>
  sites === null
    ? fold
    : {
        ...fold,
        predictions: sitesOf(fold.predictions, { sites }),
        ...(fold.responses === undefined ? {} : { responses: sitesOf(fold.responses, { sites }) }),
        alphas: pick(fold.alphas, sites),
        alphaIndex: sites.map((j) => fold.alphaIndex[j]),
        innerScores: keepInner(fold.innerScores, sites),
      }

/** The refit's results of some of its sites; null: of all. */
export const keepRefit = (refit: RefitOutput, sites: Int32Array | null): RefitOutput =>
  sites === null
    ? refit
    : {
        ...refit,
        dual: sitesOf(refit.dual, { sites }),
        ...(refit.duals && { duals: refit.duals.map((dual) => sitesOf(dual, { sites })) }),
        ...(refit.reduced === undefined ? {} : { reduced: { ...refit.reduced, weights: sitesOf(refit.reduced.weights, { sites }) } }),
        bias: pick(refit.bias, sites),
        alphas: pick(refit.alphas, sites),
        innerScores: keepInner(refit.innerScores, sites),
      }

import { columnMoments, explainedVarianceOf, pearsonOf, r2Of } from './moments.ts'
import type { Moments } from './moments.ts'

const momentsOf = (prediction: ArrayLike<number>, response: ArrayLike<number>): Moments =>
  columnMoments(
    Float64Array.from(prediction),
    Float64Array.from(response),
    1,
    0,
    Int32Array.from({ length: response.length }, (_, i) => i),
  )

/** Pearson's r of two equally long vectors; null where either is constant or shorter than 2. */
export const pearson = (prediction: ArrayLike<number>, response: ArrayLike<number>): number | null => orNull(pearsonOf(momentsOf(prediction, response)))

/** Explained variance 1 - var(y - ŷ) / var(y) (FORMULAS.md, Scores); null where the response is constant. */
export const explainedVariance = (prediction: ArrayLike<number>, response: ArrayLike<number>): number | null =>
  orNull(explainedVarianceOf(momentsOf(prediction, response)))

/** R² = 1 - SSE / SST about the response's mean; null where the response is constant. */
export const r2 = (prediction: ArrayLike<number>, response: ArrayLike<number>): number | null => orNull(r2Of(momentsOf(prediction, response)))

/** JSON has no NaN: an undefined number leaves as null. */
export const orNull = (x: number): number | null => (Number.isFinite(x) ? x : null)

import type { ReductionPlan } from '../../domain/fit.ts'
import type { Matrix } from '../../domain/matrix.ts'
import { composeReadout, sparseProjection } from '../../encoding/cells/sparse-projection.ts'
import type { RefitOutput } from '../solver-tasks.ts'
import { dimensionsOf } from './reduction.ts'

/** The readout from weights of a layer's activations, reduced or (with no reduction) as they are: projection and weights are one matrix, (unit x site), so no stimulus is run again. */
export const reducedReadout = (units: number, reduction: ReductionPlan | null, { weights, centre }: NonNullable<RefitOutput['reduced']>, bias: Float64Array): { weights: Matrix<Float32Array>; bias: Float32Array } => {
  const { rows: k, cols: m } = weights
  const projection = reduction === null ? null : sparseProjection(units, dimensionsOf(units, reduction), reduction.seed)
  return {
    weights: projection === null ? { ...weights, data: Float32Array.from(weights.data) } : composeReadout(projection, weights),
    bias: Float32Array.from(bias, (b, j) => {
      let shift = 0
      for (let i = 0; i < k; i++) shift += centre[i] * weights.data[i * m + j]
      return b - shift
    }),
  }
}

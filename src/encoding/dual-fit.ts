import type { Matrix } from '../domain/matrix.ts'
import { transpose } from '../numerics/transpose.ts'
import { centredCross } from './gram.ts'
import type { Tools } from './tools.ts'
import { rankOf } from './training-system.ts'
import type { TrainingSystem } from './training-system.ts'

/**
 * A fitted linear mapping in dual form. For a stimulus with activations x, rate = k'A + bias, where k holds the inner products of
 * (x - c) with the training rows (X - c) for the very vector c that K is about. Each column of A sums to 0, so the readout is
 * W = (X - c)'A = X'A (unit x site) and rate = x'W + bias - c'W.
 */
export interface DualFit {
  /** (training row x site), rows in the order of `rows` */
  dual: Matrix
  bias: Float64Array
  rows: Int32Array
  /** dimensions in which the training rows' activations vary */
  rank: number
}

/** The dual fit whose coefficients are `A`, (site x training row). */
export const dualFit = (system: TrainingSystem, A: Matrix): DualFit => {
  const { centre, means } = system
  const n = A.cols
  const bias = Float64Array.from(means, (mean, j) => {
    let shift = 0
    for (let i = 0; i < n; i++) shift += A.data[j * n + i] * centre.means[i]
    return mean - shift
  })
  return { dual: transpose(A), bias, rows: centre.rows, rank: rankOf(system) }
}

/** Predictions of stimuli of K by coefficients `A`, (site x training row), about the training mean, where they keep most digits: (stimulus x site). */
export const predictRows = async (
  K: Matrix,
  { centre, means }: TrainingSystem,
  A: Matrix,
  rows: Int32Array,
  { products }: Pick<Tools, 'products'>,
): Promise<Matrix> => {
  const predictions = await products.f64(centredCross(K, centre, rows), A, { transB: true })
  for (let i = 0; i < predictions.data.length; i++) predictions.data[i] += means[i % means.length]
  return predictions
}

/** Predictions of any stimuli whose inner products with the fit's training rows, about the same vector as K, are the rows of `cross`. */
export const predictDual = async ({ dual, bias }: DualFit, cross: Matrix, { products }: Pick<Tools, 'products'>): Promise<Matrix> => {
  const out = await products.f64(cross, transpose(dual), { transB: true })
  for (let i = 0; i < out.data.length; i++) out.data[i] += bias[i % bias.length]
  return out
}

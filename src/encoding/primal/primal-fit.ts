import type { Matrix } from '../../domain/matrix.ts'
import { transpose } from '../../numerics/transpose.ts'
import { eigenCoefficients } from '../ridge/shrinkage.ts'
import type { Tools } from '../tools.ts'
import type { PrimalSystem } from './primal-system.ts'

/** A fitted linear mapping in primal form: rate = x'W + bias. */
export interface PrimalFit {
  /** (unit x site) */
  weights: Matrix
  bias: Float64Array
  /** training rows, as indices into all stimuli */
  rows: Int32Array
  /** dimensions in which the training rows' activations vary */
  rank: number
}

/** Ridge's weights V S (S² + α)^-1 U'Yc, (unit x site); least squares of minimum norm at α = 0. */
export const primalWeights = async (system: PrimalSystem, alphaOf: (site: number) => number, { products }: Pick<Tools, 'products'>): Promise<Matrix> => {
  const { rows, cols, data } = eigenCoefficients(system, alphaOf) // (site x singular vector)
  const scaled: Matrix = { rows, cols, data: data.map((x, k) => x * Math.sqrt(system.values[k % cols])) }
  return transpose(await products.f64(scaled, system.Vt))
}

export const primalFit = ({ unitMeans, means, centre, values }: Pick<PrimalSystem, 'unitMeans' | 'means' | 'centre' | 'values'>, weights: Matrix): PrimalFit => {
  const m = weights.cols
  const bias = means.slice()
  for (let k = 0; k < weights.data.length; k++) bias[k % m] -= unitMeans[Math.floor(k / m)] * weights.data[k]
  return { weights, bias, rows: centre.rows, rank: values.length }
}

/** Predictions of some rows of X, about the training mean, where they keep most digits: (stimulus x site). */
export const predictPrimalRows = async (
  X: Matrix,
  { unitMeans, means }: Pick<PrimalSystem, 'unitMeans' | 'means'>,
  weights: Matrix,
  rows: Int32Array,
  { products }: Pick<Tools, 'products'>,
): Promise<Matrix> => {
  const p = X.cols
  const data = Float64Array.from({ length: rows.length * p }, (_, k) => X.data[rows[Math.floor(k / p)] * p + (k % p)] - unitMeans[k % p])
  const out = await products.f64({ rows: rows.length, cols: p, data }, weights)
  for (let k = 0; k < out.data.length; k++) out.data[k] += means[k % means.length]
  return out
}

import type { Matrix } from '../domain/matrix.ts'
import { symmetrise } from '../numerics/transpose.ts'
import type { Tools } from './tools.ts'
import { diagonalise, firstKept } from './training-system.ts'

/** A Gram matrix of the scores on principal components. */
export interface ProjectedGram {
  /** about the mean of `rows`, (stimulus x stimulus), in shared memory; 0 for other stimuli */
  K: Matrix
  /** left singular vectors of the components, (stimulus x component): dual coefficients A of K are U U'A of the whole activations */
  U: Matrix
}

/**
 * The Gram matrix of the scores on the `components` largest principal components of `rows`, all at once: for pipelines that fit PCA to
 * all stimuli before they split them. Fewer components where the rank is lower.
 */
export const projectedGram = async (K: Matrix, rows: Int32Array, components: number, tools: Tools): Promise<ProjectedGram> => {
  const system = await diagonalise(K, rows, tools)
  const { Q, values } = system
  const from = firstKept(system, components)
  const [n, k] = [K.rows, values.length - from]
  const U: Matrix = { rows: n, cols: k, data: new Float64Array(n * k) }
  const scores = new Float64Array(n * k) // (stimulus x component)
  rows.forEach((row, i) => {
    for (let c = 0; c < k; c++) {
      U.data[row * k + c] = Q.data[i * Q.cols + from + c]
      scores[row * k + c] = U.data[row * k + c] * Math.sqrt(values[from + c])
    }
  })
  const data = new Float64Array(new SharedArrayBuffer(8 * n * n))
  if (k > 0) await tools.products.addGram(data, { rows: n, cols: k, data: scores })
  symmetrise(data, n)
  return { K: { rows: n, cols: n, data }, U }
}

/**
 * A fit on the projected activations as one on the whole: dual coefficients (stimulus x site) and bias with respect to `K`, the Gram
 * matrix that was projected. With U orthogonal to ones on `rows` the coefficients sum to 0, so only the bias knows about which vector K is.
 */
export const unproject = async (K: Matrix, rows: Int32Array, U: Matrix, fit: { dual: Matrix; bias: Float64Array }, { products }: Pick<Tools, 'products'>): Promise<{ dual: Matrix; bias: Float64Array }> => {
  const m = fit.dual.cols
  if (U.cols === 0) return { dual: { ...fit.dual, data: new Float64Array(fit.dual.data.length) }, bias: fit.bias }
  const dual = await products.f64(U, await products.f64(U, fit.dual, { transA: true }))
  const predicted = await products.f64(K, dual) // (stimulus x site), about the vector of K
  const bias = fit.bias.slice()
  for (const row of rows) for (let j = 0; j < m; j++) bias[j] -= predicted.data[row * m + j] / rows.length
  return { dual, bias }
}

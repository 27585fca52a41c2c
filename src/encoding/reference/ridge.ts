import { CholeskyDecomposition, Matrix as MlMatrix } from 'ml-matrix'
import type { Centred } from './centred.ts'

/**
 * Ridge predictions about the mean response for each absolute penalty, (row x site), by ml-matrix's Cholesky decomposition of the normal
 * equations themselves: of X'X + αI, or of XX' + αI where there are fewer training rows than dimensions.
 */
export const ridgePredictions = ({ X, Y, other }: Centred, alphas: readonly number[]): MlMatrix[] => {
  const dual = X.rows < X.columns
  const Xt = X.transpose()
  const gram = dual ? X.mmul(Xt) : Xt.mmul(X)
  const right = dual ? Y : Xt.mmul(Y)
  const left = dual ? other.mmul(Xt) : other
  return alphas.map((alpha) => {
    const system = gram.clone()
    for (let i = 0; i < system.rows; i++) system.set(i, i, system.get(i, i) + alpha)
    return left.mmul(new CholeskyDecomposition(system).solve(right))
  })
}

/** Mean over the training rows of the squared length of their centred activations: what relative penalties are multiples of. */
export const meanSquaredLength = ({ X }: Pick<Centred, 'X'>): number => {
  let sum = 0
  for (let i = 0; i < X.rows; i++) for (let k = 0; k < X.columns; k++) sum += X.get(i, k) ** 2
  return sum / X.rows
}

/** A matrix of zeros, for what nothing can be fitted to. */
export const zeros = (rows: number, columns: number): MlMatrix => new MlMatrix(rows, columns)

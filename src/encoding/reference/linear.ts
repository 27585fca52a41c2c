import { SingularValueDecomposition } from 'ml-matrix'
import type { Matrix as MlMatrix } from 'ml-matrix'
import type { Centred } from './centred.ts'
import { zeros } from './ridge.ts'

/** Singular values under this share of the largest count as 0 (FORMULAS.md, linear). */
const RCOND = 1e-10

/** Minimum-norm least-squares predictions about the mean response, (row x site), by ml-matrix's singular value decomposition. */
export const linearPredictions = ({ X, Y, other }: Centred): MlMatrix => {
  const svd = new SingularValueDecomposition(X, { autoTranspose: true })
  const values = svd.diagonal
  const kept = values.filter((value) => value > RCOND * Math.max(...values)).length
  if (kept === 0) return zeros(other.rows, Y.columns)
  const U = svd.leftSingularVectors.subMatrix(0, X.rows - 1, 0, kept - 1)
  const V = svd.rightSingularVectors.subMatrix(0, X.columns - 1, 0, kept - 1)
  const scaled = U.transpose().mmul(Y) // (component x site)
  for (let c = 0; c < kept; c++) scaled.mulRow(c, 1 / values[c])
  return other.mmul(V).mmul(scaled)
}

/** Dimensions in which centred activations vary. */
export const rankOfRows = (X: MlMatrix): number => {
  const values = new SingularValueDecomposition(X, { autoTranspose: true, computeLeftSingularVectors: false, computeRightSingularVectors: false }).diagonal
  return values.filter((value) => value > RCOND * Math.max(...values)).length
}

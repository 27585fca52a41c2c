import { Matrix as Dense, solve } from 'ml-matrix'
import type { Matrix } from '../../../src/domain/matrix.ts'

const means = (X: Matrix): Float64Array => {
  const out = new Float64Array(X.cols)
  for (let i = 0; i < X.rows; i++) for (let k = 0; k < X.cols; k++) out[k] += X.data[i * X.cols + k] / X.rows
  return out
}

const centred = (X: Matrix, mean: Float64Array): Dense =>
  new Dense(Array.from({ length: X.rows }, (_, i) => Array.from({ length: X.cols }, (_, k) => X.data[i * X.cols + k] - mean[k])))

/** Ridge as its definition has it, (Xc'Xc + αI) W = Xc'Yc by an LU of another library: what the dual route is held against. */
export const ridgeByNormalEquations = (X: Matrix, Y: Matrix, Xtest: Matrix, alpha: number): Matrix => {
  const [mx, my] = [means(X), means(Y)]
  const Xc = centred(X, mx)
  const left = Xc.transpose().mmul(Xc).add(Dense.eye(X.cols).mul(alpha))
  const predicted = centred(Xtest, mx).mmul(solve(left, Xc.transpose().mmul(centred(Y, my))))
  return {
    rows: Xtest.rows,
    cols: Y.cols,
    data: Float64Array.from({ length: Xtest.rows * Y.cols }, (_, k) => predicted.get(Math.floor(k / Y.cols), k % Y.cols) + my[k % Y.cols]),
  }
}

import type { Matrix } from '../../../src/domain/matrix.ts'
import { std } from '../../../src/encoding/scores/statistics.ts'
import { column, gaussMatrix, multiply, rowsOf } from '../reference.ts'
import type { Sampled } from '../reference.ts'

export interface PlsData {
  tag: string
  n_train: number
  n_test: number
  p: number
  m: number
  noise: number
  check_X: Sampled
  check_Y: Sampled
}

/** The inputs of a problem of encoding/pca_pls.json, by the recipe that stands there. */
export const plsData = ({ tag, n_train, n_test, p, m, noise }: PlsData): { X: Matrix; Y: Matrix } => {
  const n = n_train + n_test
  const latent = gaussMatrix(`${tag}:latent`, n, 12)
  const clean = multiply(latent, gaussMatrix(`${tag}:A`, 12, p)).data
  const xnoise = gaussMatrix(`${tag}:xnoise`, n, p).data
  const signal = multiply(latent, gaussMatrix(`${tag}:B`, 12, m)).data
  const ynoise = gaussMatrix(`${tag}:ynoise`, n, m).data
  return {
    X: { rows: n, cols: p, data: clean.map((x, k) => Math.max(x, 0) + 0.3 * xnoise[k]) },
    Y: { rows: n, cols: m, data: signal.map((y, k) => y + noise * ynoise[k]) },
  }
}

/** Units divided by their training standard deviation, ddof 1, as PLSRegression's scale does; constant units stay. */
export const scaleUnits = (X: Matrix, train: Int32Array): Matrix => {
  const sd = Array.from({ length: X.cols }, (_, k) => std(column(rowsOf(X, train), k), 1) || 1)
  return { ...X, data: X.data.map((x, index) => x / sd[index % X.cols]) }
}

import type { Matrix } from '../../src/domain/matrix.ts'
import { gaussMatrix, multiply } from './reference.ts'
import type { Sampled } from './reference.ts'

export interface RidgeData {
  tag: string
  n_train: number
  n_test: number
  p: number
  m: number
  check_X: Sampled
  check_Y: Sampled
}

/** The inputs of a problem of encoding/ridge.json, by the recipe that stands there. */
export const ridgeData = ({ tag, n_train, n_test, p, m }: RidgeData): { X: Matrix; Y: Matrix } => {
  const n = n_train + n_test
  const latent = gaussMatrix(`${tag}:latent`, n, 12)
  const clean = multiply(latent, gaussMatrix(`${tag}:A`, 12, p)).data
  const xnoise = gaussMatrix(`${tag}:xnoise`, n, p).data
  const signal = multiply(latent, gaussMatrix(`${tag}:B`, 12, m)).data
  const ynoise = gaussMatrix(`${tag}:ynoise`, n, m).data
  const X = { rows: n, cols: p, data: clean.map((x, k) => Math.max(x, 0) + 0.3 * xnoise[k]) }
  const Y = { rows: n, cols: m, data: signal.map((y, k) => y + 0.5 * 2 ** (k % m) * ynoise[k]) }
  if (tag === 'ridgeE') {
    for (let i = 0; i < n; i++) {
      X.data[i * p + 3] = 2.5
      Y.data[i * m + 2] = 1.75
    }
    X.data.copyWithin(10 * p, 0, 10 * p)
    Y.data.copyWithin(10 * m, 0, 10 * m)
  }
  return { X, Y }
}

import type { Matrix } from '../../domain/matrix.ts'
import { transpose } from '../../numerics/transpose.ts'
import type { Tools } from '../tools.ts'
import { dot } from './vectors.ts'

/** X, deflated by the components found so far, as a linear map between coordinates of activations and of rows. */
export interface Deflated {
  /** X w */
  times: (w: Float64Array) => Float64Array
  /** X'u */
  transposedTimes: (u: Float64Array) => Float64Array
}

/** A weight vector of unit length; null when nothing is left to explain. `iterations` where it was iterated. */
export type Direction = { w: Float64Array; iterations?: number } | null

/** The dominant left singular vector of S = X'Y, given as S', (site x activation coordinate), by the eigenvector of the smaller of S'S and SS'. */
export const exactDirection = async (St: Matrix, { la, products }: Tools): Promise<Direction> => {
  const { rows: m, cols: k, data } = St
  const wide = m <= k
  const factor = wide ? St : transpose(St)
  const top = factor.rows === 1 ? Float64Array.of(1) : la.eighTop(await products.f64(factor, factor, { transB: true }), 1).vectorsT.data
  const w = wide ? new Float64Array(k) : top.slice()
  if (wide) for (let j = 0; j < m; j++) for (let i = 0; i < k; i++) w[i] += top[j] * data[j * k + i]
  const norm = Math.sqrt(dot(w, w))
  return norm > 0 ? { w: w.map((x) => x / norm) } : null
}

export interface Iteration {
  tolerance: number
  maxIterations: number
}

/**
 * scikit-learn's NIPALS power iteration, step for step: from the first site with anything left, until the squared change of the weights
 * is under the tolerance. Its default of 1e-6 stops far from the dominant direction (predictions off by up to .28), which is why it
 * has a name of its own. `Y` is (site x row coordinate), deflated.
 */
export const nipalsDirection = (X: Deflated, Y: Matrix, { tolerance, maxIterations }: Iteration): Direction => {
  const { rows: m, cols: k } = Y
  const site = (j: number): Float64Array => Y.data.subarray(j * k, (j + 1) * k)
  let u: Float64Array | undefined
  for (let j = 0; j < m && u === undefined; j++) if (dot(site(j), site(j)) > Number.EPSILON ** 2) u = site(j)
  if (u === undefined) return null
  let previous = new Float64Array(k).fill(100)
  for (let iterations = 1; ; iterations++) {
    const uu = dot(u, u)
    let w = X.transposedTimes(u).map((x) => x / uu)
    const norm = Math.sqrt(dot(w, w)) + Number.EPSILON
    w = w.map((x) => x / norm)
    const t = X.times(w)
    const tt = dot(t, t)
    if (!(tt > 0)) return null
    const q = Float64Array.from({ length: m }, (_, j) => dot(site(j), t) / tt)
    const qq = dot(q, q) + Number.EPSILON
    const next = new Float64Array(k)
    for (let j = 0; j < m; j++) for (let i = 0, row = site(j); i < k; i++) next[i] += (row[i] * q[j]) / qq
    u = next
    const change = w.reduce((sum, x, i) => sum + (x - previous[i]) ** 2, 0)
    if (change < tolerance || m === 1 || iterations === maxIterations) return { w, iterations }
    previous = w
  }
}

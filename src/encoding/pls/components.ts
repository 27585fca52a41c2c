import type { Matrix } from '../../domain/matrix.ts'
import type { Tools } from '../tools.ts'
import { exactDirection, nipalsDirection } from './directions.ts'
import type { Deflated, Iteration } from './directions.ts'
import { addScaled, dot } from './vectors.ts'

/** `exact`: the dominant direction itself. `nipals-sklearn`: scikit-learn's loose iteration. `nipals`: the same with a limit of one's own. */
export type PlsSolver = { name: 'exact' } | ({ name: 'nipals' } & Iteration)

export interface PlsComponents {
  /** R = W (P'W)^-1, one vector of activation coordinates per component */
  rotations: Float64Array[]
  /** loadings of the sites, one vector per component */
  loadings: Float64Array[]
  iterations: number[]
}

/** What is left of X or Y counts as nothing under this share of what there was. */
const EXHAUSTED = 1e-13

/**
 * PLS2 by deflation, in coordinates where X is diagonal: X = diag(s) on the eigenvectors of the centred Gram matrix, both for rows and
 * for activations, which leaves every product of X linear in the number of stimuli. `Y` is (site x eigenvector). Stops early, with fewer
 * components, when X or Y is exhausted.
 */
export const plsComponents = async (s: Float64Array, Y: Matrix, components: number, solver: PlsSolver, tools: Tools): Promise<PlsComponents> => {
  const { rows: m, cols: k } = Y
  const [scores, xLoadings]: Float64Array[][] = [[], []]
  const out: PlsComponents = { rotations: [], loadings: [], iterations: [] }
  const X: Deflated = {
    times: (w) => deflate(scaled(s, w), scores, xLoadings, w),
    transposedTimes: (u) => deflate(scaled(s, u), xLoadings, scores, u),
  }
  const left = { ...Y, data: Y.data.slice() }
  const site = (j: number): Float64Array => left.data.subarray(j * k, (j + 1) * k)
  const whole = Math.sqrt(dot(s, s)) * Math.sqrt(dot(Y.data, Y.data))
  while (out.rotations.length < components) {
    const St = new Float64Array(m * k) // X'Y transposed, (site x activation coordinate)
    for (let j = 0; j < m; j++) St.set(X.transposedTimes(site(j)), j * k)
    if (!(Math.sqrt(dot(St, St)) > EXHAUSTED * whole)) break
    const direction = solver.name === 'exact' ? await exactDirection({ rows: m, cols: k, data: St }, tools) : nipalsDirection(X, left, solver)
    if (direction === null) break
    const t = X.times(direction.w)
    const tt = dot(t, t)
    const p = X.transposedTimes(t).map((x) => x / tt)
    const q = Float64Array.from({ length: m }, (_, j) => dot(site(j), t) / tt)
    for (let j = 0; j < m; j++) addScaled(site(j), -q[j], t)
    // (P'W) is unit upper triangular, so its inverse is a recursion over the components before.
    const r = direction.w.slice()
    xLoadings.forEach((loading, a) => addScaled(r, -dot(loading, direction.w), out.rotations[a]))
    scores.push(t)
    xLoadings.push(p)
    out.rotations.push(r)
    out.loadings.push(q)
    if (direction.iterations !== undefined) out.iterations.push(direction.iterations)
  }
  return out
}

const scaled = (s: Float64Array, v: Float64Array): Float64Array => v.map((x, i) => s[i] * x)

/** v less the sum over components of a_c (b_c · x), in place. */
const deflate = (v: Float64Array, a: readonly Float64Array[], b: readonly Float64Array[], x: Float64Array): Float64Array => {
  for (let c = 0; c < a.length; c++) addScaled(v, -dot(b[c], x), a[c])
  return v
}

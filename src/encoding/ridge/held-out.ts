import type { Matrix } from '../../domain/matrix.ts'
import { NotPositiveDefinite } from '../../numerics/linear-algebra.ts'
import { symmetrise } from '../../numerics/transpose.ts'
import { centredCross } from '../gram.ts'
import type { Tools } from '../tools.ts'
import { trainingSystem } from '../training-system.ts'
import type { Spectral } from '../training-system.ts'
import { dualCoefficients } from './shrinkage.ts'

/** Residuals of `test` in fits on `train` alone, both indices into all stimuli: (site x test row) for each absolute penalty. */
export type Refit = (train: Int32Array, test: Int32Array, alphas: readonly number[]) => Promise<Matrix[]>

/** Past this condition number the fold identity would lose the digits that a refit keeps. */
export const MAX_CONDITION = 1e10

/**
 * Held-out residuals of one inner fold by the fold identity (DESIGN.md): with G = Q(Λ + α)^-1 Q' = (I - H) / α on the training rows,
 * direction of ones removed, the residuals of rows t in a fit without them are G_tt^-1 (G y)_t: exact, unpenalised intercept included.
 * `rows` are positions among the training rows, `GY` is (site x training row). Null when G_tt is too ill-conditioned.
 */
export const heldOutByIdentity = async (system: Spectral, rows: Int32Array, alpha: number, GY: Matrix, tools: Tools): Promise<Matrix | null> => {
  const G = await foldBlock(system, rows, alpha, tools)
  const t = rows.length
  const m = GY.rows
  const right = new Float64Array(t * (m + PROBES)) // (row of fold x site, then probes)
  for (let i = 0; i < t; i++) {
    for (let j = 0; j < m; j++) right[i * (m + PROBES) + j] = GY.data[j * GY.cols + rows[i]]
    for (let q = 0; q < PROBES; q++) right[i * (m + PROBES) + m + q] = probe(i, q)
  }
  const solved = trySolve(G, { rows: t, cols: m + PROBES, data: right }, tools)
  if (solved === null || conditionEstimate(G, solved, m) > MAX_CONDITION) return null
  const residuals = new Float64Array(m * t) // (site x row of fold)
  for (let i = 0; i < t; i++) for (let j = 0; j < m; j++) residuals[j * t + i] = solved.data[i * (m + PROBES) + j]
  return { rows: m, cols: t, data: residuals }
}

/** The same residuals by a fit of its own on the other training rows, for any alphas: (site x row of fold) for each. */
export const heldOutByRefit = async (K: Matrix, Y: Matrix, train: Int32Array, test: Int32Array, alphas: readonly number[], tools: Tools): Promise<Matrix[]> => {
  const system = await trainingSystem(K, Y, train, tools)
  const cross = centredCross(K, system.centre, test)
  const out: Matrix[] = []
  for (const alpha of alphas) {
    const predicted = await tools.products.f64(await dualCoefficients(system, () => alpha, tools), cross, { transB: true }) // (site x row of fold)
    const residuals = new Float64Array(predicted.data.length)
    for (let j = 0, k = 0; j < Y.cols; j++)
      for (let i = 0; i < test.length; i++, k++) residuals[k] = Y.data[test[i] * Y.cols + j] - predicted.data[k] - system.means[j]
    out.push({ ...predicted, data: residuals })
  }
  return out
}

/**
 * G_tt. With a whole basis Q it is S S', S the fold's rows of Q times (Λ + α)^-1/2. With a thin one, what lies outside it counts 1/α:
 * (I - 11'/n)_tt / α - S S', S with weights of 1/α - 1/(Λ + α).
 */
const foldBlock = async ({ Q, values, rest }: Spectral, rows: Int32Array, alpha: number, { products }: Tools): Promise<Matrix> => {
  const k = values.length
  const t = rows.length
  const thin = rest !== undefined
  const weight = values.map((value) => Math.sqrt(thin ? value / (value + alpha) / alpha : 1 / (value + alpha)))
  const S = new Float64Array(t * k) // (row of fold x eigenvector)
  for (let i = 0; i < t; i++) for (let q = 0, from = rows[i] * k; q < k; q++) S[i * k + q] = Q.data[from + q] * weight[q]
  const G = new Float64Array(t * t)
  if (k > 0) await products.addGram(G, { rows: t, cols: k, data: S })
  symmetrise(G, t)
  if (thin) for (let i = 0; i < t; i++) for (let j = 0; j < t; j++) G[i * t + j] = ((i === j ? 1 : 0) - 1 / Q.rows) / alpha - G[i * t + j]
  return { rows: t, cols: t, data: G }
}

const trySolve = (G: Matrix, right: Matrix, { la }: Tools): Matrix | null => {
  try {
    return la.choleskySolve(G, right)
  } catch (error) {
    // Not positive definite to working precision: the refit decides.
    if (error instanceof NotPositiveDefinite) return null
    throw error
  }
}

const PROBES = 3

/** Fixed signs, so that the same fit always takes the same path. */
const probe = (i: number, q: number): number => (((Math.imul(i + 1, 0x9e3779b1) ^ Math.imul(q + 1, 0x85ebca6b)) >>> 15) & 1 ? 1 : -1)

/** Upper estimate of the condition of G_tt: its largest row sum times the trace of its inverse, the latter by Hutchinson's probes. */
const conditionEstimate = (G: Matrix, solved: Matrix, m: number): number => {
  const t = G.rows
  let norm = 0
  for (let i = 0; i < t; i++) {
    let sum = 0
    for (let j = 0; j < t; j++) sum += Math.abs(G.data[i * t + j])
    norm = Math.max(norm, sum)
  }
  let trace = 0
  for (let i = 0; i < t; i++) for (let q = 0; q < PROBES; q++) trace += (probe(i, q) * solved.data[i * solved.cols + m + q]) / PROBES
  return norm * Math.abs(trace)
}

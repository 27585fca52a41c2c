import type { Matrix } from '../../domain/matrix.ts'
import { transpose } from '../../numerics/transpose.ts'
import type { Tools } from '../tools.ts'
import { centreSites } from '../training-system.ts'
import { householderQr } from './householder-qr.ts'
import { predictPrimalRows, primalFit } from './primal-fit.ts'
import type { PrimalFit } from './primal-fit.ts'
import { RCOND, centreUnits, liveUnits, overUnits, withColumns } from './primal-system.ts'
import { svdOfSquare } from './svd.ts'
import { conditionOfUpper, solveUpper } from './triangular.ts'

export interface PrimalLinearProblem {
  /** activations, (stimulus x unit) */
  X: Matrix
  /** (stimulus x site) */
  Y: Matrix
  train: Int32Array
  test?: Int32Array
}

/** Up to this condition, a factor of 100 under 1 / RCOND for an estimate from below, no singular value is near the cut-off. */
const CLEAR = 1e8

/**
 * The minimum-norm least-squares solution from X itself (FORMULAS.md, Mappings): QR, and the SVD of R where its condition is not clear of
 * the cut-off; singular values up to 1e-10 of the largest are dropped, and `rank` says how many are kept.
 */
export const fitLinearPrimal = async ({ X, Y, train, test = new Int32Array(0) }: PrimalLinearProblem, tools: Tools): Promise<PrimalFit & { predictions: Matrix }> => {
  if (X.rows !== Y.rows) throw new Error(`X has ${X.rows} rows and Y has ${Y.rows}: they must agree`)
  const { centred, unitMeans } = centreUnits(X, train)
  const { Yc, means } = centreSites(Y, train)
  const { weights, rank } = await leastSquares(centred, Yc, tools)
  const system = { unitMeans, means, centre: { rows: train } }
  return { ...primalFit({ ...system, values: new Float64Array(rank) }, weights), predictions: await predictPrimalRows(X, system, weights, test, tools) }
}

/** X (row x unit) and the responses (site x row), both centred. */
const leastSquares = async (X: Matrix, Yc: Matrix, tools: Tools): Promise<{ weights: Matrix; rank: number }> => {
  const { Xt, live } = liveUnits(X)
  const [n, m, p] = [X.rows, Yc.rows, live.length]
  const solution = ({ Wt, rank }: { Wt: Matrix; rank: number }) => ({ weights: transpose(overUnits(Wt, live, X.cols)), rank })
  if (p === 0) return solution({ Wt: { rows: m, cols: 0, data: new Float64Array(0) }, rank: 0 })
  // Coordinates of 0 let R be square where units outnumber stimuli.
  const tall = Math.max(n, p)
  const { R, intoBasis } = await householderQr(withColumns(Xt, tall), tools.products)
  const QtY = withColumns(await intoBasis(withColumns(Yc, tall)), p) // Y'Q, (site x column of Q)
  if (conditionOfUpper(R) < CLEAR) {
    const data = new Float64Array(m * p)
    for (let j = 0; j < m; j++) data.set(solveUpper(R, QtY.data.subarray(j * p, (j + 1) * p)), j * p)
    return solution({ Wt: { rows: m, cols: p, data }, rank: p })
  }
  const { values, Ut, Vt } = svdOfSquare(R, RCOND, tools)
  const C = await tools.products.f64(QtY, Ut, { transB: true }) // (site x singular vector)
  const scaled = { ...C, data: C.data.map((x, k) => x / values[k % values.length]) }
  return solution({ Wt: await tools.products.f64(scaled, Vt), rank: values.length })
}

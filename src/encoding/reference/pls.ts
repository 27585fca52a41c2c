import { inverse, Matrix as MlMatrix } from 'ml-matrix'
import { PLS } from 'ml-pls'
import { isConstant } from '../scores/moments.ts'
import type { Centred } from './centred.ts'
import { zeros } from './ridge.ts'

/** ml-pls stops by a difference of vectors of activations that are scaled to a norm of 1. */
const TOLERANCE = 1e-11
/** Components of scores under this share of the first's are rounding: the activations were exhausted before. */
const EXHAUSTED = 1e-8

export interface ReferencePls {
  components: number
  yScale: 'site' | 'none'
  perSite: boolean
}

/**
 * PLS predictions about the mean response, (row x site), from what ml-pls trains: coefficients W (P'W)^-1 B Q'. Its own `predict` leaves
 * out (P'W)^-1 and is 13-31 % off; its tolerance is absolute, so that activations and responses are scaled to norm 1 first; without
 * `scale` it deflates its arguments in place, so that it gets copies, centred here.
 */
export const plsPredictions = ({ X, Y, meanY, other }: Centred, { components, yScale, perSite }: ReferencePls): MlMatrix => {
  const squares = Array.from({ length: Y.columns }, (_, j) => Y.getColumn(j).reduce((sum, y) => sum + y * y, 0))
  const scale = squares.map((sum) => (yScale === 'none' ? 1 : Math.sqrt(sum / (Y.rows - 1)))) // ddof 1
  // It starts from the first site, whichever that is, and from one that does not vary it gets nothing but NaN.
  const varying = [...squares.keys()].filter((j) => !isConstant(squares[j], meanY[j], Y.rows)).sort((a, b) => squares[b] / scale[b] ** 2 - squares[a] / scale[a] ** 2)
  const groups = perSite ? varying.map((j) => [j]) : [varying]
  const predictions = zeros(other.rows, Y.columns)
  for (const sites of groups) {
    const part = new MlMatrix(Y.rows, sites.length)
    sites.forEach((j, k) => part.setColumn(k, Y.getColumn(j).map((y) => y / scale[j])))
    const coefficients = trainedCoefficients(X, part, components)
    if (coefficients === null) continue
    const found = other.mmul(coefficients)
    sites.forEach((j, k) => predictions.setColumn(j, found.getColumn(k).map((y) => y * scale[j])))
  }
  return predictions
}

/** (dimension x site); null where activations or responses do not vary. */
const trainedCoefficients = (X: MlMatrix, Y: MlMatrix, components: number): MlMatrix | null => {
  if (Y.columns === 0) return null
  const [normX, normY] = [X.norm(), Y.norm()]
  if (!(normX > 0) || !(normY > 0)) return null
  const pls = new PLS({ latentVectors: Math.min(components, X.rows - 1, X.columns), tolerance: TOLERANCE, scale: false }, {})
  pls.train(MlMatrix.div(X, normX), MlMatrix.div(Y, normY))
  const { T, W, P, B, Q } = pls as typeof pls & Record<'T' | 'W' | 'P' | 'B' | 'Q', MlMatrix>
  const kept = countUntil(T, (norm, first) => !(norm > EXHAUSTED * first))
  const [w, p, q] = [W, P, Q].map((matrix) => matrix.subMatrix(0, matrix.rows - 1, 0, kept - 1))
  const b = B.subMatrix(0, kept - 1, 0, kept - 1)
  return w.mmul(inverse(p.transpose().mmul(w))).mmul(b).mmul(q.transpose()).mul(normY / normX)
}

/** Columns before the first one whose norm ends the list. */
const countUntil = (T: MlMatrix, ends: (norm: number, first: number) => boolean): number => {
  const norms = Array.from({ length: T.columns }, (_, c) => Math.hypot(...T.getColumn(c)))
  const end = norms.findIndex((norm) => ends(norm, norms[0]))
  return end < 0 ? norms.length : Math.max(1, end)
}

import type { Matrix } from '../../domain/matrix.ts'
import type { AlphaTable } from '../ridge/problem.ts'
import { explainedVarianceOf, pearsonOf } from '../scores/moments.ts'
import type { Moments } from '../scores/moments.ts'
import type { Tools } from '../tools.ts'
import { centredCross, centredGram } from './cell-statistics.ts'
import type { CellStatistics } from './cell-statistics.ts'
import type { RateMoments } from './rates.ts'

/** A held-out cell, made ready to judge any weights on: no prediction is needed for r, EV and the mean squared error. */
export interface HeldOutCell {
  statistics: CellStatistics
  gram: Matrix
  /** (site x dimension) */
  cross: Matrix
  rates: RateMoments
}

export const heldOutCell = (statistics: CellStatistics, rates: RateMoments, centre: Float64Array): HeldOutCell => {
  const siteSums = rates.means.map((mean, j) => rates.count * (mean - centre[j]))
  return { statistics, gram: centredGram(statistics), cross: centredCross(statistics, siteSums), rates }
}

/** Moments per site of predictions z'W + bias over the cell: w'Gw, w's and the means say all. `weights` (site x dimension). */
export const heldOutMoments = async (cell: HeldOutCell, weights: Matrix, bias: Float64Array, { products }: Pick<Tools, 'products'>): Promise<Moments[]> => {
  const { statistics, gram, cross, rates } = cell
  const k = weights.cols
  const GW = await products.f64(weights, gram, { transB: true }) // (site x dimension)
  return Array.from(bias, (b, j) => {
    let [pp, py, meanP] = [0, 0, b]
    for (let i = j * k; i < (j + 1) * k; i++) {
      const w = weights.data[i]
      pp += w * GW.data[i]
      py += w * cross.data[i]
      meanP += (w * statistics.sums[i - j * k]) / statistics.count
    }
    return { weight: rates.count, pp: Math.max(0, pp), yy: rates.squares[j], py: rates.squares[j] === 0 ? 0 : py, meanP, meanY: rates.means[j] }
  })
}

/** Means over the held-out cells of what each candidate leaves there, `cells[cell][candidate][site]`; r and EV over the cells that define them. */
export const tableOf = (alphas: Float64Array, sites: number, cells: readonly (readonly (readonly Moments[])[])[]): AlphaTable => {
  const over = (value: (moments: Moments) => number): Matrix => ({
    rows: alphas.length,
    cols: sites,
    data: Float64Array.from({ length: alphas.length * sites }, (_, i) => meanDefined(cells.map((cell) => value(cell[Math.floor(i / sites)][i % sites])))),
  })
  return { alphas, meanSquaredError: over(meanSquaredError), correlation: over(pearsonOf), explainedVariance: over(explainedVarianceOf) }
}

const meanSquaredError = ({ weight, pp, yy, py, meanP, meanY }: Moments): number => (pp + yy - 2 * py) / weight + (meanP - meanY) ** 2

const meanDefined = (values: readonly number[]): number => {
  const defined = values.filter((value) => !Number.isNaN(value))
  return defined.reduce((a, b) => a + b, 0) / defined.length
}

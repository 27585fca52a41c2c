import type { Matrix } from '../../domain/matrix.ts'
import type { Tools } from '../tools.ts'
import { centredCross, centredGram } from './cell-statistics.ts'
import type { CellStatistics } from './cell-statistics.ts'
import type { RateMoments } from './rates.ts'

/** A training set from its statistics, diagonalised: Z'Z = V Λ V' about the training mean. */
export interface CellSystem {
  count: number
  /** mean of Z over the training rows, about the fixed vector */
  unitMeans: Float64Array
  rates: RateMoments
  /** tr(Z'Z) / n, the scale of relative alphas */
  scale: number
  /** ascending; exactly 0 where λ <= max(n, dimensions)·eps·λmax */
  values: Float64Array
  /** V', (eigenvector x dimension) */
  Vt: Matrix
  /** Y'Z V, (site x eigenvector); 0 where the value is */
  C: Matrix
}

/** tr(Z'Z) / n about the mean, without taking Z'Z apart. */
export const scaleOf = ({ count, gram, sums }: CellStatistics): number => {
  let [trace, raw] = [0, 0]
  for (let k = 0, at = 0; k < sums.length; at += ++k + 1) {
    raw += gram[at]
    trace += gram[at] - (sums[k] * sums[k]) / count
  }
  // What is left of activations that do not vary is rounding.
  return trace <= 4 * count * Number.EPSILON * raw ? 0 : trace / count
}

/** Takes a training set apart. `centre` is the vector that the rates in the statistics are about, `rates` are the training rows'. */
export const cellSystem = async (statistics: CellStatistics, rates: RateMoments, centre: Float64Array, { la, products }: Tools): Promise<CellSystem> => {
  const { count, sums } = statistics
  const k = sums.length
  const scale = scaleOf(statistics)
  const gram = centredGram(statistics)
  if (scale === 0) gram.data.fill(0)
  const { values: found, vectorsT: Vt } = await la.eighWith(products, gram, k)
  const least = scale === 0 ? Infinity : Math.max(count, k) * Number.EPSILON * found[k - 1]
  const values = found.map((value) => (value > least ? value : 0))
  const siteSums = rates.means.map((mean, j) => count * (mean - centre[j]))
  const C = await products.f64(centredCross(statistics, siteSums), Vt, { transB: true })
  for (let i = 0; i < C.data.length; i++) if (values[i % k] === 0 || rates.squares[Math.floor(i / k)] === 0) C.data[i] = 0
  return { count, unitMeans: sums.map((sum) => sum / count), rates, scale, values, Vt, C }
}

export const rankOf = ({ values }: CellSystem): number => values.filter((value) => value > 0).length

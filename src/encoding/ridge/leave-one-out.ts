import type { Matrix } from '../../domain/matrix.ts'
import type { Spectral } from '../training-system.ts'
import { MAX_CONDITION } from './held-out.ts'
import type { Refit } from './held-out.ts'

/** Diagonal of G = (I - H) / α on the training rows, H the smoother of ridge with an unpenalised intercept. */
export const residualDiagonal = ({ Q, values, rest }: Spectral, alpha: number): Float64Array => {
  const [n, k] = [Q.rows, Q.cols]
  return Float64Array.from({ length: n }, (_, i) => {
    let inside = 0
    let outside = 1 - 1 / n
    for (let q = 0, from = i * k; q < k; q++) {
      const square = Q.data[from + q] * Q.data[from + q]
      inside += square / (values[q] + alpha)
      outside -= square
    }
    return rest === undefined ? inside : inside + Math.max(0, outside) / alpha
  })
}

/**
 * Residual of each training stimulus in the fit on all others, (site x training row): (G y)_i / G_ii, exact with the intercept. Stimuli
 * that alone determine some direction of the activations leave a G_ii of rounding, and are left out by a fit.
 */
export const heldOutOneByOne = async (system: Spectral, alpha: number, GY: Matrix, refit: Refit): Promise<Matrix> => {
  const { rows: m, cols: n } = GY
  const { rows } = system.centre
  const diagonal = residualDiagonal(system, alpha)
  const largest = 1 / ((system.rest === undefined ? (system.values[0] ?? 0) : 0) + alpha)
  const data = GY.data.map((value, index) => value / diagonal[index % n])
  for (let i = 0; i < n; i++) {
    if (diagonal[i] * MAX_CONDITION > largest) continue
    const [alone] = await refit(rows.filter((_, k) => k !== i), rows.subarray(i, i + 1), [alpha])
    for (let j = 0; j < m; j++) data[j * n + i] = alone.data[j]
  }
  return { rows: m, cols: n, data }
}

import type { Matrix } from '../../domain/matrix.ts'
import type { Tools } from '../tools.ts'
import { firstKept, overRows } from '../training-system.ts'
import type { Spectral } from '../training-system.ts'

/** C with each site's row divided by (λ + its alpha), (site x eigenvector); eigenvectors before `from` are left at 0. */
const shrink = ({ C, values }: Spectral, alphaOf: (site: number) => number, from: number): Matrix => {
  const k = values.length
  const data = new Float64Array(C.data.length)
  for (let j = 0; j < C.rows; j++) {
    const alpha = alphaOf(j)
    for (let i = from; i < k; i++) data[j * k + i] = C.data[j * k + i] / (values[i] + alpha)
  }
  return { rows: C.rows, cols: k, data }
}

/** G Yc = (I - H) Yc / α = Q (Λ + α)^-1 Q' Yc, and what is outside of Q over α: the scaled residuals on the training rows, (site x training row). */
export const scaledResiduals = async (system: Spectral, alpha: number, tools: Pick<Tools, 'products'>): Promise<Matrix> => {
  const inside = await overRows(
    shrink(system, () => alpha, 0),
    system,
    tools,
  )
  const { rest } = system
  return rest === undefined ? inside : { ...inside, data: inside.data.map((x, k) => x + rest.data[k] / alpha) }
}

/** Coefficients of ridge in coordinates of the eigenvectors, (site x eigenvector): (Λ + α)^-1 Q' Yc, 0 in the null space. */
export const eigenCoefficients = (system: Spectral, alphaOf: (site: number) => number): Matrix => shrink(system, alphaOf, firstKept(system))

/**
 * Dual coefficients of ridge on all training rows, (site x training row): Q (Λ + α)^-1 Q' Yc without the null space of Kc. The
 * activations do not reach into that, so it changes no prediction; kept, it would be 1/α times the rounding of every inner product.
 * With alphas of 0 this is the minimum-norm least-squares solution.
 */
export const dualCoefficients = (system: Spectral, alphaOf: (site: number) => number, tools: Pick<Tools, 'products'>): Promise<Matrix> =>
  overRows(eigenCoefficients(system, alphaOf), system, tools)

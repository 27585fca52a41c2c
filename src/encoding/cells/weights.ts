import type { Matrix } from '../../domain/matrix.ts'
import { plsComponents } from '../pls/components.ts'
import type { PlsSolver } from '../pls/components.ts'
import type { Tools } from '../tools.ts'
import type { CellSystem } from './cell-system.ts'

/** Ridge's weights V (Λ + α)^-1 V'Z'Y, (site x dimension); least squares of minimum norm at α = 0. */
export const ridgeWeights = ({ values, C, Vt }: CellSystem, alphaOf: (site: number) => number, { products }: Pick<Tools, 'products'>): Promise<Matrix> => {
  const k = values.length
  const data = C.data.map((c, i) => (c === 0 ? 0 : c / (values[i % k] + alphaOf(Math.floor(i / k)))))
  return products.f64({ ...C, data }, Vt)
}

export interface PlsOptions {
  components: number
  yScale: 'site' | 'none'
  perSite: boolean
  solver: PlsSolver
}

/** PLS2's weights W (P'W)^-1 Q', (site x dimension), or each site's by itself: the same recursion as in dual form, on the same coordinates. */
export const plsWeights = async (system: CellSystem, { components, yScale, perSite, solver }: PlsOptions, tools: Tools): Promise<Matrix> => {
  const { values, C, Vt, count, rates } = system
  const [m, k] = [C.rows, C.cols]
  const s = values.map(Math.sqrt)
  const scale = rates.squares.map((squares) => (yScale === 'none' || squares === 0 ? 1 : Math.sqrt(squares / (count - 1))))
  const Y = C.data.map((c, i) => (c === 0 ? 0 : c / s[i % k] / scale[Math.floor(i / k)])) // (site x eigenvector)
  const D = new Float64Array(m * k)
  const groups = perSite ? Array.from({ length: m }, (_, j) => [j, j + 1]) : [[0, m]]
  for (const [first, last] of groups) {
    const { rotations, loadings } = await plsComponents(s, { rows: last - first, cols: k, data: Y.subarray(first * k, last * k) }, components, solver, tools)
    rotations.forEach((r, c) => {
      for (let j = first; j < last; j++) for (let i = 0; i < k; i++) D[j * k + i] += scale[j] * r[i] * loadings[c][j - first]
    })
  }
  return tools.products.f64({ rows: m, cols: k, data: D }, Vt)
}

/** The system on the `components` largest principal components alone. */
export const keepLargest = (system: CellSystem, components: number): CellSystem => {
  const from = Math.max(0, system.values.length - components)
  const values = system.values.map((value, i) => (i < from ? 0 : value))
  const k = values.length
  const C = { ...system.C, data: system.C.data.map((c, i) => (values[i % k] === 0 ? 0 : c)) }
  return { ...system, values, C, scale: values.reduce((a, b) => a + b, 0) / system.count }
}

/** What is added to z'W: mean rate less mean activation times weights, about the same fixed vector as z. */
export const biasOf = ({ rates, unitMeans }: CellSystem, { rows: m, cols: k, data }: Matrix): Float64Array => {
  const bias = new Float64Array(m)
  for (let j = 0; j < m; j++) {
    let shift = 0
    for (let i = 0; i < k; i++) shift += data[j * k + i] * unitMeans[i]
    bias[j] = rates.means[j] - shift
  }
  return bias
}

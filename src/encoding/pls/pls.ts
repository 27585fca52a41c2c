import type { Matrix } from '../../domain/matrix.ts'
import { dualFit, predictRows } from '../dual-fit.ts'
import type { DualFit } from '../dual-fit.ts'
import type { Tools } from '../tools.ts'
import { componentSystem, firstKept, overRows, trainingSystem } from '../training-system.ts'
import type { TrainingSystem } from '../training-system.ts'
import { plsComponents } from './components.ts'
import type { PlsComponents, PlsSolver } from './components.ts'

export interface PlsProblem {
  /** Gram matrix of the activations about any fixed vector, (stimulus x stimulus) */
  K: Matrix
  /** (stimulus x site) */
  Y: Matrix
  train: Int32Array
  components: number
  /** divide each site by its training standard deviation (ddof 1), undone in predictions; PLS2 depends on it */
  yScale: 'site' | 'none'
  /** each site by itself (PLS1) instead of all jointly */
  perSite?: boolean
  /** fit on the scores of so many principal components of the training rows */
  pca?: number
  solver?: PlsSolver
}

export interface PlsFit extends DualFit {
  /** components found, fewer than asked when the activations or the responses are exhausted; the least over sites when `perSite` */
  components: number
  /** iterations per component, for the iterative solvers, site after site */
  iterations: number[]
}

/** scikit-learn's PLSRegression with its own defaults, digit for digit. */
export const nipalsSklearn: PlsSolver = { name: 'nipals', tolerance: 1e-6, maxIterations: 500 }

/**
 * PLS2 as scikit-learn's PLSRegression defines it (FORMULAS.md, Mappings), activations not scaled: coefficients W (P'W)^-1 Q', all from
 * K. The dominant direction is found exactly unless a solver is named.
 */
export const fitPls = async (problem: PlsProblem, tools: Tools): Promise<PlsFit> => {
  const { system, A, components, iterations } = await solve(problem, tools)
  return { ...dualFit(system, A), components, iterations }
}

/** The same on one fold's training rows, with the predictions of its test rows, (test stimulus x site). */
export const fitPlsFold = async (problem: PlsProblem & { test: Int32Array }, tools: Tools): Promise<PlsFit & { predictions: Matrix }> => {
  const { system, A, components, iterations } = await solve(problem, tools)
  return { ...dualFit(system, A), components, iterations, predictions: await predictRows(problem.K, system, A, problem.test, tools) }
}

const solve = async ({ K, Y, train, pca, components, yScale, perSite = false, solver = { name: 'exact' } }: PlsProblem, tools: Tools) => {
  const system = pca === undefined ? await trainingSystem(K, Y, train, tools) : await componentSystem(K, Y, train, pca, tools)
  const [m, k] = [system.C.rows, system.C.cols]
  const from = firstKept(system)
  const s = system.values.map((value, i) => (i < from ? 0 : Math.sqrt(value)))
  const scale = siteScales(system, yScale)
  const C = { rows: m, cols: k, data: system.C.data.map((x, index) => x / scale[Math.floor(index / k)]) } // (site x eigenvector)
  const groups = perSite ? Array.from({ length: m }, (_, j) => [j, j + 1]) : [[0, m]]
  const D = new Float64Array(m * k) // dual coefficients in coordinates of the eigenvectors, (site x eigenvector)
  const found: PlsComponents[] = []
  for (const [first, last] of groups) {
    const part = await plsComponents(s, { rows: last - first, cols: k, data: C.data.subarray(first * k, last * k) }, components, solver, tools)
    found.push(part)
    part.rotations.forEach((r, c) => {
      for (let j = first; j < last; j++) for (let i = from; i < k; i++) D[j * k + i] += (scale[j] * r[i] * part.loadings[c][j - first]) / s[i]
    })
  }
  return {
    system,
    A: await overRows({ rows: m, cols: k, data: D }, system, tools), // (site x training row)
    components: Math.min(...found.map((part) => part.rotations.length)),
    iterations: found.flatMap((part) => part.iterations),
  }
}

const siteScales = ({ variances, centre }: TrainingSystem, yScale: 'site' | 'none'): Float64Array => {
  const n = centre.rows.length
  return variances.map((variance) => (yScale === 'none' || variance === 0 ? 1 : Math.sqrt((variance * n) / (n - 1))))
}

import type { Mapping } from '../../domain/fit.ts'
import type { Matrix } from '../../domain/matrix.ts'
import { cellSystem, rankOf, scaleOf } from '../../encoding/cells/cell-system.ts'
import type { CellSystem } from '../../encoding/cells/cell-system.ts'
import { heldOutCell, heldOutMoments } from '../../encoding/cells/held-out-moments.ts'
import type { HeldOutCell } from '../../encoding/cells/held-out-moments.ts'
import { rateMoments } from '../../encoding/cells/rates.ts'
import { biasOf, keepLargest, plsWeights, ridgeWeights } from '../../encoding/cells/weights.ts'
import { nipalsSklearn } from '../../encoding/pls/pls.ts'
import type { Moments } from '../../encoding/scores/moments.ts'
import { transpose } from '../../numerics/transpose.ts'
import type { Tools } from '../../encoding/tools.ts'
import { readCell, readWithout, rowsWithout, writeCell, writeTotal } from './cell-files.ts'
import type { CellPlan } from './cell-files.ts'
import { componentsOf } from '../components-of.ts'
import { readReducedRows } from './reduced-file.ts'

/** Stimuli that are predicted at once. */
const ROWS = 1024

export interface PrimalFold {
  test: Int32Array
  /** (test stimulus x site) */
  predictions: Matrix
  /** what each candidate of the refit leaves in this cell, [candidate][site] */
  heldOut: Moments[][]
}

export interface PrimalRefit {
  /** (dimension x site) */
  weights: Matrix
  /** rate = z'W + bias, z about the centre of the reduced activations */
  bias: Float64Array
  rank: number
}

/** The heavy steps of a fit in primal form, each on the statistics of fold cells that lie on disk (DESIGN.md, When stimuli outnumber what K can hold). */
export const primalTasks = {
  primalCell: async ({ plan, cell }: { plan: CellPlan; cell: number }, tools: Tools): Promise<null> => {
    await writeCell(plan, cell, tools)
    return null
  },

  /** Adds the cells up; answers tr(Z'Z) / n of all stimuli but each cell's, and last of all. */
  primalTotal: async ({ plan }: { plan: CellPlan }): Promise<Float64Array> => {
    writeTotal(plan)
    const scales = new Float64Array(plan.cells.length + 1)
    for (let cell = 0; cell < plan.cells.length; cell++) scales[cell] = scaleOf(await readWithout(plan, [cell]))
    scales[plan.cells.length] = scaleOf(await readWithout(plan, []))
    return scales
  },

  /**
   * Trains without two cells, and judges every candidate on each of the two: `alphas[i]` are the absolute penalties of the outer fold that
   * tests cell `pair[i]`, whose inner fold is the other. One decomposition serves both outer folds.
   */
  primalPair: async ({ plan, pair, mapping, alphas }: { plan: CellPlan; pair: [number, number]; mapping: Mapping; alphas: Float64Array[] }, tools: Tools): Promise<Moments[][][]> => {
    const system = await systemWithout(plan, pair, mapping, tools)
    return [await judge(system, cellOf(plan, pair[1]), mapping, alphas[0], tools), await judge(system, cellOf(plan, pair[0]), mapping, alphas[1], tools)]
  },

  /** Trains without one cell at the chosen penalties and predicts its rows; judges the refit's candidates there. */
  primalFold: async (
    { plan, cell, mapping, chosen, alphas }: { plan: CellPlan; cell: number; mapping: Mapping; chosen: Float64Array; alphas: Float64Array },
    tools: Tools,
  ): Promise<PrimalFold> => {
    const system = await systemWithout(plan, [cell], mapping, tools)
    const heldOut = await judge(system, cellOf(plan, cell), mapping, alphas, tools)
    const weights = await weightsAt(system, mapping, (site) => chosen[site], tools)
    return { test: plan.cells[cell], predictions: await predict(plan, system, weights, plan.cells[cell], tools), heldOut }
  },

  primalRefit: async ({ plan, mapping, chosen }: { plan: CellPlan; mapping: Mapping; chosen: Float64Array }, tools: Tools): Promise<PrimalRefit> => {
    const system = await systemWithout(plan, [], mapping, tools)
    const weights = await weightsAt(system, mapping, (site) => chosen[site], tools)
    return { weights: transpose(weights), bias: biasOf(system, weights), rank: rankOf(system) }
  },
}

const systemWithout = async (plan: CellPlan, without: readonly number[], { pca }: Mapping, tools: Tools): Promise<CellSystem> => {
  const rates = rateMoments(plan.Y, rowsWithout(plan, without))
  const system = await cellSystem(await readWithout(plan, without), rates, plan.rateCentre, tools)
  return pca === undefined ? system : keepLargest(system, componentsOf(pca)!)
}

const cellOf = (plan: CellPlan, cell: number): HeldOutCell => heldOutCell(readCell(plan, cell), rateMoments(plan.Y, plan.cells[cell]), plan.rateCentre)

/** Weights at one penalty per site; methods without one give it no meaning. */
const weightsAt = (system: CellSystem, mapping: Mapping, alphaOf: (site: number) => number, tools: Tools): Promise<Matrix> => {
  if (mapping.method === 'ridge') return ridgeWeights(system, alphaOf, tools)
  if (mapping.method === 'linear') return ridgeWeights(system, () => 0, tools)
  const { components, yScale, perSite, solver } = mapping
  return plsWeights(system, { components, yScale, perSite, solver: solver === 'exact' ? { name: 'exact' } : nipalsSklearn }, tools)
}

const judge = async (system: CellSystem, cell: HeldOutCell, mapping: Mapping, alphas: Float64Array, tools: Tools): Promise<Moments[][]> => {
  const out: Moments[][] = []
  for (const alpha of alphas) {
    const weights = await weightsAt(system, mapping, () => alpha, tools)
    out.push(await heldOutMoments(cell, weights, biasOf(system, weights), tools))
  }
  return out
}

/** (stimulus x site), about the training mean, where predictions keep most digits. */
const predict = async ({ reduced }: CellPlan, { unitMeans, rates }: CellSystem, weights: Matrix, rows: Int32Array, { products }: Tools): Promise<Matrix> => {
  const [m, k] = [weights.rows, weights.cols]
  const out = new Float64Array(rows.length * m)
  let done = 0
  for (const { Z } of readReducedRows(reduced, rows, ROWS)) {
    for (let i = 0; i < Z.data.length; i++) Z.data[i] -= unitMeans[i % k]
    const part = await products.f64(Z, weights, { transB: true })
    for (let i = 0; i < part.data.length; i++) out[done * m + i] = part.data[i] + rates.means[i % m]
    done += Z.rows
  }
  return { rows: rows.length, cols: m, data: out }
}

import fs from 'node:fs'
import path from 'node:path'
import type { Mapping } from '../../domain/fit.ts'
import type { Matrix } from '../../domain/matrix.ts'
import { rateMoments } from '../../encoding/cells/rates.ts'
import { tableOf } from '../../encoding/cells/held-out-moments.ts'
import { absoluteAlphas } from '../../encoding/ridge/alpha-search.ts'
import { chooseFrom } from '../../encoding/ridge/choose-alphas.ts'
import type { AlphaChoice } from '../../encoding/ridge/problem.ts'
import type { Moments } from '../../encoding/scores/moments.ts'
import type { Split } from '../../encoding/splits/split.ts'
import { scoreFitted } from '../condition.ts'
import type { Division, LayerResult } from '../condition.ts'
import type { Population } from '../fit-population.ts'
import type { SolverPool } from '../solver-pool.ts'
import type { RefitOutput } from '../solver-tasks.ts'
import { rowsWithout } from './cell-files.ts'
import type { CellPlan } from './cell-files.ts'
import { openReducedFile } from './reduced-file.ts'

const noDual = ({ cols }: Matrix): Matrix => ({ rows: 0, cols, data: new Float64Array(0) })

export interface ReducedLayer {
  layer: string
  /** file of its reduced activations */
  file: string
  /** where statistics may lie meanwhile */
  folder: string
}

const openPlan = ({ file, folder }: Omit<ReducedLayer, 'layer'>, Y: Matrix, splits: readonly Split[]): CellPlan => {
  const all = Int32Array.from({ length: Y.rows }, (_, i) => i)
  return { folder: fs.mkdtempSync(path.join(folder, 'cells-')), reduced: openReducedFile(file), Y, rateCentre: rateMoments(Y, all).means, cells: splits.map(({ test }) => test) }
}

/**
 * A layer in primal form: the statistics of each fold cell once, and from them every training set. Inner folds are the other outer
 * folds, so a training set without two cells serves two outer folds, and the whole takes no second pass over the stimuli.
 */
export const fitReducedLayer = async (
  pool: SolverPool,
  { layer, file, folder }: ReducedLayer,
  population: Population,
  mapping: Mapping,
  division: Division,
  onTask: () => void,
): Promise<LayerResult> => {
  const { Y } = population.fitted
  const { splits } = division
  const plan = openPlan({ file, folder }, Y, splits)
  const counted = async <T>(task: Promise<T>): Promise<T> => {
    const result = await task
    onTask()
    return result
  }
  const cells = plan.cells.map((_, cell) => cell)
  try {
    await Promise.all(cells.map((cell) => counted(pool.run('primalCell', { plan, cell }))))
    const scales = await pool.run('primalTotal', { plan })
    const alphas = Array.from(scales, (scale) => (mapping.method === 'ridge' ? absoluteAlphas(mapping, { scale }) : Float64Array.of(NaN)))

    const judged = new Map<string, Moments[][]>()
    await Promise.all(
      pairsOf(cells).map(async (pair) => {
        const [first, second] = await counted(pool.run('primalPair', { plan, pair, mapping, alphas: pair.map((cell) => alphas[cell]) }))
        judged.set(`${pair[0]} ${pair[1]}`, first)
        judged.set(`${pair[1]} ${pair[0]}`, second)
      }),
    )
    const choose = (without: number[], tables: Moments[][][]): AlphaChoice => {
      const { count, squares } = rateMoments(Y, rowsWithout(plan, without))
      const table = tableOf(alphas[without[0] ?? cells.length], Y.cols, tables)
      return chooseFrom(mapping.method === 'ridge' ? mapping : { alphas: [NaN], alphaUnits: 'absolute', alphaPer: 'site' }, table, squares.map((square) => square / count))
    }
    const choices = cells.map((cell) => choose([cell], cells.filter((other) => other !== cell).map((other) => judged.get(`${cell} ${other}`)!)))
    const folds = await Promise.all(cells.map((cell) => counted(pool.run('primalFold', { plan, cell, mapping, chosen: choices[cell].alphas, alphas: alphas[cells.length] }))))
    const final = choose([], folds.map(({ heldOut }) => heldOut))
    const { weights, bias, rank } = await counted(pool.run('primalRefit', { plan, mapping, chosen: final.alphas }))

    const outputs = folds.map(({ test, predictions }, cell) => ({ test, predictions, alphas: choices[cell].alphas, alphaIndex: choices[cell].alphaIndex, innerScores: choices[cell].innerScores }))
    const refitAll = { alphas: final.alphas, innerScores: final.innerScores, bias, rank, dual: noDual(Y), reduced: { weights, centre: plan.reduced.centre } }
    return await scoreFitted(pool, { layer, units: plan.reduced.units, refitAll, foldsOfAll: outputs }, population, mapping, division)
  } finally {
    fs.rmSync(plan.folder, { recursive: true, force: true })
  }
}

/** The refit alone, at penalties chosen before: the same bits as in the fit that chose them. */
export const refitReducedLayer = async (pool: SolverPool, files: Omit<ReducedLayer, 'layer'>, Y: Matrix, mapping: Mapping, { splits }: Division, alphas: Float64Array): Promise<RefitOutput> => {
  const plan = openPlan(files, Y, splits)
  try {
    await Promise.all(plan.cells.map((_, cell) => pool.run('primalCell', { plan, cell })))
    await pool.run('primalTotal', { plan })
    const { weights, bias, rank } = await pool.run('primalRefit', { plan, mapping, chosen: alphas })
    return { alphas, innerScores: { correlation: new Float64Array(0), explainedVariance: new Float64Array(0) }, bias, rank, dual: noDual(Y), reduced: { weights, centre: plan.reduced.centre } }
  } finally {
    fs.rmSync(plan.folder, { recursive: true, force: true })
  }
}

const pairsOf = (cells: readonly number[]): [number, number][] => cells.flatMap((a) => cells.slice(a + 1).map((b): [number, number] => [a, b]))

/** Tasks of the pool that one layer takes, for progress. */
export const reducedTasks = ({ splits: { length: cells } }: Division): number => cells + (cells * (cells - 1)) / 2 + cells + 1

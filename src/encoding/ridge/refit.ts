import type { Matrix } from '../../domain/matrix.ts'
import { symmetrise } from '../../numerics/transpose.ts'
import type { Tools } from '../tools.ts'
import type { TrainingSystem } from '../training-system.ts'
import { heldOutByRefit } from './held-out.ts'
import type { Refit } from './held-out.ts'
import type { RidgeProblem } from './problem.ts'

/** Fits on parts of a training set in dual form; on its principal components where the problem asks for these. */
export const dualRefit = ({ K, Y, pca }: RidgeProblem, system: TrainingSystem, tools: Tools): Refit => {
  if (pca === undefined) return (train, test, alphas) => heldOutByRefit(K, Y, train, test, alphas, tools)
  let source: ReturnType<typeof onComponents> | undefined
  return async (train, test, alphas) => {
    const { part, place } = await (source ??= onComponents(Y, system, tools))
    return heldOutByRefit(part.K, part.Y, place(train), place(test), alphas, tools)
  }
}

/** The training rows' Gram matrix on their principal components alone, and where its rows are. */
const onComponents = async (Y: Matrix, { Q, values, centre }: TrainingSystem, { products }: Tools) => {
  const n = Q.rows
  const K = { rows: n, cols: n, data: new Float64Array(n * n) }
  await products.addGram(K.data, { ...Q, data: Q.data.map((x, index) => x * Math.sqrt(values[index % Q.cols])) })
  symmetrise(K.data, n)
  const rates = { rows: n, cols: Y.cols, data: new Float64Array(n * Y.cols) }
  centre.rows.forEach((row, i) => rates.data.set(Y.data.subarray(row * Y.cols, (row + 1) * Y.cols), i * Y.cols))
  const position = new Map(Array.from(centre.rows, (row, i) => [row, i]))
  return { part: { K, Y: rates }, place: (rows: Int32Array) => rows.map((row) => position.get(row)!) }
}

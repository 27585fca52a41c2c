import type { Matrix } from '../../domain/matrix.ts'
import { scoreFitted } from '../condition.ts'
import type { Division, LayerResult } from '../condition.ts'
import type { Population } from '../fit-population.ts'
import type { SolverPool } from '../solver-pool.ts'
import type { FoldOutput, RefitOutput } from '../solver-tasks.ts'
import type { ReferenceMapping } from './check-reference.ts'
import { readLayerValues } from './layer-values.ts'
import type { ReferenceFold } from './reference-task.ts'

/** As fitLayer, by ml-matrix, ml-pca and ml-pls on the layer's activations; scored by the same code, and without an encoder. */
export const fitReferenceLayer = async (
  pool: SolverPool,
  { layer, file }: { layer: string; file: string },
  population: Population,
  mapping: ReferenceMapping,
  division: Division,
  onTask: () => void,
): Promise<LayerResult> => {
  const { fitted: { Y }, normalise } = population // prettier-ignore
  const X = await readLayerValues(file)
  const { inner, rows, splits } = division
  const fit = async (train: Int32Array, test: Int32Array): Promise<ReferenceFold> => {
    const found = await pool.run('referenceFold', { X, Y, normalise, mapping, inner, split: { train, test } })
    onTask()
    return found
  }
  const [refit, ...folds] = await Promise.all([fit(rows, new Int32Array(0)), ...splits.map(({ train, test }) => fit(train, test))])
  const refitAll: RefitOutput = { ...pick(refit), rank: refit.rank, dual: noDual(Y), bias: new Float64Array(Y.cols).fill(NaN) }
  const foldsOfAll = folds.map((fold, f): FoldOutput => {
    const { test } = splits[f]
    return { ...pick(fold), test, predictions: fold.predictions, ...(normalise === null ? {} : { responses: rowsOf(fold.Y, test) }) }
  })
  return scoreFitted(pool, { layer, units: X.cols, refitAll, foldsOfAll }, population, mapping, division)
}

const pick = ({ alphas, alphaIndex, innerScores }: ReferenceFold): Pick<FoldOutput, 'alphas' | 'alphaIndex' | 'innerScores'> => ({ alphas, alphaIndex, innerScores })

const noDual = ({ cols }: Matrix): Matrix => ({ rows: 0, cols, data: new Float64Array(0) })

const rowsOf = ({ cols, data }: Matrix, rows: Int32Array): Matrix => ({
  rows: rows.length,
  cols,
  data: Float64Array.from({ length: rows.length * cols }, (_, k) => data[rows[Math.floor(k / cols)] * cols + (k % cols)]),
})

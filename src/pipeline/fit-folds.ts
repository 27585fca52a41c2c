import type { Mapping } from '../domain/fit.ts'
import type { Matrix } from '../domain/matrix.ts'
import type { InnerScheme } from '../encoding/splits/inner-scheme.ts'
import type { Split } from '../encoding/splits/split.ts'
import type { Population } from './fit-population.ts'
import type { SolverPool } from './solver-pool.ts'
import type { FoldOutput, RefitOutput } from './solver-tasks.ts'

export interface LayerProblem {
  /** of the layer's activations about any vector, (stimulus x stimulus), in shared memory */
  K: Matrix
  /** the activations themselves, where the mapping is to be fitted to them, in shared memory */
  X: Matrix | null
  Y: Population['Y']
  normalise: Population['normalise']
  mapping: Mapping
}

interface FitRows {
  inner: InnerScheme
  /** of the refit */
  rows: Int32Array
}

/** The refit of a layer on the stimuli of a division, with dual coefficients of the whole activations. */
export const refitLayer = async (pool: SolverPool, { K, X, Y, normalise, mapping }: LayerProblem, { inner, rows }: FitRows): Promise<RefitOutput> => {
  const { reduced, whole } = await reduce(pool, K, mapping, rows)
  return whole(await pool.run('refit', { K: reduced, X, Y, normalise, mapping, inner, rows }))
}

/** A layer's refit and outer folds, spread over the pool; `onTask` is called after each. */
export const fitFolds = async (
  pool: SolverPool,
  { K, X, Y, normalise, mapping }: LayerProblem,
  { splits, inner, rows }: FitRows & { splits: readonly Split[] },
  onTask: () => void,
): Promise<{ refit: RefitOutput; folds: FoldOutput[] }> => {
  const { reduced, whole } = await reduce(pool, K, mapping, rows)
  const counted = async <T>(task: Promise<T>): Promise<T> => {
    const result = await task
    onTask()
    return result
  }
  const [refit, ...folds] = await Promise.all([
    counted(pool.run('refit', { K: reduced, X, Y, normalise, mapping, inner, rows }).then(whole)),
    ...splits.map((split) => counted(pool.run('fold', { K: reduced, X, Y, normalise, mapping, split, inner }))),
  ])
  return { refit, folds }
}

/** Where PCA is asked for on all stimuli, it comes before anything else sees the activations. */
const reduce = async (pool: SolverPool, K: Matrix, { pca }: Mapping, rows: Int32Array): Promise<{ reduced: Matrix; whole: (refit: RefitOutput) => RefitOutput | Promise<RefitOutput> }> => {
  if (typeof pca !== 'object') return { reduced: K, whole: (refit) => refit }
  const { K: reduced, U } = await pool.run('project', { K, rows, components: pca.components })
  return { reduced, whole: (refit) => pool.run('unproject', { K, rows, U, refit }) }
}

import type { Mapping } from '../../domain/fit.ts'
import type { Matrix } from '../../domain/matrix.ts'
import type { ActivationSource } from '../activation-source.ts'
import type { Division } from '../condition.ts'
import type { SolverPool } from '../solver-pool.ts'
import type { RefitOutput } from '../solver-tasks.ts'
import { refitReducedLayer } from './fit-reduced-layer.ts'
import { reduceLayers } from './reduce-layers.ts'
import type { ReduceOptions } from './reduce-layers.ts'

export interface RefitToRepeat {
  source: ActivationSource
  layer: string
  Y: Matrix
  mapping: Mapping
  division: Division
  /** of each site, as its scores state it */
  alphas: number[]
}

/** The refit of a layer on all stimuli, at the penalties that its scores state. */
export const refitReduced = async (pool: SolverPool, { source, layer, Y, mapping, division, alphas }: RefitToRepeat, options: ReduceOptions): Promise<RefitOutput> => {
  const file = (await reduceLayers(source, [layer], Y.rows, options)).get(layer)!
  try {
    return await refitReducedLayer(pool, { file: file.path, folder: options.folder }, Y, mapping, division, Float64Array.from(alphas))
  } finally {
    await file.release()
  }
}

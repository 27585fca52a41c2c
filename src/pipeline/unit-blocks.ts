import type { Matrix } from '../domain/matrix.ts'

/** A layer's activations (stimulus x unit), read by column blocks so that their width does not matter. */
export interface UnitBlocks {
  readonly stimuli: number
  readonly units: number
  /** Reads block after block; the matrix passed is reused and valid only during the call. */
  eachBlock(visit: (block: Matrix<Float32Array> | Matrix, firstUnit: number) => Promise<void>): Promise<void>
}

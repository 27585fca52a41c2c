import type { Matrix } from '../domain/matrix.ts'
import type { UnitBlocks } from './unit-blocks.ts'

/** A place of the image: row and column of a lattice of side x side, over which a layer's map is weighted. */
export interface Window {
  side: number
  row: number
  column: number
}

/** Standard deviation of a window, as a share of the lattice's step. Fixed before any score was seen of the stimuli it is reported on (bench/README.md). */
const SPREAD = 0.4
/** Changes when the same window gives other weights. */
export const WINDOWS_REVISION = 1

/** The windows of a lattice, row by row, that a tap of this shape can tell apart; none for one without a map. */
export const windowsOf = (shape: readonly number[] | null, side: number): Window[] => {
  if (shape?.length !== 3 || side < 2 || shape[1] < side || shape[2] < side) return []
  return Array.from({ length: side * side }, (_, k) => ({ side, row: Math.floor(k / side), column: k % side }))
}

/** Weight of each unit's share in the Gram matrix, units in C order of (channel, row, column): a Gaussian of the distance to the window's centre. */
export const windowWeights = ([channels, height, width]: readonly number[], { side, row, column }: Window): Float64Array => {
  const place = Float64Array.from({ length: height * width }, (_, k) => {
    const y = (Math.floor(k / width) + 0.5) / height - (row + 0.5) / side
    const x = ((k % width) + 0.5) / width - (column + 0.5) / side
    return Math.exp((-(x * x + y * y) * side * side) / (2 * SPREAD * SPREAD))
  })
  return Float64Array.from({ length: channels * place.length }, (_, u) => place[u % place.length])
}

/** Activations with each unit multiplied by the root of its weight, so that the weights are those of the Gram matrix. */
export const weighted = (activations: UnitBlocks, weights: Float64Array): UnitBlocks => {
  const roots = weights.map(Math.sqrt)
  return {
    stimuli: activations.stimuli,
    units: activations.units,
    eachBlock: (visit) =>
      activations.eachBlock((block, firstUnit) => {
        const data = block.data.map((value, at) => value * roots[firstUnit + (at % block.cols)])
        return visit({ rows: block.rows, cols: block.cols, data } as Matrix<Float32Array> | Matrix, firstUnit)
      }),
  }
}

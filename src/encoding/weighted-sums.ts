import type { Matrix } from '../domain/matrix.ts'
import type { Products } from '../numerics/products.ts'

/** How often each stimulus is in each draw. */
export interface DrawWeights {
  draws: number
  stimuli: number
  /** (draw x stimulus) */
  times: Uint16Array
}

/** Values of a float64 block: 32 MB, whatever the numbers of draws, stimuli and sites. */
const BLOCK_VALUES = 4e6

/** Sums of one draw lie in `sums` from `from` on, in the order of the terms. */
export type VisitSums = (draw: number, sums: Float64Array, from: number) => void

/** Weighted sums over some stimuli, `rows`, of terms (term x row), in every draw: one block of draws after another is handed to `visit`. */
export const eachWeightedSums = async ({ draws, stimuli, times }: DrawWeights, rows: ArrayLike<number>, terms: Matrix, products: Pick<Products, 'f64'>, visit: VisitSums): Promise<void> => {
  const t = rows.length
  const atOnce = Math.max(1, Math.min(draws, Math.floor(BLOCK_VALUES / Math.max(t, terms.rows))))
  const data = new Float64Array(atOnce * t) // (draw of block x row)
  for (let first = 0; first < draws; first += atOnce) {
    const count = Math.min(atOnce, draws - first)
    for (let b = 0; b < count; b++) for (let i = 0, at = (first + b) * stimuli; i < t; i++) data[b * t + i] = times[at + rows[i]]
    const sums = await products.f64({ rows: count, cols: t, data: data.subarray(0, count * t) }, terms, { transB: true })
    for (let b = 0; b < count; b++) visit(first + b, sums.data, b * sums.cols)
  }
}

/** Sites, in runs of so many that neither their terms over `rows` stimuli nor their values in all draws exceed a block. */
export const siteBlocks = (sites: number, termsPerSite: number, rows: number, draws: number): { from: number; to: number }[] => {
  const width = Math.max(1, Math.floor(BLOCK_VALUES / Math.max(termsPerSite * rows, 8 * draws)))
  return Array.from({ length: Math.ceil(sites / width) }, (_, k) => ({ from: k * width, to: Math.min((k + 1) * width, sites) }))
}

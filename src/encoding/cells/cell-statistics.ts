import type { Matrix } from '../../domain/matrix.ts'
import { transpose } from '../../numerics/transpose.ts'
import type { Tools } from '../tools.ts'

/**
 * What a linear mapping needs to know of a set of stimuli with activations Z (stimulus x dimension) and rates Y (stimulus x site), both
 * about fixed vectors: sums, so that those of disjoint sets add up and a training set is the total less its test cells.
 */
export interface CellStatistics {
  count: number
  /** Z'Z, its lower triangle packed row after row */
  gram: Float64Array
  /** Z'Y, (dimension x site) */
  cross: Float64Array
  /** Z'1 */
  sums: Float64Array
}

export const packedLength = (dimensions: number): number => (dimensions * (dimensions + 1)) / 2

export const emptyStatistics = (dimensions: number, sites: number): CellStatistics => ({
  count: 0,
  gram: new Float64Array(packedLength(dimensions)),
  cross: new Float64Array(dimensions * sites),
  sums: new Float64Array(dimensions),
})

/** Statistics of the rows that `blocks` gives, centred already; products in float64, blocks added in their order. */
export const cellStatistics = async (
  dimensions: number,
  sites: number,
  blocks: Iterable<{ Z: Matrix; Y: Matrix }>,
  { products }: Pick<Tools, 'products'>,
): Promise<CellStatistics> => {
  const square = new Float64Array(dimensions * dimensions) // lower triangle of Z'Z
  const out = emptyStatistics(dimensions, sites)
  for (const { Z, Y } of blocks) {
    const Zt = transpose(Z) // (dimension x stimulus)
    await products.addGram(square, Zt)
    addTo(out.cross, (await products.f64(Zt, transpose(Y), { transB: true })).data)
    for (let i = 0; i < Z.rows; i++) for (let k = 0; k < dimensions; k++) out.sums[k] += Z.data[i * dimensions + k]
    out.count += Z.rows
  }
  for (let i = 0, at = 0; i < dimensions; at += ++i) out.gram.set(square.subarray(i * dimensions, i * dimensions + i + 1), at)
  return out
}

/** Adds `part` to `sum`, or with `sign` -1 takes it away, in place. */
export const accumulate = (sum: CellStatistics, part: CellStatistics, sign: 1 | -1 = 1): void => {
  sum.count += sign * part.count
  addTo(sum.gram, part.gram, sign)
  addTo(sum.cross, part.cross, sign)
  addTo(sum.sums, part.sums, sign)
}

const addTo = (sum: Float64Array, part: Float64Array, sign = 1): void => {
  for (let i = 0; i < sum.length; i++) sum[i] += sign * part[i]
}

/** Relative error of a sum of squares, from the digits that cancel, up to which a difference of totals is taken. */
const CANCELLATION = 1e-10

/**
 * Statistics of all cells but those `without`: the total less these, or where some dimension would lose more than 1e-10 of its sum of
 * squares by that, the sum of the others in the order of the cells.
 */
export const statisticsWithout = async (
  cells: number,
  without: readonly number[],
  read: (cell: number | 'total') => Promise<CellStatistics>,
): Promise<CellStatistics> => {
  const rest = await read('total')
  if (without.length === 0) return rest
  const before = diagonal(rest)
  for (const cell of without) accumulate(rest, await read(cell), -1)
  const after = diagonal(rest)
  if (before.every((total, k) => total === 0 || total * Number.EPSILON <= CANCELLATION * after[k])) return rest
  const others = Array.from({ length: cells }, (_, cell) => cell).filter((cell) => !without.includes(cell))
  const sum = await read(others[0])
  for (const cell of others.slice(1)) accumulate(sum, await read(cell))
  return sum
}

const diagonal = ({ gram, sums }: CellStatistics): Float64Array => Float64Array.from(sums, (_, k) => gram[packedLength(k) + k])

/** Z'Z about the cell's own mean, (dimension x dimension), both triangles. */
export const centredGram = ({ count, gram, sums }: CellStatistics): Matrix => {
  const k = sums.length
  const data = new Float64Array(k * k)
  for (let i = 0, at = 0; i < k; i++)
    for (let j = 0; j <= i; j++, at++) data[i * k + j] = data[j * k + i] = gram[at] - (sums[i] * sums[j]) / count
  return { rows: k, cols: k, data }
}

/** Z'Y about the cell's own means, transposed: (site x dimension). `siteSums` are those of the rates about their fixed vector. */
export const centredCross = ({ count, cross, sums }: CellStatistics, siteSums: Float64Array): Matrix => {
  const [k, m] = [sums.length, siteSums.length]
  const data = new Float64Array(m * k)
  for (let i = 0; i < k; i++) for (let j = 0; j < m; j++) data[j * k + i] = cross[i * m + j] - (sums[i] * siteSums[j]) / count
  return { rows: m, cols: k, data }
}

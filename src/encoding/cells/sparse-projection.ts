import type { Matrix } from '../../domain/matrix.ts'
import { createRandomState } from '../../numerics/random/mt19937.ts'

/**
 * A very sparse random projection (Li, Hastie & Church 2006): entries are 0 but for a share 1/√units, which are ±√(√units / dimensions),
 * so that lengths are kept on average. The same units, dimensions and seed give the same projection.
 */
export interface SparseProjection {
  units: number
  dimensions: number
  scale: number
  /** where the entries of each unit begin, and one end more */
  starts: Uint32Array
  /** dimension of each entry, and ~dimension where it is negative */
  entries: Int32Array
}

/** Draws the projection; null stands for the identity, where there are no more units than dimensions. */
export const sparseProjection = (units: number, dimensions: number, seed: number): SparseProjection | null => {
  if (units <= dimensions) return null
  const random = createRandomState(seed)
  const sparsity = Math.sqrt(units)
  const miss = Math.log1p(-1 / sparsity)
  const starts = new Uint32Array(units + 1)
  let entries = new Int32Array(Math.ceil(1.05 * sparsity * dimensions) + 1024)
  let count = 0
  // The gaps between entries, taken unit after unit, are geometric.
  const total = units * dimensions
  let unit = 0
  for (let place = gap(random.random(), miss); place < total; place += 1 + gap(random.random(), miss)) {
    const at = Math.floor(place / dimensions)
    while (unit < at) starts[++unit] = count
    if (count === entries.length) entries = grown(entries)
    const dimension = place - at * dimensions
    entries[count++] = random.uint32() & 1 ? dimension : ~dimension
  }
  while (unit < units) starts[++unit] = count
  return { units, dimensions, scale: Math.sqrt(sparsity / dimensions), starts, entries: entries.slice(0, count) }
}

const gap = (u: number, miss: number): number => Math.floor(Math.log1p(-u) / miss)

const grown = (entries: Int32Array): Int32Array<ArrayBuffer> => {
  const out = new Int32Array(2 * entries.length)
  out.set(entries)
  return out
}

/** Activations (stimulus x unit) in the dimensions, (stimulus x dimension): summed in float64, rounded once. */
export const project = ({ units, dimensions, scale, starts, entries }: SparseProjection, { rows, data }: Matrix<Float32Array>): Matrix<Float32Array> => {
  const out = new Float32Array(rows * dimensions)
  const row = new Float64Array(dimensions)
  for (let i = 0; i < rows; i++) {
    row.fill(0)
    for (let j = 0; j < units; j++) {
      const x = data[i * units + j]
      if (x === 0) continue // most of what a ReLU leaves
      for (let e = starts[j]; e < starts[j + 1]; e++) {
        const entry = entries[e]
        if (entry < 0) row[~entry] -= x
        else row[entry] += x
      }
    }
    for (let d = 0; d < dimensions; d++) out[i * dimensions + d] = scale * row[d]
  }
  return { rows, cols: dimensions, data: out }
}

/** Weights over the dimensions, (dimension x site), as weights over the units: (unit x site) float32. */
export const composeReadout = ({ units, scale, starts, entries }: SparseProjection, { cols: m, data }: Matrix): Matrix<Float32Array> => {
  const out = new Float32Array(units * m)
  const sum = new Float64Array(m)
  for (let j = 0; j < units; j++) {
    sum.fill(0)
    for (let e = starts[j]; e < starts[j + 1]; e++) {
      const entry = entries[e]
      const [d, sign] = entry < 0 ? [~entry, -scale] : [entry, scale]
      for (let site = 0; site < m; site++) sum[site] += sign * data[d * m + site]
    }
    out.set(sum, j * m)
  }
  return { rows: units, cols: m, data: out }
}

import type { Matrix } from '../domain/matrix.ts'
import type { Products } from '../numerics/products.ts'
import { symmetrise } from '../numerics/transpose.ts'
import type { LayerGram } from './gram-file.ts'
import type { UnitBlocks } from './unit-blocks.ts'

/** Units centred and multiplied at a time: f32 products of so few columns lose under 1e-5 before they are added in f64. */
const SLICE_UNITS = 512

export interface GramWork {
  products: Products
  signal?: AbortSignal
  /** called after each slice with the units done so far */
  onUnits?: (units: number) => void
  /** keep X itself beside K */
  keepValues?: boolean
}

/**
 * The Gram matrix about the mean, and the sums kept beside it, by one read of the activations (DESIGN.md, How data flows).
 * `f64` multiplies in float64; `f32` multiplies float32 values about the mean and adds the slices in float64.
 */
export const computeLayerGram = async (activations: UnitBlocks, precision: 'f32' | 'f64', { products, signal, onUnits, keepValues = false }: GramWork): Promise<LayerGram> => {
  const { stimuli: n, units } = activations
  const gram: LayerGram = {
    units,
    stimuli: n,
    precision,
    K: new Float64Array(n * n),
    Xmu: new Float64Array(n),
    Xsum: new Float64Array(n),
    sumSquares: new Float64Array(n),
    muSquared: 0,
    muSum: 0,
    largestEigenvalue: 0,
    values: null,
  }
  await activations.eachBlock(async (block, firstUnit) => {
    if (keepValues) copyInto((gram.values ??= block.data instanceof Float32Array ? new Float32Array(n * units) : new Float64Array(n * units)), units, block, firstUnit)
    for (let from = 0; from < block.cols; from += SLICE_UNITS) {
      signal?.throwIfAborted()
      const width = Math.min(SLICE_UNITS, block.cols - from)
      await products.addGram(gram.K, centreSlice(block, from, width, precision, gram))
      onUnits?.(firstUnit + from + width)
    }
  })
  symmetrise(gram.K, n)
  gram.largestEigenvalue = largestEigenvalue(gram.K, n)
  return gram
}

/** A block's columns into their place of (stimulus x unit). */
const copyInto = (whole: Float32Array | Float64Array, units: number, { rows, cols, data }: Matrix<Float32Array> | Matrix, firstUnit: number): void => {
  for (let i = 0; i < rows; i++) whole.set(data.subarray(i * cols, (i + 1) * cols), i * units + firstUnit)
}

/** Copies columns from … from+width about their means into a fresh matrix and adds their part to the sums. */
const centreSlice = (block: Matrix<Float32Array> | Matrix, from: number, width: number, precision: 'f32' | 'f64', gram: LayerGram): Matrix<Float32Array> | Matrix => {
  const n = block.rows
  const mean = columnMeans(block, from, width)
  for (let k = 0; k < width; k++) {
    gram.muSquared += mean[k] * mean[k]
    gram.muSum += mean[k]
  }
  const data = precision === 'f64' ? new Float64Array(n * width) : new Float32Array(n * width) // (stimulus x unit of slice)
  for (let i = 0; i < n; i++) {
    const row = i * block.cols + from
    let [dot, sum, squares] = [0, 0, 0]
    for (let k = 0; k < width; k++) {
      const x = block.data[row + k]
      dot += x * mean[k]
      sum += x
      squares += x * x
      data[i * width + k] = x - mean[k]
    }
    gram.Xmu[i] += dot
    gram.Xsum[i] += sum
    gram.sumSquares[i] += squares
  }
  return { rows: n, cols: width, data } as Matrix<Float32Array> | Matrix
}

/** Means over stimuli of the columns from … from+width, in float64. */
export const columnMeans = (block: Matrix<Float32Array> | Matrix, from: number, width: number): Float64Array => {
  const mean = new Float64Array(width)
  for (let i = 0; i < block.rows; i++) {
    const row = i * block.cols + from
    for (let k = 0; k < width; k++) mean[k] += block.data[row + k]
  }
  for (let k = 0; k < width; k++) mean[k] /= block.rows
  return mean
}

/** A step that adds less leaves the margin of 5 % untouched. */
const SETTLED = 1e-4

/** An upper estimate of the largest eigenvalue of a positive semidefinite K: 1.05 times a power iteration of at most 30 steps. */
const largestEigenvalue = (K: Float64Array, n: number): number => {
  let v = Float64Array.from({ length: n }, (_, i) => 1 + ((i * 2654435761) % 1024) / 1024)
  let lambda = 0
  for (let step = 0; step < 30; step++) {
    const next = new Float64Array(n)
    for (let i = 0; i < n; i++) {
      let sum = 0
      for (let j = 0; j < n; j++) sum += K[i * n + j] * v[j]
      next[i] = sum
    }
    const before = lambda
    lambda = Math.sqrt(next.reduce((sum, x) => sum + x * x, 0))
    if (lambda === 0) return 0
    if (lambda - before < SETTLED * lambda) break
    v = next.map((x) => x / lambda)
  }
  return 1.05 * lambda
}

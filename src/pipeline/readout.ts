import { VentralError } from '../domain/errors.ts'
import type { Matrix } from '../domain/matrix.ts'
import { createProducts } from '../numerics/products.ts'
import type { Products } from '../numerics/products.ts'
import type { ActivationSource } from './activation-source.ts'
import type { ExtractOptions } from './extract.ts'
import { columnMeans } from './layer-gram.ts'
import { windowWeights } from './windows.ts'
import type { Window } from './windows.ts'

/** Units multiplied with the dual coefficients at a time. */
const SLICE_UNITS = 1024

/** The dual coefficients of a layer, or of a window of it, (stimulus x site). */
export interface BandDual {
  window: Window | null
  dual: Matrix
}

export interface Readouts {
  /** (unit x site) of each layer */
  weights: Map<string, Matrix<Float32Array>>
  bias: Float64Array
}

/**
 * Readouts of a source's layers by one more streamed pass: W = Σ_b diag(w_b) (X - μ)'A_b over the layer's bands, with μ the mean vector
 * that their Gram matrices are about, w_b the weights of the units in band b (1 for the whole layer) and A_b its dual coefficients.
 * Then rate = Σ x'W + b - Σ μ'W. Products in f64, the result rounded once.
 */
export const readoutsOf = async (source: ActivationSource, layers: ReadonlyMap<string, readonly BandDual[]>, bias: Float64Array, options: ExtractOptions): Promise<Readouts> => {
  const products = await createProducts({ threads: options.threads })
  const units = new Map(source.sizes([...layers.keys()]).map((size) => [size.layer, size.units]))
  const out: Readouts = { weights: new Map(), bias: bias.slice() }
  try {
    await source.eachLayer([...layers.keys()], options, async (layer, activations) => {
      const bands = layers.get(layer)!.map(({ window, dual }) => ({ dual, weight: window === null ? null : windowWeights(source.shape(layer)!, window) }))
      const m = bands[0].dual.cols
      const weights: Matrix<Float32Array> = { rows: units.get(layer)!, cols: m, data: new Float32Array(units.get(layer)! * m) }
      await activations.eachBlock(async (block, firstUnit) => {
        for (let from = 0; from < block.cols; from += SLICE_UNITS) {
          options.signal?.throwIfAborted()
          const mean = columnMeans(block, from, Math.min(SLICE_UNITS, block.cols - from))
          const part = await sumOfBands(products, centred(block, from, mean), bands, firstUnit + from) // (unit x site)
          weights.data.set(part, (firstUnit + from) * m)
          for (let k = 0; k < mean.length; k++) for (let j = 0; j < m; j++) out.bias[j] -= mean[k] * part[k * m + j]
        }
      })
      if (!weights.data.every(Number.isFinite)) throw new VentralError('internal', `the readout of ${layer} is not finite`)
      out.weights.set(layer, weights)
    })
    return out
  } finally {
    await products.close()
  }
}

const sumOfBands = async (products: Products, X: Matrix, bands: readonly { dual: Matrix; weight: Float64Array | null }[], firstUnit: number): Promise<Float64Array> => {
  const m = bands[0].dual.cols
  let sum: Float64Array | null = null
  for (const { dual, weight } of bands) {
    const { data } = await products.f64(X, dual, { transA: true })
    if (weight !== null) for (let i = 0; i < data.length; i++) data[i] *= weight[firstUnit + Math.floor(i / m)]
    if (sum === null) sum = data
    else for (let i = 0; i < data.length; i++) sum[i] += data[i]
  }
  return sum!
}

/** X - μ for the columns from … from + mean.length of a block, in float64. */
const centred = (block: Matrix<Float32Array> | Matrix, from: number, mean: Float64Array): Matrix => {
  const width = mean.length
  const data = new Float64Array(block.rows * width) // (stimulus x unit of slice)
  for (let i = 0; i < block.rows; i++) for (let k = 0; k < width; k++) data[i * width + k] = block.data[i * block.cols + from + k] - mean[k]
  return { rows: block.rows, cols: width, data }
}

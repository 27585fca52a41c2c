import type { Matrix } from '../../domain/matrix.ts'
import type { EncoderTap } from '../build-encoder.ts'
import { openTfjsBackbone } from './backbone.ts'
import type { TfjsBackbone } from './backbone.ts'

/** As build-encoder takes them, the readout in any precision. */
export type TfjsEncoderTap = Omit<EncoderTap, 'weights'> & { weights: Matrix }

export interface TfjsEncoder {
  /** Pixels (count, 3, S, S) in [0, 1] -> rates (count x site). */
  run: (pixels: Float32Array, count: number) => Promise<Float32Array>
  close: () => Promise<void>
}

/** An encoder with its networks on the second engine, each in a thread of its own: what build-encoder's model computes. */
export const openTfjsEncoder = async (taps: readonly TfjsEncoderTap[], bias: Float64Array): Promise<TfjsEncoder> => {
  const opened = new Map<TfjsEncoderTap['params'], TfjsBackbone>()
  const close = async (): Promise<void> => void (await Promise.all([...opened.values()].map((backbone) => backbone.close())))
  try {
    for (const [params, own] of Map.groupBy(taps, (tap) => tap.params)) {
      const [{ graph }] = own
      opened.set(params, await openTfjsBackbone({ graph, params, taps: own, normalise: true }))
    }
  } catch (error) {
    await close()
    throw error
  }
  // What answers holds no parameters: the threads have them.
  const networks = [...opened].map(([params, backbone]) => ({ backbone, own: taps.filter((tap) => tap.params === params).map(({ layer, weights }) => ({ layer, weights })) }))
  return {
    run: async (pixels, count) => {
      const rates = Float64Array.from({ length: count * bias.length }, (_, at) => bias[at % bias.length])
      const size = pixels.length / count
      for (const { backbone, own } of networks) {
        for (let first = 0; first < count; first += backbone.batch) {
          const images = Math.min(backbone.batch, count - first)
          const activations = await backbone.run(pixels.subarray(first * size, (first + images) * size), images)
          for (const { layer, weights } of own) addProduct(rates.subarray(first * bias.length), activations.get(layer)!, weights, images)
        }
      }
      return Float32Array.from(rates)
    },
    close,
  }
}

/** rates += activations · weights, (image x unit) by (unit x site). */
const addProduct = (rates: Float64Array, activations: Float32Array, { rows, cols, data }: Matrix, images: number): void => {
  for (let unit = 0; unit < rows; unit++) {
    for (let image = 0; image < images; image++) {
      const activation = activations[image * rows + unit]
      if (activation === 0) continue
      for (let site = 0; site < cols; site++) rates[image * cols + site] += activation * data[unit * cols + site]
    }
  }
}

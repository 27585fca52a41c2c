import * as tf from '@tensorflow/tfjs-core'
import { viewsOf } from './memory.ts'
import type { Call, Shape4 } from './memory.ts'

/**
 * Derivative of max pooling: each result's goes to the first largest value of its window. The backend's own finds none in a window
 * without positive values (4.22: its search begins at the smallest positive number).
 */
export const maxPoolGrad = ({ inputs: { dy, input }, backend, attrs }: Call<'dy' | 'input', tf.MaxPoolGradAttrs>): tf.TensorInfo => {
  const info = tf.backend_util.computePool2DInfo(input.shape as Shape4, attrs.filterSize, attrs.strides, 1, attrs.pad, attrs.dimRoundingMode)
  const { batchSize, inHeight, inWidth, outHeight, outWidth, inChannels: channels, strideHeight, strideWidth, filterHeight, filterWidth, padInfo } = info
  const dx = backend.makeOutput(input.shape, 'float32')
  const [slopes, values, result] = viewsOf(backend, dy, input, dx)
  result.fill(0)
  for (let n = 0, at = 0; n < batchSize; n++) {
    for (let row = 0; row < outHeight; row++) {
      const [top, bottom] = clip(row * strideHeight - padInfo.top, filterHeight, inHeight)
      for (let column = 0; column < outWidth; column++) {
        const [left, right] = clip(column * strideWidth - padInfo.left, filterWidth, inWidth)
        for (let c = 0; c < channels; c++, at++) {
          let largest = ((n * inHeight + top) * inWidth + left) * channels + c
          for (let y = top; y < bottom; y++) {
            for (let x = left; x < right; x++) {
              const place = ((n * inHeight + y) * inWidth + x) * channels + c
              if (values[place] > values[largest]) largest = place
            }
          }
          result[largest] += slopes[at]
        }
      }
    }
  }
  return dx
}

/** The part of a window that lies inside: [from, to). */
const clip = (start: number, length: number, side: number): [number, number] => [Math.max(start, 0), Math.min(start + length, side)]

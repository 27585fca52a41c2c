import * as tf from '@tensorflow/tfjs-core'
import { viewsOf } from './memory.ts'
import type { Call, Shape4 } from './memory.ts'

/** Derivative of a depthwise convolution with respect to its input, which the backend does not have. */
export const depthwiseInputGrad = ({ inputs: { dy, filter }, backend, attrs }: Call<'dy' | 'filter', tf.DepthwiseConv2dNativeBackpropInputAttrs>): tf.TensorInfo => {
  const { strides, dilations, pad, dimRoundingMode, inputShape } = attrs
  const info = tf.backend_util.computeConv2DInfo(inputShape, filter.shape as Shape4, strides, dilations, pad, dimRoundingMode, true)
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, strideHeight, strideWidth, filterHeight, filterWidth, padInfo } = info
  const multiplier = outChannels / inChannels
  const dx = backend.makeOutput(inputShape, 'float32')
  const [slopes, weights, result] = viewsOf(backend, dy, filter, dx)
  result.fill(0)
  for (let n = 0; n < batchSize; n++) {
    for (let row = 0; row < outHeight; row++) {
      for (let column = 0; column < outWidth; column++) {
        const from = ((n * outHeight + row) * outWidth + column) * outChannels
        for (let r = 0; r < filterHeight; r++) {
          const y = row * strideHeight - padInfo.top + r
          if (y < 0 || y >= inHeight) continue
          for (let s = 0; s < filterWidth; s++) {
            const x = column * strideWidth - padInfo.left + s
            if (x < 0 || x >= inWidth) continue
            const to = ((n * inHeight + y) * inWidth + x) * inChannels
            const weight = (r * filterWidth + s) * outChannels
            for (let c = 0; c < outChannels; c++) result[to + Math.floor(c / multiplier)] += slopes[from + c] * weights[weight + c]
          }
        }
      }
    }
  }
  return dx
}

import * as tf from '@tensorflow/tfjs-core'
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm'

type Shape4 = [number, number, number, number]

interface Call<Name extends string, Attributes> {
  inputs: Record<Name, tf.TensorInfo>
  backend: BackendWasm
  attrs: Attributes
}

/** Views of the backend's memory, to be taken when all of it that is needed has been allotted: it may move when it grows. */
const viewsOf = (backend: BackendWasm, ...tensors: tf.TensorInfo[]): Float32Array[] => tensors.map((tensor) => backend.typedArrayFromHeap(tensor) as Float32Array)

/**
 * Derivative of max pooling: each result's goes to the first largest value of its window. The backend's own finds none in a window
 * without positive values (4.22: its search begins at the smallest positive number).
 */
const maxPoolGrad = ({ inputs: { dy, input }, backend, attrs }: Call<'dy' | 'input', tf.MaxPoolGradAttrs>): tf.TensorInfo => {
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

/** Derivative of a depthwise convolution with respect to its input, which the backend does not have. */
const depthwiseInputGrad = ({ inputs: { dy, filter }, backend, attrs }: Call<'dy' | 'filter', tf.DepthwiseConv2dNativeBackpropInputAttrs>): tf.TensorInfo => {
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

/** Gives the WebAssembly backend the kernels of derivatives that it lacks or has wrong. */
export const registerWasmKernels = (): void => {
  const kernels = { [tf.MaxPoolGrad]: maxPoolGrad, [tf.DepthwiseConv2dNativeBackpropInput]: depthwiseInputGrad }
  for (const [kernelName, kernelFunc] of Object.entries(kernels)) {
    if (tf.getKernel(kernelName, 'wasm')) tf.unregisterKernel(kernelName, 'wasm')
    tf.registerKernel({ kernelName, backendName: 'wasm', kernelFunc: kernelFunc as unknown as tf.KernelFunc })
  }
}

import * as tf from '@tensorflow/tfjs-core'
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm'
import { viewsOf } from './memory.ts'
import type { Call, Shape4 } from './memory.ts'

/**
 * Derivative of a convolution with respect to its input, as the convolution that it is: of the results' derivatives, spread by the
 * strides and padded, with the filters turned by half. The backend's own kernel takes ten times as long.
 */
export const convInputGrad = ({ inputs: { dy, filter }, backend, attrs }: Call<'dy' | 'filter', tf.Conv2DBackpropInputAttrs>): tf.TensorInfo => {
  const info = tf.backend_util.computeConv2DInfo(attrs.inputShape, filter.shape as Shape4, attrs.strides, 1, attrs.pad, attrs.dimRoundingMode)
  const { batchSize, inHeight, inWidth, filterHeight, filterWidth, outChannels } = info
  const spread = backend.makeOutput([batchSize, inHeight + filterHeight - 1, inWidth + filterWidth - 1, outChannels], 'float32')
  const turned = turn(backend, filter)
  fillSpread(backend, dy, spread, info)
  const dx = tf.getKernel(tf.Conv2D, 'wasm').kernelFunc({
    inputs: { x: spread, filter: turned },
    backend,
    attrs: { strides: [1, 1], pad: 'valid', dataFormat: 'NHWC', dilations: [1, 1] } satisfies Omit<tf.Conv2DAttrs, 'dimRoundingMode'>,
  }) as tf.TensorInfo
  for (const { dataId } of [spread, turned]) backend.disposeData(dataId)
  return dx
}

/** (row, column, in, out) -> (row from the last, column from the last, out, in). */
const turn = (backend: BackendWasm, filter: tf.TensorInfo): tf.TensorInfo => {
  const [rows, columns, inputs, outputs] = filter.shape
  const turned = backend.makeOutput([rows, columns, outputs, inputs], 'float32')
  const [from, to] = viewsOf(backend, filter, turned)
  const size = inputs * outputs
  for (let place = 0; place < rows * columns; place++) {
    const [source, target] = [place * size, (rows * columns - 1 - place) * size]
    for (let i = 0; i < inputs; i++) for (let o = 0; o < outputs; o++) to[target + o * inputs + i] = from[source + i * outputs + o]
  }
  return turned
}

/** Writes each result's derivative to the place of its window's last value, among zeros. What would lie outside saw padding only. */
const fillSpread = (backend: BackendWasm, dy: tf.TensorInfo, spread: tf.TensorInfo, info: ReturnType<typeof tf.backend_util.computeConv2DInfo>): void => {
  const { batchSize, outHeight, outWidth, outChannels: channels, strideHeight, strideWidth, filterHeight, filterWidth, padInfo } = info
  const [, height, width] = spread.shape
  const [from, to] = viewsOf(backend, dy, spread)
  to.fill(0)
  for (let n = 0; n < batchSize; n++) {
    for (let row = 0; row < outHeight; row++) {
      const y = row * strideHeight + filterHeight - 1 - padInfo.top
      if (y < 0 || y >= height) continue
      for (let column = 0; column < outWidth; column++) {
        const x = column * strideWidth + filterWidth - 1 - padInfo.left
        if (x < 0 || x >= width) continue
        const at = ((n * outHeight + row) * outWidth + column) * channels
        to.set(from.subarray(at, at + channels), ((n * height + y) * width + x) * channels)
      }
    }
  }
}

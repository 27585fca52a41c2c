import * as tf from '@tensorflow/tfjs-core'
import { sizeOf } from '../../shapes.ts'
import { viewsOf } from './memory.ts'
import type { Call } from './memory.ts'

/** Rows up to which a product with a turned matrix goes row by row. */
const FEW_ROWS = 16

/**
 * Products with turned matrices, as derivatives of products are: the backend's own way takes some hundred times as long as a plain
 * product. Few rows times a turned matrix are scalar products of rows; all else is turned first.
 */
export const turnedProduct =
  (plain: tf.KernelFunc) =>
  (call: Call<'a' | 'b', tf.BatchMatMulAttrs>): tf.TensorInfo => {
    const { inputs, backend, attrs } = call
    const { transposeA, transposeB } = attrs
    if (!transposeA && !transposeB) return plain(call as unknown as Parameters<tf.KernelFunc>[0]) as tf.TensorInfo
    if (!transposeA && sizeOf(inputs.b.shape.slice(0, -2)) === 1 && sizeOf(inputs.a.shape.slice(0, -1)) <= FEW_ROWS) return rowByRow(call)
    const turn = (x: tf.TensorInfo): tf.TensorInfo => {
      const leading = x.shape.slice(0, -2).map((_, axis) => axis)
      return tf.getKernel(tf.Transpose, 'wasm').kernelFunc({ inputs: { x }, backend, attrs: { perm: [...leading, leading.length + 1, leading.length] } }) as tf.TensorInfo
    }
    const [a, b] = [transposeA ? turn(inputs.a) : inputs.a, transposeB ? turn(inputs.b) : inputs.b]
    const product = plain({ inputs: { a, b }, backend, attrs: { transposeA: false, transposeB: false } }) as tf.TensorInfo
    for (const { dataId } of [...(transposeA ? [a] : []), ...(transposeB ? [b] : [])]) backend.disposeData(dataId)
    return product
  }

const rowByRow = ({ inputs: { a, b }, backend }: Call<'a' | 'b', unknown>): tf.TensorInfo => {
  const inner = a.shape.at(-1)!
  const rows = sizeOf(a.shape) / inner
  const columns = b.shape.at(-2)!
  const product = backend.makeOutput([...a.shape.slice(0, -1), columns], 'float32')
  const [left, right, out] = viewsOf(backend, a, b, product)
  for (let column = 0; column < columns; column++) {
    const from = column * inner
    for (let row = 0; row < rows; row++) {
      let sum = 0
      for (let i = 0; i < inner; i++) sum += left[row * inner + i] * right[from + i]
      out[row * columns + column] = sum
    }
  }
  return product
}

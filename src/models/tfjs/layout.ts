import * as tf from '@tensorflow/tfjs-core'
import type { GraphNode, Operation } from '../graph.ts'
import type { Parameter } from '../parts.ts'
import { sizeOf } from '../shapes.ts'

// Values with sides are held as (image, row, column, channel), the only order that all backends compute in; vectors as (image, unit).

type Shaped = Pick<GraphNode, 'shape' | 'channels'>

/** The shape in which a node's value is held, without the image axis. */
export const heldShape = ({ shape, channels }: Shaped): readonly number[] => (shape.length === 3 && channels !== 'last' ? [shape[1], shape[2], shape[0]] : shape)

/** From the order in which a node states its shape to that in which its value is held. */
export const toHeld = (value: tf.Tensor, { shape, channels }: Shaped): tf.Tensor => (shape.length === 3 && channels !== 'last' ? tf.transpose(value, [0, 2, 3, 1]) : value)

/** The way back. */
export const fromHeld = (value: tf.Tensor, { shape, channels }: Shaped): tf.Tensor => (shape.length === 3 && channels !== 'last' ? tf.transpose(value, [0, 3, 1, 2]) : value)

/** Each channel of the convolution's input is a group of its own. */
export const isDepthwise = (groups: number, inputsPerGroup: number): boolean => groups > 1 && inputsPerGroup === 1

/**
 * A parameter as an operation takes it: convolutions' (out, in, row, column) with the channels last, linear (out, in) turned, since the
 * WebAssembly backend multiplies by a turned matrix many times slower, and all that is one number per channel as a vector.
 */
export const heldParameter = (operation: Operation, { shape, data }: Parameter): tf.Tensor => {
  if (operation.kind === 'conv' && shape.length === 4) {
    const [out, inputs, rows, columns] = shape
    return tf.tidy(() => {
      const weight = tf.tensor4d(data, [out, inputs, rows, columns])
      if (!isDepthwise(operation.groups, inputs)) return tf.transpose(weight, [2, 3, 1, 0])
      return tf.reshape(tf.transpose(weight, [2, 3, 0, 1]), [rows, columns, operation.groups, out / operation.groups])
    })
  }
  if (operation.kind === 'linear' && shape.length === 2) return tf.tidy(() => tf.transpose(tf.tensor2d(data, [shape[0], shape[1]])))
  return tf.tensor(data, [sizeOf(shape)])
}

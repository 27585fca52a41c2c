import * as tf from '@tensorflow/tfjs-core'
import type { ActivationForm, GraphNode, Operation } from '../graph.ts'
import type { Pair } from '../shapes.ts'
import { samePair } from '../shapes.ts'
import { fromHeld, heldShape, isDepthwise, toHeld } from './layout.ts'
import { adaptiveAvgPool, avgPool, evenPads, maxPool, padOrCut, padSides } from './pooling.ts'

/** Gives a parameter as `heldParameter` made it. */
export type ParamTensors = (name: string) => tf.Tensor

/** Filters with zeros between their rows and columns: a dilated convolution as a plain one, since dilated ones have no gradient here. */
const dilate = (weight: tf.Tensor4D, [down, across]: Pair): tf.Tensor4D => {
  const [rows, columns, inputs, out] = weight.shape
  const tall = (rows - 1) * down + 1
  const wide = (columns - 1) * across + 1
  const apart = tf.pad(tf.reshape(weight, [rows, 1, columns * inputs * out]), [[0, 0], [0, down - 1], [0, 0]])
  const spaced = tf.slice(tf.reshape(apart, [rows * down, columns * inputs * out]), [0, 0], [tall, -1])
  const aside = tf.pad(tf.reshape(spaced, [tall, columns, 1, inputs * out]), [[0, 0], [0, 0], [0, across - 1], [0, 0]])
  return tf.reshape(tf.slice(tf.reshape(aside, [tall, columns * across, inputs * out]), [0, 0, 0], [-1, wide, -1]), [tall, wide, inputs, out])
}

const convolve = (x: tf.Tensor4D, op: Operation & { kind: 'conv' }, weight: tf.Tensor4D): tf.Tensor4D => {
  const padded = padSides(x, evenPads(op.padding))
  const strides = [...op.stride] as [number, number]
  const whole = samePair(op.dilation, [1, 1]) ? weight : dilate(weight, op.dilation)
  if (isDepthwise(op.groups, x.shape[3] / op.groups)) return tf.depthwiseConv2d(padded, whole, strides, 'valid')
  const plain = (value: tf.Tensor4D, filters: tf.Tensor4D): tf.Tensor4D => tf.conv2d(value, filters, strides, 'valid')
  if (op.groups === 1) return plain(padded, whole)
  const filters = tf.split<tf.Tensor4D>(whole, op.groups, 3)
  return tf.concat(tf.split<tf.Tensor4D>(padded, op.groups, 3).map((part, g) => plain(part, filters[g])), 3)
}

/** (x - mean) / sqrt(variance + epsilon) over the last axis of the value, or over two of its axes. */
const standardise = (x: tf.Tensor, axes: number[], epsilon: number): tf.Tensor => {
  const centred = tf.sub(x, tf.mean(x, axes, true))
  return tf.mul(centred, tf.rsqrt(tf.add(tf.mean(tf.square(centred), axes, true), epsilon)))
}

const activate = (x: tf.Tensor, form: ActivationForm): tf.Tensor => {
  const hard = (): tf.Tensor => tf.div(tf.clipByValue(tf.add(x, 3), 0, 6), 6)
  switch (form) {
    case 'silu':
      return tf.mul(x, tf.sigmoid(x))
    case 'hardswish':
      return tf.mul(x, hard())
    case 'tanh':
      return tf.tanh(x)
    case 'elu':
      return tf.elu(x)
    case 'exp':
      return tf.exp(x)
    case 'sigmoid':
      return tf.sigmoid(x)
    case 'hardsigmoid':
      return hard()
    case 'gelu':
      return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1))
  }
}

/**
 * Computes one node of a layer graph from the values of its inputs, all held as layout.ts says, for `count` images. The caller's tidy
 * disposes what comes in between.
 */
export const compute = (node: GraphNode, inputs: { node: GraphNode; value: tf.Tensor }[], param: ParamTensors, count: number): tf.Tensor => {
  const { operation: op, shape } = node
  const values = inputs.map(({ value }) => value)
  const [x] = values as tf.Tensor4D[]
  switch (op.kind) {
    case 'input':
      throw new Error('the input has no operation: network.ts normalises it')
    case 'given':
      throw new Error('a node of a user’s ONNX model has no operation here: openTfjsBackbone refuses its graph')
    case 'zeros':
      return tf.zeros([count, ...heldShape(node)])
    case 'conv': {
      const y = convolve(x, op, param(op.weight) as tf.Tensor4D)
      return op.bias === null ? y : tf.add(y, param(op.bias))
    }
    case 'batchNorm': {
      const scale = tf.mul(param(op.weight), tf.rsqrt(tf.add(param(op.variance), op.epsilon)))
      return tf.add(tf.mul(x, scale), tf.sub(param(op.bias), tf.mul(param(op.mean), scale)))
    }
    case 'groupNorm': {
      const [, rows, columns, channels] = x.shape
      const groups = tf.reshape(x, [count, rows * columns, op.groups, channels / op.groups])
      const normal = tf.reshape(standardise(groups, [1, 3], op.epsilon), x.shape)
      return tf.add(tf.mul(normal, param(op.weight)), param(op.bias))
    }
    case 'layerNorm':
      return tf.add(tf.mul(standardise(x, [3], op.epsilon), param(op.weight)), param(op.bias))
    case 'relu':
      return tf.relu(x)
    case 'relu6':
      return tf.clipByValue(x, 0, 6)
    case 'activation':
      return activate(x, op.form)
    case 'maxPool':
      return maxPool(x, op, [shape[1], shape[2]])
    case 'avgPool':
      return avgPool(x, op)
    case 'adaptiveAvgPool':
      return adaptiveAvgPool(x, op.size)
    case 'linear': {
      const rows = tf.reshape(x, [-1, x.shape.at(-1)!])
      const product = tf.matMul(rows, param(op.weight))
      return tf.reshape(tf.add(product, param(op.bias)), [...x.shape.slice(0, -1), shape.at(-1)!])
    }
    case 'square':
      return tf.square(x)
    case 'root':
      return tf.sqrt(x)
    case 'divide':
      return tf.div(values[0], values[1])
    case 'add':
      return tf.add(values[0], values[1])
    case 'max':
      return values.reduce((a, b) => tf.maximum(a, b))
    case 'gate':
      return tf.mul(values[0], values[1])
    case 'scale':
      return tf.mul(x, param(op.weight))
    case 'permute': {
      const from = inputs[0].node
      // Channels that only move to the other end are held in one and the same place.
      if (op.order.join() === (from.channels === 'last' ? '2,0,1' : '1,2,0')) return tf.clone(x)
      return toHeld(tf.transpose(fromHeld(x, from), [0, ...op.order.map((axis) => axis + 1)]), node)
    }
    case 'channels':
      return tf.slice4d(x, [0, 0, 0, op.from], [-1, -1, -1, op.to - op.from])
    case 'pad':
      return padOrCut(x, op.before, op.after)
    case 'shuffle': {
      const [, rows, columns, channels] = x.shape
      const dealt = tf.transpose(tf.reshape(x, [count, rows, columns, op.groups, channels / op.groups]), [0, 1, 2, 4, 3])
      return tf.reshape(dealt, x.shape)
    }
    case 'concat':
      return tf.concat(values, -1)
    case 'flatten':
      return tf.reshape(fromHeld(x, inputs[0].node), [count, shape[0]])
  }
}

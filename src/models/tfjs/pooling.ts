import * as tf from '@tensorflow/tfjs-core'
import type { Pair, Window } from '../shapes.ts'
import { adaptiveWindows } from '../shapes.ts'

/** Padding in front of and behind the rows and the columns. */
export type Pads = readonly [readonly [number, number], readonly [number, number]]

/**
 * A value with its sides padded. Backends read an operation's own padding in different ways (some take none but "same"), so that all
 * windows slide over padded values.
 */
export const padSides = (x: tf.Tensor4D, [rows, columns]: Pads, value = 0): tf.Tensor4D =>
  [...rows, ...columns].every((length) => length === 0) ? x : tf.pad4d(x, [[0, 0], [...rows], [...columns], [0, 0]], value)

/** Zeros before and after the rows and columns; a negative number takes as many away. */
export const padOrCut = (x: tf.Tensor4D, before: Pair, after: Pair): tf.Tensor4D => {
  const cut = (length: number): number => Math.max(0, -length)
  const added = (length: number): number => Math.max(0, length)
  const left = (axis: 0 | 1): number => x.shape[axis + 1] - cut(before[axis]) - cut(after[axis])
  const inner = tf.slice4d(x, [0, cut(before[0]), cut(before[1]), 0], [-1, left(0), left(1), -1])
  return tf.pad4d(inner, [[0, 0], [added(before[0]), added(after[0])], [added(before[1]), added(after[1])], [0, 0]])
}

/** The same padding at both ends. */
export const evenPads = ([rows, columns]: Pair): Pads => [[rows, rows], [columns, columns]]

/**
 * Max pooling. For torch's ceil_mode the end is padded until the last window fits, which is exact: padding of -∞ never wins. `to`: the
 * rows and columns of the result.
 */
export const maxPool = (x: tf.Tensor4D, { kernel, stride, padding, ceil }: Window & { ceil: boolean }, to: Pair): tf.Tensor4D => {
  const end = (axis: 0 | 1): number => (ceil ? Math.max(padding[axis], (to[axis] - 1) * stride[axis] + kernel[axis] - x.shape[axis + 1] - padding[axis]) : padding[axis])
  const padded = padSides(x, [[padding[0], end(0)], [padding[1], end(1)]], -Infinity)
  return tf.maxPool(padded, [...kernel], [...stride], 'valid')
}

/** Average pooling in which the padding counts. */
export const avgPool = (x: tf.Tensor4D, { kernel, stride, padding }: Window): tf.Tensor4D => tf.avgPool(padSides(x, evenPads(padding)), [...kernel], [...stride], 'valid')

/** (grid x side): row i holds 1 / length over window i. */
const averagingMatrix = (grid: number, side: number): tf.Tensor2D => {
  const matrix = new Float32Array(grid * side)
  for (const [i, [from, to]] of adaptiveWindows(side, grid).entries()) matrix.fill(1 / (to - from), i * side + from, i * side + to)
  return tf.tensor2d(matrix, [grid, side])
}

/** torch's adaptive average pooling: a product per axis, so that no sum is longer than a side. */
export const adaptiveAvgPool = (x: tf.Tensor4D, [rows, columns]: Pair): tf.Tensor4D => {
  const [count, height, width, channels] = x.shape
  const low = rows === height ? x : tf.matMul(spread(averagingMatrix(rows, height), count), tf.reshape(x, [count, height, width * channels]))
  if (columns === width) return tf.reshape(low, [count, rows, width, channels])
  const narrow = tf.matMul(spread(averagingMatrix(columns, width), count * rows), tf.reshape(low, [count * rows, width, channels]))
  return tf.reshape(narrow, [count, rows, columns, channels])
}

/** The same matrix for each of so many products. */
const spread = (matrix: tf.Tensor2D, count: number): tf.Tensor3D => tf.tile(tf.expandDims(matrix, 0), [count, 1, 1])

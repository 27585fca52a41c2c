import type { Pooling } from '../domain/backbone.ts'

/** [vertical, horizontal] */
export type Pair = readonly [number, number]

/** A window that slides over the last two axes. */
export interface Window {
  kernel: Pair
  stride: Pair
  padding: Pair
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, side) => product * side, 1)

/**
 * Output side of a sliding window, as torch computes it. With `ceil`, a last partial window counts as long as it
 * begins inside the input or its leading padding.
 */
export const windowSide = (side: number, kernel: number, stride: number, padding: number, ceil = false, dilation = 1): number => {
  const span = side + 2 * padding - dilation * (kernel - 1) - 1
  if (!ceil) return Math.floor(span / stride) + 1
  const out = Math.ceil(span / stride) + 1
  return (out - 1) * stride >= side + padding ? out - 1 : out
}

/** TensorFlow's padding `same`, before and after, for a result of side ceil(side / stride); the end takes the odd one. */
export const samePadding = (side: number, kernel: number, stride: number): Pair => {
  const total = Math.max(0, (Math.ceil(side / stride) - 1) * stride + kernel - side)
  return [Math.floor(total / 2), Math.ceil(total / 2)]
}

/** [begin, end) of each window of torch's adaptive pooling: floor(i H / g) … ceil((i + 1) H / g). */
export const adaptiveWindows = (side: number, grid: number): [number, number][] =>
  Array.from({ length: grid }, (_, i) => [Math.floor((i * side) / grid), Math.ceil(((i + 1) * side) / grid)])

/** Shape of a tap after pooling: channels first, whose sides are no longer than the grid. Vectors stay as they are. */
export const pooledShape = (shape: readonly number[], pooling: Pooling, channels?: 'last'): number[] => {
  if (pooling === 'none' || shape.length !== 3) return [...shape]
  const [depth, rows, columns] = channels === 'last' ? [shape[2], shape[0], shape[1]] : shape
  return [depth, Math.min(rows, pooling.grid), Math.min(columns, pooling.grid)]
}

export const samePair = (a: Pair, b: Pair): boolean => a[0] === b[0] && a[1] === b[1]

import type { Assembler } from './assembler.ts'
import { adaptiveWindows } from '../shapes.ts'

/** (side x grid): column i holds 1 / length over window i, so that x · A averages the windows. */
const averagingMatrix = (side: number, grid: number): Float32Array => {
  const matrix = new Float32Array(side * grid)
  for (const [i, [from, to]] of adaptiveWindows(side, grid).entries()) for (let h = from; h < to; h++) matrix[h * grid + i] = 1 / (to - from)
  return matrix
}

/** The runtime adds a window's values one after another in float32; sums of more than these lose digits that sums by rows keep. */
const MAX_WINDOW = 4096

/**
 * Adaptive average pooling of a (channels, height, width) value to `[rows, cols]`. Where small windows tile the input it is one
 * AveragePool; else a product per axis, width first, so that the transposes that the other axis needs act on the small result.
 */
export const emitAdaptiveAverage = (a: Assembler, value: string, shape: readonly number[], [rows, cols]: readonly [number, number], output: string): string => {
  const [, height, width] = shape
  const small = (height / rows) * (width / cols) <= MAX_WINDOW
  if (small && rows === 1 && cols === 1) return a.node('GlobalAveragePool', [value], output)
  if (small && height % rows === 0 && width % cols === 0) {
    const window = [height / rows, width / cols]
    return a.node('AveragePool', [value], output, { kernel_shape: window, strides: window })
  }
  const across = (x: string, side: number, grid: number, out: string): string =>
    a.node('MatMul', [x, a.floats(`average.${side}to${grid}`, [side, grid], averagingMatrix(side, grid))], out)
  if (rows === height) return across(value, width, cols, output)
  const narrow = cols === width ? value : across(value, width, cols, `${output}/width`)
  const turned = a.node('Transpose', [narrow], `${output}/turned`, { perm: [0, 1, 3, 2] })
  return a.node('Transpose', [across(turned, height, rows, `${output}/height`)], output, { perm: [0, 1, 3, 2] })
}

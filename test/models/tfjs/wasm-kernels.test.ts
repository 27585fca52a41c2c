import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import '@tensorflow/tfjs-backend-wasm'
import t from 'tap'
import { registerGradients } from '../../../src/models/tfjs/gradients.ts'
import { registerWasmKernels } from '../../../src/models/tfjs/wasm/kernels.ts'
import { gauss } from '../../helper/generator.ts'
import { relativeError } from './small-net.ts'

tf.enableProdMode()
registerWasmKernels()
await registerGradients()

const values = (name: string, shape: number[]): Float32Array => Float32Array.from(gauss(name, shape.reduce((a, b) => a * b, 1)))

/** Value of an operation and its derivative by its first argument, along fixed slopes, on a backend. */
const onBackend = async (backend: string, shapes: number[][], operation: (...args: tf.Tensor[]) => tf.Tensor): Promise<Float32Array[]> => {
  await tf.setBackend(backend)
  const [x, ...rest] = shapes.map((shape, i) => tf.tensor(values(`argument ${i}`, shape), shape))
  const y = operation(x, ...rest)
  const slopes = tf.tensor(values('slopes', y.shape), y.shape)
  const gradient = tf.grad((at: tf.Tensor) => tf.sum(tf.mul(operation(at, ...rest), slopes)))(x)
  return [y.dataSync<'float32'>(), gradient.dataSync<'float32'>()]
}

type T4 = tf.Tensor4D
const conv = (strides: [number, number], pad: 'valid' | 'same' | number) => (x: tf.Tensor, w: tf.Tensor) => tf.conv2d(x as T4, w as T4, strides, pad)
const depthwise = (strides: [number, number], pad: 'valid' | 'same') => (x: tf.Tensor, w: tf.Tensor) => tf.depthwiseConv2d(x as T4, w as T4, strides, pad)
const pool = (kernel: [number, number], stride: number, pad: 'valid' | 'same') => (x: tf.Tensor) => tf.maxPool(x as T4, kernel, stride, pad)
const product = (transposeA: boolean, transposeB: boolean) => (a: tf.Tensor, b: tf.Tensor) => tf.matMul(a, b, transposeA, transposeB)

const cases: [string, number[][], (...args: tf.Tensor[]) => tf.Tensor][] = [
  ['convolution', [[2, 7, 8, 3], [3, 2, 3, 5]], conv([1, 1], 'valid')],
  ['convolution with strides that leave a rest', [[2, 8, 8, 3], [3, 3, 3, 4]], conv([2, 3], 'valid')],
  ['convolution of single places with a stride', [[2, 7, 7, 3], [1, 1, 3, 4]], conv([2, 2], 'valid')],
  ['padded convolution', [[1, 6, 7, 2], [3, 3, 2, 3]], conv([2, 2], 'same')],
  ['convolution padded by more than its filter', [[1, 5, 5, 2], [2, 2, 2, 3]], conv([1, 1], 3)],
  ['depthwise convolution', [[2, 7, 8, 3], [3, 2, 3, 1]], depthwise([1, 1], 'valid')],
  ['depthwise convolution with several filters, strides and padding', [[2, 7, 7, 3], [3, 3, 3, 2]], depthwise([2, 2], 'same')],
  ['max pool whose windows meet', [[2, 6, 6, 3]], pool([2, 2], 2, 'valid')],
  ['max pool whose windows overlap', [[2, 7, 8, 3]], pool([3, 2], 2, 'valid')],
  ['padded max pool', [[1, 7, 7, 2]], pool([3, 3], 2, 'same')],
  ['product', [[1, 3, 4], [1, 4, 5]], product(false, false)],
  ['product with few rows, turned', [[1, 3, 4], [1, 5, 4]], product(false, true)],
  ['product with many rows, turned', [[1, 40, 6], [1, 5, 6]], product(false, true)],
  ['product of two matrices, turned', [[3, 4], [5, 4]], product(false, true)],
  ['turned product', [[6, 4], [6, 5]], product(true, false)],
  ['product turned twice', [[1, 6, 4], [1, 5, 6]], product(true, true)],
  ['several products, turned', [[3, 2, 4], [3, 5, 4]], product(false, true)],
]

for (const [name, shapes, operation] of cases) {
  t.test(`${name}: value and derivative are those of the JavaScript backend`, async (t) => {
    const expected = await onBackend('cpu', shapes, operation)
    const found = await onBackend('wasm', shapes, operation)
    for (const i of [0, 1]) t.ok(relativeError(found[i], expected[i]) < 1e-6, String(relativeError(found[i], expected[i])))
  })
}

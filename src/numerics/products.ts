import * as ort from './onnx/runtime.ts'
import type { Matrix } from '../domain/matrix.ts'
import { node, valueInfo } from './onnx/parts.ts'
import { encodeModel } from './onnx/schema.ts'
import type { Session } from './onnx/session.ts'
import { createSession } from './onnx/session.ts'

export interface Transposed {
  transA?: boolean
  transB?: boolean
}

/**
 * Matrix products on onnxruntime, op(a) op(b) with op a transpose where asked. A product blocks its thread; `transB` alone is the
 * fastest form (measured: f64 1.4 times as fast as no transpose). Operands are read in place, also subarrays and shared memory.
 * The same operands and threads give the same bits. NaN and infinity propagate.
 */
export interface Products {
  /** into `out`, of just the result's size, where it is given */
  f64: (a: Matrix, b: Matrix, transposed?: Transposed, out?: Float64Array) => Promise<Matrix>
  f32: (a: Matrix<Float32Array>, b: Matrix<Float32Array>, transposed?: Transposed) => Promise<Matrix<Float32Array>>
  /**
   * K += B B' for a block B (stimulus x unit), into the lower triangle of K (n x n, row-major), which is changed; what lies above the
   * diagonal is left undefined until `symmetrise`. A float32 block is multiplied in float32, at most 512 columns at a time, and added in
   * float64: centre it first, so that these partial sums stay small. A float64 block is multiplied in float64.
   */
  addGram: (K: Float64Array, block: Matrix<Float32Array> | Matrix) => Promise<void>
  close: () => Promise<void>
}

type Real = Float32Array | Float64Array
type ElementType = 'float32' | 'float64'

/** Columns of a float32 Gram product: 2560 rows then differ from float64 by under 1e-5 of K's scale at any width of the layer. */
const F32_COLUMNS = 512
/** Row blocks of a Gram product; with 8, 9/16 of the full product are computed where half would do. */
const ROW_BLOCKS = 8
/** Rows under which a further row block costs more in calls than it saves. */
const LEAST_ROWS = 128

/** Opens a product engine that uses so many threads per product. */
export const createProducts = async ({ threads }: { threads: number }): Promise<Products> => {
  const sessions = new Map<string, Promise<Session>>()
  const session = (type: ElementType, { transA = false, transB = false }: Transposed): Promise<Session> => {
    const key = `${type} ${transA} ${transB}`
    const known = sessions.get(key)
    if (known) return known
    // Sizes differ from run to run, and an arena would keep the largest for good.
    const opened = createSession(gemm(type, transA, transB), { threads, arena: false })
    sessions.set(key, opened)
    return opened
  }

  const multiply = async <T extends Real>(a: Matrix<T>, b: Matrix<T>, transposed: Transposed, out?: T): Promise<Matrix<T>> => {
    const { rows, inner, cols } = productShape(a, b, transposed)
    if (out !== undefined && out.length !== rows * cols) throw new Error(`a product of ${rows} x ${cols} does not fit ${out.length} values`)
    const data = out ?? ((a.data instanceof Float64Array ? new Float64Array(rows * cols) : new Float32Array(rows * cols)) as T)
    if (rows > 0 && cols > 0 && inner > 0) {
      const type = a.data instanceof Float64Array ? 'float64' : 'float32'
      const tensor = (m: Matrix<T>) => new ort.Tensor(type, m.data, [m.rows, m.cols])
      const open = await session(type, transposed)
      // The result is written straight into `data`.
      await open.run({ a: tensor(a), b: tensor(b) }, { c: new ort.Tensor(type, data, [rows, cols]) })
    }
    return { rows, cols, data }
  }

  const addProduct = async <T extends Real>(K: Float64Array, block: Matrix<T>): Promise<void> => {
    const { rows: n, cols: units, data } = block
    const step = Math.max(LEAST_ROWS, Math.ceil(n / ROW_BLOCKS))
    const scratch = (data instanceof Float64Array ? new Float64Array(Math.min(step, n) * n) : new Float32Array(Math.min(step, n) * n)) as T
    for (let from = 0; from < n; from += step) {
      const to = Math.min(from + step, n)
      const rows: Matrix<T> = { rows: to - from, cols: units, data: data.subarray(from * units, to * units) as T }
      const before: Matrix<T> = { rows: to, cols: units, data: data.subarray(0, to * units) as T }
      const part = await multiply(rows, before, { transB: true }, scratch.subarray(0, (to - from) * to) as T) // (row of block x row up to it)
      addRows(K, n, from, part)
    }
  }

  // The first session is opened here, so that an engine that cannot start fails at once.
  await session('float64', { transB: true })
  return {
    f64: (a, b, transposed = {}, out) => multiply(a, b, transposed, out),
    f32: (a, b, transposed = {}) => multiply(a, b, transposed),
    addGram: async (K, block) => {
      if (K.length !== block.rows ** 2) throw new Error(`a block of ${block.rows} stimuli does not fit a Gram matrix of ${K.length} values`)
      if (block.data.length !== block.rows * block.cols) throw new Error(`a block of ${block.rows} x ${block.cols} has ${block.data.length} values`)
      if (isF64(block)) return addProduct(K, block)
      for (let from = 0; from < block.cols; from += F32_COLUMNS) await addProduct(K, columns(block, from, Math.min(from + F32_COLUMNS, block.cols)))
    },
    close: async () => {
      const open = await Promise.all(sessions.values())
      sessions.clear()
      for (const each of open) await each.release()
    },
  }
}

const isF64 = (matrix: Matrix<Float32Array> | Matrix): matrix is Matrix => matrix.data instanceof Float64Array

/** c = op(a) op(b) as a model. Gemm and not MatMul: in float64 it is half as fast again. */
const gemm = (type: ElementType, transA: boolean, transB: boolean): Uint8Array =>
  encodeModel({
    irVersion: 8,
    opsetImport: [{ domain: '', version: 17 }],
    graph: {
      name: 'product',
      node: [node('Gemm', ['a', 'b'], ['c'], { transA: Number(transA), transB: Number(transB) })],
      input: [valueInfo('a', type, ['a0', 'a1']), valueInfo('b', type, ['b0', 'b1'])],
      output: [valueInfo('c', type, ['c0', 'c1'])],
    },
  })

const productShape = (a: Matrix<Real>, b: Matrix<Real>, { transA = false, transB = false }: Transposed) => {
  const [rows, inner] = transA ? [a.cols, a.rows] : [a.rows, a.cols]
  const [innerB, cols] = transB ? [b.cols, b.rows] : [b.rows, b.cols]
  for (const m of [a, b]) if (m.data.length !== m.rows * m.cols) throw new Error(`a matrix of ${m.rows} x ${m.cols} has ${m.data.length} values`)
  if (inner !== innerB) throw new Error(`cannot multiply ${rows} x ${inner} by ${innerB} x ${cols}`)
  return { rows, inner, cols }
}

/** Columns from … to as a matrix of their own; the matrix itself where that is all of it. */
const columns = (block: Matrix<Float32Array>, from: number, to: number): Matrix<Float32Array> => {
  if (from === 0 && to === block.cols) return block
  const data = new Float32Array(block.rows * (to - from))
  for (let i = 0; i < block.rows; i++) data.set(block.data.subarray(i * block.cols + from, i * block.cols + to), i * (to - from))
  return { rows: block.rows, cols: to - from, data }
}

/** Adds a part's rows to the rows of K from `from` on. */
const addRows = (K: Float64Array, n: number, from: number, { rows, cols, data }: Matrix<Real>): void => {
  for (let i = 0; i < rows; i++) {
    const row = (from + i) * n
    for (let j = 0; j < cols; j++) K[row + j] += data[i * cols + j]
  }
}

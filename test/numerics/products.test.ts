import fc from 'fast-check'
import t from 'tap'
import type { Matrix } from '../../src/domain/matrix.ts'
import { createProducts } from '../../src/numerics/products.ts'
import { symmetrise, transpose } from '../../src/numerics/transpose.ts'
import { gauss } from '../helper/generator.ts'

const products = await createProducts({ threads: 1 })
t.teardown(() => products.close())

const matrix = (name: string, rows: number, cols: number): Matrix => ({ rows, cols, data: gauss(name, rows * cols) })
const single = ({ rows, cols, data }: Matrix): Matrix<Float32Array> => ({ rows, cols, data: Float32Array.from(data) })
type AnyMatrix = Matrix | Matrix<Float32Array>

/** op(a) op(b) in plain float64, and the sums of |a||b|, to which rounding is relative. */
const plain = (a: AnyMatrix, b: AnyMatrix, transA = false, transB = false) => {
  const [m, k] = transA ? [a.cols, a.rows] : [a.rows, a.cols]
  const n = transB ? b.rows : b.cols
  const [value, size] = [new Float64Array(m * n), new Float64Array(m * n)]
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++)
      for (let p = 0; p < k; p++) {
        const term = a.data[transA ? p * a.cols + i : i * a.cols + p] * b.data[transB ? j * b.cols + p : p * b.cols + j]
        value[i * n + j] += term
        size[i * n + j] += Math.abs(term)
      }
  return { rows: m, cols: n, value, size }
}

/** Worst error in units of eps · sum|a||b|; Infinity where shapes differ. */
const worst = (found: AnyMatrix, expected: ReturnType<typeof plain>, eps: number): number =>
  found.rows !== expected.rows || found.cols !== expected.cols || found.data.length !== expected.value.length
    ? Infinity
    : expected.value.reduce((max, value, i) => Math.max(max, Math.abs(found.data[i] - value) / (eps * (expected.size[i] || 1))), 0)

const both = [false, true]

t.test('every transpose, in both precisions', async (t) => {
  for (const [m, n, k] of [[1, 1, 1], [3, 5, 7], [1, 9, 4], [65, 3, 130], [40, 70, 300]])
    for (const transA of both)
      for (const transB of both) {
        const a = transA ? matrix('a', k, m) : matrix('a', m, k)
        const b = transB ? matrix('b', n, k) : matrix('b', k, n)
        const what = `${m} x ${k} by ${k} x ${n}, transA ${transA}, transB ${transB}`
        const f64 = await products.f64(a, b, { transA, transB })
        t.ok(f64.data instanceof Float64Array && worst(f64, plain(a, b, transA, transB), 2 ** -53) <= k + 1, `f64 ${what}`)
        const [a32, b32] = [single(a), single(b)]
        const f32 = await products.f32(a32, b32, { transA, transB })
        t.ok(f32.data instanceof Float32Array && worst(f32, plain(a32, b32, transA, transB), 2 ** -24) <= k + 1, `f32 ${what}`)
      }
})

t.test('shapes of any kind, empty ones too', async () => {
  const side = fc.integer({ min: 0, max: 12 })
  await fc.assert(
    fc.asyncProperty(side, side, side, fc.boolean(), fc.boolean(), async (m, n, k, transA, transB) => {
      const a = transA ? matrix('a', k, m) : matrix('a', m, k)
      const b = transB ? matrix('b', n, k) : matrix('b', k, n)
      return worst(await products.f64(a, b, { transA, transB }), plain(a, b, transA, transB), 2 ** -53) <= k + 1
    }),
    { numRuns: 60 },
  )
})

t.test('operands may be parts of an array, or lie in shared memory, and are not changed', async (t) => {
  const data = gauss('part', 40)
  const part: Matrix = { rows: 3, cols: 5, data: data.subarray(7, 22) }
  const shared = new Float64Array(new SharedArrayBuffer(8 * 40))
  shared.set(data)
  const expected = plain(part, part, false, true)
  t.ok(worst(await products.f64(part, part, { transB: true }), expected, 2 ** -53) <= 6, 'subarray')
  t.ok(worst(await products.f64({ ...part, data: shared.subarray(7, 22) }, part, { transB: true }), expected, 2 ** -53) <= 6, 'shared memory')
  t.same(data, gauss('part', 40))
})

t.test('NaN reaches its row and nothing else', async (t) => {
  const a = matrix('a', 6, 6)
  a.data[2 * 6 + 1] = NaN
  const { data } = await products.f64(a, matrix('b', 6, 6))
  t.ok(data.every((x, i) => Number.isNaN(x) === (Math.floor(i / 6) === 2)))
})

t.test('products that run at once do not mix', async (t) => {
  const cases = Array.from({ length: 8 }, (_, i) => [matrix(`a${i}`, 10 + i, 20), matrix(`b${i}`, 20, 5 + i)])
  const results = await Promise.all(cases.map(([a, b]) => products.f64(a, b)))
  t.ok(results.every((found, i) => worst(found, plain(cases[i][0], cases[i][1]), 2 ** -53) <= 21))
})

t.test('operands that do not fit are a defect', async (t) => {
  await t.rejects(products.f64(matrix('a', 2, 3), matrix('b', 4, 2)), /cannot multiply 2 x 3 by 4 x 2/)
  await t.rejects(products.f64({ rows: 2, cols: 2, data: new Float64Array(3) }, matrix('b', 2, 2)), /has 3 values/)
  await t.rejects(products.addGram(new Float64Array(9), matrix('a', 2, 3)), /does not fit/)
})

t.test('the Gram matrix adds up over blocks', async (t) => {
  // 300 rows: three row blocks, the last one short; 1100 columns: three f32 products.
  for (const [n, widths] of [[1, [3]], [5, [2, 1]], [300, [1100, 37]]] as const) {
    const K64 = new Float64Array(n * n)
    const K32 = new Float64Array(n * n)
    const sums = { value: new Float64Array(n * n), size: new Float64Array(n * n) }
    for (const width of widths) {
      const block = single(matrix(`block ${width}`, n, width))
      await products.addGram(K64, { ...block, data: Float64Array.from(block.data) })
      await products.addGram(K32, block)
      const { value, size } = plain(block, block, false, true)
      value.forEach((x, i) => (sums.value[i] += x))
      size.forEach((x, i) => (sums.size[i] += x))
    }
    symmetrise(K64, n)
    symmetrise(K32, n)
    const expected = { rows: n, cols: n, ...sums }
    t.ok(worst({ rows: n, cols: n, data: K64 }, expected, 2 ** -53) <= 1140, `f64, ${n} stimuli`)
    // Only sums of 512 terms are rounded to float32, whatever the width.
    const error = worst({ rows: n, cols: n, data: K32 }, expected, 2 ** -24)
    t.ok(error <= 24, `f32, ${n} stimuli: ${error}`)
  }
})

t.test('a wide f32 Gram matrix is within 1e-6 of the f64 one, relative to its diagonal', async (t) => {
  const [n, width] = [64, 8192]
  const block = single(matrix('wide', n, width))
  const [K32, K64] = [new Float64Array(n * n), new Float64Array(n * n)]
  await products.addGram(K32, block)
  await products.addGram(K64, { ...block, data: Float64Array.from(block.data) })
  symmetrise(K32, n)
  symmetrise(K64, n)
  t.ok(K64.every((x, i) => Math.abs(x - K32[i]) <= 1e-6 * width))
  t.ok(K64.some((x, i) => x !== K32[i]), 'float32 was used')
})

t.test('transpose and symmetrise across their blocks', async (t) => {
  for (const [rows, cols] of [[1, 1], [31, 33], [64, 1], [70, 100]]) {
    const a = matrix('t', rows, cols)
    const back = transpose(a)
    t.ok(back.rows === cols && back.cols === rows && back.data.every((x, q) => x === a.data[(q % rows) * cols + Math.floor(q / rows)]), `${rows} x ${cols}`)
  }
  t.ok(transpose(single(matrix('t', 3, 4))).data instanceof Float32Array)
  for (const n of [1, 5, 32, 75]) {
    const a = gauss('s', n * n)
    const s = a.slice()
    symmetrise(s, n)
    t.ok(s.every((x, q) => x === a[Math.max(Math.floor(q / n), q % n) * n + Math.min(Math.floor(q / n), q % n)]), `symmetrise ${n}`)
  }
})

import fc from 'fast-check'
import t from 'tap'
import type { Matrix } from '../../src/domain/matrix.ts'
import { createLinearAlgebra, NotPositiveDefinite } from '../../src/numerics/linear-algebra.ts'
import { createProducts } from '../../src/numerics/products.ts'
import { gauss } from '../helper/generator.ts'

const la = await createLinearAlgebra()
const at = ({ cols, data }: Matrix, i: number, j: number): number => data[i * cols + j]
const make = (rows: number, cols: number, entry: (i: number, j: number) => number): Matrix => ({
  rows,
  cols,
  data: Float64Array.from({ length: rows * cols }, (_, q) => entry(Math.floor(q / cols), q % cols)),
})
const multiply = (a: Matrix, b: Matrix): Matrix => make(a.rows, b.cols, (i, j) => a.data.subarray(i * a.cols, (i + 1) * a.cols).reduce((sum, x, k) => sum + x * at(b, k, j), 0))
const distance = (a: Matrix, b: Matrix): number => (a.rows === b.rows && a.cols === b.cols ? a.data.reduce((max, x, i) => Math.max(max, Math.abs(x - b.data[i])), 0) : Infinity)

/** XX' of Gaussians (n x p) plus a ridge. */
const gram = (n: number, p: number, ridge = 0): Matrix => {
  const x = gauss(`gram ${n} ${p}`, n * p)
  return make(n, n, (i, j) => {
    let sum = i === j ? ridge : 0
    for (let k = 0; k < p; k++) sum += x[i * p + k] * x[j * p + k]
    return sum
  })
}

t.test('rows of vectorsT are orthonormal eigenvectors that rebuild the matrix', async (t) => {
  for (const [n, p] of [[1, 1], [2, 3], [7, 3], [40, 60], [90, 20]]) {
    const a = gram(n, p)
    const { values, vectorsT } = la.eigh(a)
    const scale = Math.max(values[n - 1], 1)
    t.same([vectorsT.rows, vectorsT.cols, values.length], [n, n, n])
    t.ok(values.every((x, i) => i === 0 || x >= values[i - 1]), 'ascending')
    const vectors = make(n, n, (i, j) => at(vectorsT, j, i))
    t.ok(distance(multiply(make(n, n, (i, j) => at(vectors, i, j) * values[j]), vectorsT), a) <= 1e-13 * n * scale, `${n} x ${n} = QΛQ'`)
    t.ok(distance(multiply(vectorsT, vectors), make(n, n, (i, j) => (i === j ? 1 : 0))) <= 1e-14 * n, 'orthonormal')
    if (p < n) t.ok(values.subarray(0, n - p).every((x) => Math.abs(x) <= 1e-13 * scale), 'a deficient rank shows')
  }
})

t.test('the largest eigenpairs alone are the last of all', async (t) => {
  const a = gram(30, 40)
  const all = la.eigh(a)
  for (const k of [0, 1, 7, 30]) {
    const top = la.eighTop(a, k)
    t.same([top.vectorsT.rows, top.vectorsT.cols], [k, 30])
    t.same(top.values, all.values.slice(30 - k))
    t.ok(distance(top.vectorsT, { rows: k, cols: 30, data: all.vectorsT.data.slice((30 - k) * 30) }) <= 1e-12)
  }
  for (const k of [-1, 31, 1.5]) t.throws(() => la.eighTop(a, k))
})

t.test('with products the eigenpairs are the same to rounding, below the size from which these take part and above', async (t) => {
  const products = await createProducts({ threads: 1 })
  t.teardown(() => products.close())
  for (const [n, p] of [[40, 60], [256, 300], [257, 100], [390, 400]]) {
    const a = gram(n, p)
    const alone = la.eigh(a)
    for (const k of [n, 50 % n, 1, 0]) {
      const { values, vectorsT } = await la.eighWith(products, a, k)
      t.same(values, alone.values.slice(n - k), `${n} x ${p}, the largest ${k}`)
      t.same([vectorsT.rows, vectorsT.cols], [k, n])
      const apart = distance(multiply(vectorsT, a), make(k, n, (i, j) => values[i] * at(vectorsT, i, j)))
      t.ok(apart <= 1e-13 * n * Math.max(1, values[k - 1] ?? 0), `eigenvectors: ${apart}`)
      const squares = await products.f64(vectorsT, vectorsT, { transB: true })
      t.ok(k === 0 || distance(squares, make(k, k, (i, j) => (i === j ? 1 : 0))) <= 1e-13, 'orthonormal')
    }
  }
  const diagonal = make(300, 300, (i, j) => (i === j ? i + 1 : 0)) // nothing to reflect
  t.same((await la.eighWith(products, diagonal, 300)).values, Float64Array.from({ length: 300 }, (_, i) => i + 1))
  t.throws(() => la.eighWith(products, diagonal, 301))
  await t.rejects(la.eighWith(products, make(300, 300, () => NaN), 3), /NaN or infinity/)
})

t.test('choleskySolve solves for several right sides', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 9 }), (n, m) => {
      const a = gram(n, n + 3, 1)
      const x = make(n, m, (i, j) => Math.sin(3 * i + 7 * j))
      return distance(la.choleskySolve(a, multiply(a, x)), x) <= 1e-10
    }),
  )
})

t.test('cholesky gives L with zeros above', async (t) => {
  const a = gram(25, 30, 0.5)
  const L = la.cholesky(a)
  t.ok(L.data.every((x, q) => q % 25 <= Math.floor(q / 25) || x === 0))
  t.ok(distance(multiply(L, make(25, 25, (i, j) => at(L, j, i))), a) <= 1e-12 * 60)
})

t.test('a matrix that is not positive definite is told by its leading minor', async (t) => {
  const a = make(6, 6, (i, j) => (i === j ? (i === 3 ? -1 : 2) : 0.1))
  t.throws(() => la.choleskySolve(a, make(6, 1, () => 1)), new NotPositiveDefinite(4))
  t.throws(() => la.cholesky(a), new NotPositiveDefinite(4))
})

t.test('inputs are left alone', async (t) => {
  const a = gram(12, 20, 1)
  const b = make(12, 2, (i, j) => i - j)
  const [aBefore, bBefore] = [a.data.slice(), b.data.slice()]
  la.eigh(a)
  la.eighTop(a, 3)
  la.cholesky(a)
  la.choleskySolve(a, b)
  t.same(a.data, aBefore)
  t.same(b.data, bBefore)
})

t.test('what cannot be decomposed is refused in words', async (t) => {
  const bad = gram(5, 5)
  bad.data[12] = NaN
  t.throws(() => la.eigh(bad), /NaN or infinity/)
  t.throws(() => la.choleskySolve(bad, make(5, 1, () => 1)), /NaN or infinity/)
  t.throws(() => la.eigh(make(2, 3, () => 0)), /square/)
  t.throws(() => la.choleskySolve(gram(3, 5), make(2, 1, () => 1)), /do not fit/)
})

t.test('a matrix beyond the memory is a message for the user, and the next call works', async (t) => {
  // As long as a matrix of order 24,000 says it is, without taking the memory: more than one allocation can hold.
  const data = Object.defineProperty(new Float64Array(0), 'length', { value: 24_000 ** 2 })
  Object.defineProperty(data, 'byteLength', { value: 8 * 24_000 ** 2 })
  t.throws(() => la.eigh({ rows: 24_000, cols: 24_000, data }), { code: 'does-not-fit', message: /24000/ })
  t.equal(la.eigh(gram(3, 4)).values.length, 3)
})

import t from 'tap'
import { predictDual } from '../../src/encoding/dual-fit.ts'
import { projectedGram, unproject } from '../../src/encoding/projected-gram.ts'
import { fitRidgeAll } from '../../src/encoding/ridge/ridge.ts'
import { createLinearAlgebra } from '../../src/numerics/linear-algebra.ts'
import { createProducts } from '../../src/numerics/products.ts'
import { gauss } from '../helper/generator.ts'
import { gram, range } from './reference.ts'

const tools = { la: await createLinearAlgebra(), products: await createProducts({ threads: 1 }) }
t.teardown(() => tools.products.close())
const [n, p, m] = [30, 12, 2]
const X = { rows: n, cols: p, data: gauss('projected X', n * p).map((x, k) => x * (1 + (k % p)) + 3) }
const Y = { rows: n, cols: m, data: gauss('projected Y', n * m) }
const K = gram(X, X.data.slice(0, p)) // about the first stimulus, not about the mean

t.test('as many components as there are leave the inner products about the mean', async (t) => {
  const rows = range(0, n)
  const { K: whole, U } = await projectedGram(K, rows, 100, tools)
  t.equal(U.cols, p)
  const mean = Float64Array.from({ length: p }, (_, k) => rows.reduce((sum, i) => sum + X.data[i * p + k], 0) / n)
  const centred = gram(X, mean)
  t.ok(whole.data.every((value, i) => Math.abs(value - centred.data[i]) < 1e-9))
})

t.test('a fit on the components is one on the whole activations, also of stimuli that were left out', async (t) => {
  const rows = range(0, 24)
  const reduced = await projectedGram(K, rows, 4, tools)
  t.equal(reduced.U.cols, 4)
  t.ok(reduced.K.data.every((value, at) => value === 0 || (at % n < 24 && at < 24 * n)))
  const fit = await fitRidgeAll({ K: reduced.K, Y, rows, alphas: [5], alphaUnits: 'absolute', alphaPer: 'site', inner: [] }, tools)
  const dual = { rows: n, cols: m, data: new Float64Array(n * m) }
  dual.data.set(fit.dual.data)
  const whole = await unproject(K, rows, reduced.U, { dual, bias: fit.bias }, tools)
  const before = await predictDual({ ...fit, dual }, reduced.K, tools)
  const after = await predictDual({ ...fit, ...whole }, K, tools)
  for (let k = 0; k < 24 * m; k++) if (Math.abs(before.data[k] - after.data[k]) > 1e-10) t.fail(`prediction ${k}: ${after.data[k]} instead of ${before.data[k]}`)
  // Of a stimulus that was left out: scores (x - mean)'V with V = X'U / S, by the readout of these.
  const mean = Float64Array.from({ length: p }, (_, k) => rows.reduce((sum, i) => sum + X.data[i * p + k], 0) / 24)
  const readout = Float64Array.from({ length: p * m }, (_, at) => rows.reduce((sum, i) => sum + (X.data[i * p + Math.floor(at / m)] - mean[Math.floor(at / m)]) * whole.dual.data[i * m + (at % m)], 0))
  for (const j of [0, 1]) {
    const meanRate = rows.reduce((sum, i) => sum + Y.data[i * m + j], 0) / 24
    const rate = mean.reduce((sum, mu, k) => sum + (X.data[27 * p + k] - mu) * readout[k * m + j], meanRate)
    t.ok(Math.abs(rate - after.data[27 * m + j]) < 1e-10, `site ${j}: ${after.data[27 * m + j]} instead of ${rate}`)
  }
})

t.test('activations that do not vary have no components', async (t) => {
  const flat = { rows: 5, cols: 5, data: new Float64Array(25).fill(2) }
  const { K: none, U } = await projectedGram(flat, range(0, 5), 3, tools)
  t.equal(U.cols, 0)
  t.ok(none.data.every((value) => value === 0))
  const { dual } = await unproject(flat, range(0, 5), U, { dual: { rows: 5, cols: 1, data: new Float64Array(5) }, bias: Float64Array.of(3) }, tools)
  t.same([...dual.data], [0, 0, 0, 0, 0])
})

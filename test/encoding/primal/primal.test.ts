import fc from 'fast-check'
import { Matrix as Dense, SingularValueDecomposition } from 'ml-matrix'
import t from 'tap'
import type { Matrix } from '../../../src/domain/matrix.ts'
import { fitLinearFold } from '../../../src/encoding/linear/linear.ts'
import { householderQr } from '../../../src/encoding/primal/householder-qr.ts'
import { fitLinearPrimal } from '../../../src/encoding/primal/linear-primal.ts'
import { usesPrimal } from '../../../src/encoding/primal/primal-system.ts'
import { fitRidgePrimal } from '../../../src/encoding/primal/ridge-primal.ts'
import { svdOfSquare } from '../../../src/encoding/primal/svd.ts'
import { conditionOfUpper } from '../../../src/encoding/primal/triangular.ts'
import { fitRidgeFold } from '../../../src/encoding/ridge/ridge.ts'
import { kFold } from '../../../src/encoding/splits/k-fold.ts'
import { createLinearAlgebra } from '../../../src/numerics/linear-algebra.ts'
import { createProducts } from '../../../src/numerics/products.ts'
import { transpose } from '../../../src/numerics/transpose.ts'
import { needs, sharedJson } from '../../helper/shared.ts'
import { column, errorOf, gaussMatrix, gram, multiply, range, rowsOf, sameNumbers, sameSampled } from '../reference.ts'
import type { Sampled } from '../reference.ts'
import { ridgeData } from '../ridge-data.ts'
import type { RidgeData } from '../ridge-data.ts'

interface Problem {
  data: RidgeData
  Ridge: { alpha: number; coef: Sampled; intercept: number[]; pred: Sampled }[]
  RidgeCV_LOO: { alphas: number[]; per_target: { alpha: number[]; mean_sq_error: number[][]; pred: Sampled } }
  LinearRegression: { own_min_norm_rcond_1e_10: { rank: number; pred: Sampled; coef: Sampled; intercept: number[] } }
}

const file = ['reference', 'encoding', 'ridge.json']
const tools = { la: await createLinearAlgebra(), products: await createProducts({ threads: 1 }) }
t.teardown(() => tools.products.close())

t.test('equal to scikit-learn, wide layers too: ridge, its LOO, and the minimum-norm solution', needs(...file), async (t) => {
  for (const { data, Ridge, RidgeCV_LOO, LinearRegression } of sharedJson<{ problems: Problem[] }>(...file).problems)
    await t.test(data.tag, async (t) => {
      const { X, Y } = ridgeData(data)
      const [train, test] = [range(0, data.n_train), range(data.n_train, X.rows)]
      const problem = { X, Y, train, test, alphaUnits: 'absolute', alphaPer: 'site' } as const
      for (const { alpha, coef, intercept, pred } of Ridge) {
        const fit = await fitRidgePrimal({ ...problem, alphas: [alpha], inner: [] }, tools)
        sameSampled(t, transpose(fit.weights).data, coef, 1e-9, `alpha ${alpha}: coefficients`)
        sameNumbers(t, fit.bias, intercept, 1e-9, `alpha ${alpha}: intercept`)
        sameSampled(t, fit.predictions.data, pred, 1e-9, `alpha ${alpha}: predictions`)
      }
      const loo = await fitRidgePrimal({ ...problem, alphas: RidgeCV_LOO.alphas, inner: 'loo' }, tools)
      const constant = data.tag === 'ridgeE' ? 2 : -1
      for (let j = 0; j < data.m; j++) {
        if (j === constant) continue
        sameNumbers(t, column(loo.meanSquaredError, j), RidgeCV_LOO.per_target.mean_sq_error[j], 1e-9, `leave one out, site ${j}`)
        t.ok(errorOf(Math.log10(loo.alphas[j]), Math.log10(RidgeCV_LOO.per_target.alpha[j])) < 1e-9, `alpha, site ${j}`)
      }
      sameSampled(t, loo.predictions.data, RidgeCV_LOO.per_target.pred, 1e-9, 'leave one out: predictions')
      const { rank, pred, coef, intercept } = LinearRegression.own_min_norm_rcond_1e_10
      const linear = await fitLinearPrimal(problem, tools)
      t.equal(linear.rank, rank)
      sameSampled(t, linear.predictions.data, pred, 1e-9, 'linear: predictions')
      sameSampled(t, transpose(linear.weights).data, coef, 1e-9, 'linear: coefficients')
      sameNumbers(t, linear.bias, intercept, 1e-9, 'linear: intercept')
    })
})

t.test('QR over several panels: Q is orthogonal, R triangular, QR the matrix', async (t) => {
  for (const [n, p] of [
    [130, 100],
    [49, 49],
    [60, 1],
  ]) {
    const A = gaussMatrix(`qr:${p}`, n, p)
    if (p > 5) for (let i = 0; i < n; i++) A.data[i * p + 4] = 0
    const { R, intoBasis, outOfBasis } = await householderQr(transpose(A), tools.products)
    const identity: Matrix = { rows: n, cols: n, data: Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 ? 1 : 0)) }
    const Q = await intoBasis(identity) // (row x column of Q)
    sameNumbers(t, multiply(Q, transpose(Q)).data, [...identity.data], 1e-13, `${n} x ${p}: Q Q'`)
    sameNumbers(t, (await outOfBasis(identity)).data, [...transpose(Q).data], 1e-13, `${n} x ${p}: Q'`)
    const product = multiply({ rows: n, cols: p, data: Float64Array.from({ length: n * p }, (_, k) => Q.data[Math.floor(k / p) * n + (k % p)]) }, R)
    sameNumbers(t, product.data, [...A.data], 1e-12, `${n} x ${p}: Q R`)
  }
  await t.rejects(householderQr(gaussMatrix('qr:wide', 5, 4), tools.products), /at least as many rows/)
})

/** Two orthonormal bases with given singular values between them. */
const withSingularValues = async (p: number, values: number[]): Promise<Matrix> => {
  const basis = (name: string): Matrix => tools.la.eigh(gram(gaussMatrix(name, p, p))).vectorsT
  const scaled = { ...basis('svd:v'), data: basis('svd:v').data.map((x, k) => x * values[Math.floor(k / p)]) }
  return multiply(transpose(basis('svd:u')), scaled)
}

t.test('small singular values keep the precision of the largest, and the cut-off is where it says', async (t) => {
  const values = [1, 0.3, 1e-3, 1e-5, 1e-7, 3e-9, 2e-10, 5e-11, 1e-13, 0]
  const A = await withSingularValues(10, values)
  const { values: found, Ut, Vt } = svdOfSquare(A, 1e-10, tools)
  t.equal(found.length, 7)
  for (const [k, value] of [...found].reverse().entries()) t.ok(Math.abs(value - values[k]) < 1e-14, `${values[k]}: ${value}`)
  const rebuilt = multiply(transpose(Ut), { ...Vt, data: Vt.data.map((x, k) => x * found[Math.floor(k / 10)]) })
  sameNumbers(t, rebuilt.data, [...A.data], 1e-10, 'U S V')
  const reference = new SingularValueDecomposition(new Dense(Array.from({ length: 10 }, (_, i) => [...A.data.subarray(10 * i, 10 * i + 10)])))
  sameNumbers(t, [...found].reverse(), reference.diagonal.slice(0, 7), 1e-14, 'as another library has them')
  for (const condition of [10, 1e6, 1e12]) {
    const square = await withSingularValues(20, Array.from({ length: 20 }, (_, k) => condition ** (-k / 19)))
    const { R } = await householderQr(transpose(square), tools.products)
    const estimate = conditionOfUpper(R)
    t.ok(estimate > condition / 3 && estimate < condition * 1.01, `${condition}: ${estimate}`)
  }
  t.equal(conditionOfUpper({ rows: 2, cols: 2, data: Float64Array.of(1, 2, 0, 0) }), Infinity)
})

const simulate = (name: string, n: number, p: number, m: number): { X: Matrix; Y: Matrix } => {
  const X = gaussMatrix(`${name}:X`, n, p)
  const signal = multiply(X, gaussMatrix(`${name}:W`, p, m)).data
  return { X, Y: { rows: n, cols: m, data: gaussMatrix(`${name}:e`, n, m).data.map((e, k) => e + signal[k] / Math.sqrt(p) - 2) } }
}

t.test('primal and dual are one fit: predictions, choice, inner scores and readout', async (t) => {
  const { X, Y } = simulate('one', 90, 25, 3)
  for (let i = 0; i < 90; i++) X.data[i * 25 + 3] = 8 // a unit that does not vary
  for (let i = 0; i < 90; i++) X.data[i * 25 + 5] = X.data[i * 25 + 6] // and two equal ones
  const [train, test] = [range(0, 72), range(72, 90)]
  const K = gram(X)
  for (const inner of [kFold(72, { folds: 5, shuffle: false }), 'loo', 'gcv'] as const)
    for (const alphaPer of ['site', 'all'] as const) {
      const common = { Y, train, test, inner, alphas: [1e-3, 0.1, 1, 10], alphaUnits: 'relative', alphaPer } as const
      const primal = await fitRidgePrimal({ ...common, X }, tools)
      const dual = await fitRidgeFold({ ...common, K }, tools)
      const name = `${typeof inner === 'string' ? inner : 'folds'}, ${alphaPer}`
      t.strictSame(primal.alphaIndex, dual.alphaIndex, name)
      t.equal(primal.rank, dual.rank)
      for (const key of ['correlation', 'explainedVariance'] as const) sameNumbers(t, primal.innerScores[key], [...dual.innerScores[key]], 1e-9, `${name}: inner ${key}`)
      sameNumbers(t, primal.meanSquaredError.data, [...dual.meanSquaredError.data], 1e-9, `${name}: errors`)
      sameNumbers(t, primal.predictions.data, [...dual.predictions.data], 1e-9, `${name}: predictions`)
      sameNumbers(t, primal.weights.data, [...multiply(transpose(rowsOf(X, train)), dual.dual).data], 1e-9, `${name}: readout`)
      sameNumbers(t, primal.bias, [...dual.bias], 1e-9, `${name}: bias`)
    }
  const linear = await fitLinearPrimal({ X, Y, train, test }, tools)
  const same = await fitLinearFold({ K, Y, train, test }, tools)
  t.equal(linear.rank, 23)
  t.equal(same.rank, 23)
  sameNumbers(t, linear.predictions.data, [...same.predictions.data], 1e-9, 'linear: predictions')
  t.ok(linear.weights.data.subarray(9, 12).every((w) => w === 0), 'no weight on what does not vary')
  sameNumbers(t, linear.weights.data.subarray(15, 18), [...linear.weights.data.subarray(18, 21)], 1e-9, 'minimum norm: equal units share')
})

t.test('what the Gram matrix can no longer tell, the activations do: condition 1e9', async (t) => {
  const [n, p] = [40, 8]
  const base = gaussMatrix('ill:X', n, p)
  const X = { ...base, data: base.data.map((x, k) => (k % p === 7 ? base.data[k - 7] + 1e-9 * x : x)) }
  const truth = Float64Array.of(1, 2, -1, 0.5, 0, 1, 3, 2)
  // Responses that depend on the difference of two units that are all but equal.
  const Y = { rows: n, cols: 1, data: Float64Array.from({ length: n }, (_, i) => 5 + truth.reduce((sum, w, k) => sum + w * (k === 7 ? base.data[i * p + 7] : X.data[i * p + k]), 0)) }
  const [train, test] = [range(0, 30), range(30, n)]
  const expected = [...Y.data.subarray(30)]
  const linear = await fitLinearPrimal({ X, Y, train, test }, tools)
  t.equal(linear.rank, 8)
  sameNumbers(t, linear.predictions.data, expected, 1e-5, 'linear')
  const ridge = await fitRidgePrimal({ X, Y, train, test, alphas: [1e-26], alphaUnits: 'absolute', alphaPer: 'site', inner: [] }, tools)
  sameNumbers(t, ridge.predictions.data, expected, 1e-5, 'ridge at a vanishing penalty')
  const dual = await fitLinearFold({ K: gram(X), Y, train, test }, tools)
  t.ok(dual.rank === 7 && dual.predictions.data.some((x, i) => Math.abs(x - expected[i]) > 0.1), 'the dual form has to leave that direction out')
})

t.test('least squares is what ridge tends to; any shape', async (t) => {
  const shape = fc.record({ n: fc.integer({ min: 2, max: 14 }), p: fc.integer({ min: 1, max: 10 }), m: fc.integer({ min: 1, max: 3 }), flat: fc.boolean(), twins: fc.boolean(), columns: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(shape, async ({ n, p, m, flat, twins, columns }) => {
      const { X, Y } = simulate(`any:${n}`, n + 2, p, m)
      if (flat) for (let i = 0; i < n + 2; i++) X.data[i * p] = 3
      if (twins) X.data.copyWithin(p, 0, p)
      if (columns && p > 1) for (let i = 0; i < n + 2; i++) X.data[i * p + 1] = 2 * X.data[i * p]
      const [train, test] = [range(0, n), range(n, n + 2)]
      const ridge = { Y, train, test, inner: 'loo', alphas: [0.1, 10], alphaUnits: 'absolute', alphaPer: 'site' } as const
      const [primal, dual] = [await fitRidgePrimal({ ...ridge, X }, tools), await fitRidgeFold({ ...ridge, K: gram(X, X.data.slice(0, p)) }, tools)]
      const linear = await fitLinearPrimal({ X, Y, train, test }, tools)
      const limit = await fitRidgePrimal({ ...ridge, X, alphas: [1e-11], inner: [] }, tools)
      const close = (a: Float64Array, b: Float64Array, tolerance: number): boolean => a.every((x, k) => errorOf(x, b[k]) < tolerance)
      return close(primal.predictions.data, dual.predictions.data, 1e-8) && close(primal.meanSquaredError.data, dual.meanSquaredError.data, 1e-7) && linear.rank === dual.rank && close(limit.predictions.data, linear.predictions.data, 1e-4)
    }),
    { seed: 5, numRuns: 120 },
  )
  t.pass('held for all')
})

t.test('primal where units are fewer than stimuli and not too many', async (t) => {
  t.strictSame([usesPrimal(100, 99), usesPrimal(100, 100), usesPrimal(10_000, 4096), usesPrimal(10_000, 4097)], [true, false, true, false])
  const { X, Y } = simulate('defect', 6, 2, 1)
  await t.rejects(fitRidgePrimal({ X: rowsOf(X, [0, 1]), Y, train: range(0, 2), alphas: [1], alphaUnits: 'absolute', alphaPer: 'site', inner: [] }, tools), /must agree/)
  await t.rejects(fitLinearPrimal({ X: rowsOf(X, [0, 1]), Y, train: range(0, 2) }, tools), /must agree/)
})

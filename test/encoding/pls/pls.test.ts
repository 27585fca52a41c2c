import t from 'tap'
import { predictDual } from '../../../src/encoding/dual-fit.ts'
import { fitLinearFold } from '../../../src/encoding/linear/linear.ts'
import { fitPls, fitPlsFold, nipalsSklearn } from '../../../src/encoding/pls/pls.ts'
import type { PlsSolver } from '../../../src/encoding/pls/components.ts'
import { createLinearAlgebra } from '../../../src/numerics/linear-algebra.ts'
import { createProducts } from '../../../src/numerics/products.ts'
import type { Matrix } from '../../../src/domain/matrix.ts'
import { needs, sharedJson } from '../../helper/shared.ts'
import { column, gaussMatrix, gram, multiply, range, rowsOf, sameNumbers, sameSampled } from '../reference.ts'
import type { Sampled } from '../reference.ts'
import { plsData, scaleUnits } from './pls-data.ts'
import type { PlsData } from './pls-data.ts'

interface Run {
  pred: Sampled
  n_iter: number[]
}
interface Problem {
  data: PlsData
  PLS: { n_components: number; scale: boolean; tol1e_10: Run; default_tol1e_6_max_iter500: Run; fully_converged_tol1e_20: Run }[]
  PLS1_per_target: { n_components: number; pred: Sampled }[]
  PCA_PLS: { pca: number; pls: number; pred: Sampled }[]
  PLS_constants: { n_components: number; scale: boolean; pred: Sampled }[]
}

const file = ['reference', 'encoding', 'pca_pls.json']
const tools = { la: await createLinearAlgebra(), products: await createProducts({ threads: 1 }) }
t.teardown(() => tools.products.close())

t.test('equal to scikit-learn: its loose iteration digit for digit, the exact solver when fully converged', needs(...file), async (t) => {
  for (const reference of sharedJson<{ problems: Problem[] }>(...file).problems)
    await t.test(reference.data.tag, async (t) => {
      const { X, Y } = plsData(reference.data)
      const [train, test] = [range(0, reference.data.n_train), range(reference.data.n_train, X.rows)]
      const fit = (X: Matrix, Y: Matrix, components: number, scale: boolean, more: { solver?: PlsSolver; perSite?: boolean; pca?: number } = {}) =>
        fitPlsFold({ K: gram(scale ? scaleUnits(X, train) : X), Y, train, test, components, yScale: scale ? 'site' : 'none', ...more }, tools)

      for (const { n_components, scale, ...runs } of reference.PLS) {
        const name = `${n_components} components${scale ? ', scaled' : ''}`
        const loose = await fit(X, Y, n_components, scale, { solver: nipalsSklearn })
        t.strictSame(loose.iterations, runs.default_tol1e_6_max_iter500.n_iter, `${name}: default iterations`)
        sameSampled(t, loose.predictions.data, runs.default_tol1e_6_max_iter500.pred, 1e-9, `${name}: default tolerance`)
        const tight = await fit(X, Y, n_components, scale, { solver: { name: 'nipals', tolerance: 1e-10, maxIterations: 100_000 } })
        t.strictSame(tight.iterations, runs.tol1e_10.n_iter, `${name}: iterations to 1e-10`)
        sameSampled(t, tight.predictions.data, runs.tol1e_10.pred, 1e-9, `${name}: tolerance 1e-10`)
        const exact = await fit(X, Y, n_components, scale)
        t.equal(exact.components, n_components)
        sameSampled(t, exact.predictions.data, runs.fully_converged_tol1e_20.pred, 1e-6, `${name}: exact`)
      }
      for (const { n_components, pred } of reference.PLS1_per_target)
        sameSampled(t, (await fit(X, Y, n_components, false, { perSite: true })).predictions.data, pred, 1e-9, `per site, ${n_components}`)
      for (const { pca, pls, pred } of reference.PCA_PLS) {
        const found = await fit(X, Y, pls, false, { pca, solver: { name: 'nipals', tolerance: 1e-10, maxIterations: 100_000 } })
        sameSampled(t, found.predictions.data, pred, 1e-9, `${pls} components on ${pca} principal ones`)
      }
      const flat = {
        X: { ...X, data: X.data.map((x, k) => (k % X.cols === 2 ? 1.25 : x)) },
        Y: { ...Y, data: Y.data.map((y, k) => (k % Y.cols === 1 ? -0.5 : y)) },
      }
      for (const { n_components, scale, pred } of reference.PLS_constants) {
        const found = await fit(flat.X, flat.Y, n_components, scale, { solver: { name: 'nipals', tolerance: 1e-10, maxIterations: 100_000 } })
        sameSampled(t, found.predictions.data, pred, 1e-9, `a constant unit and a constant site${scale ? ', scaled' : ''}`)
        t.ok(column(found.predictions, 1).every((x) => x === -0.5))
      }
    })
})

const simulate = (n: number, p: number, m: number): { K: Matrix; Y: Matrix } => {
  const X = gaussMatrix(`pls:${n}:${p}`, n, p)
  const signal = multiply(X, gaussMatrix(`pls:W:${p}:${m}`, p, m)).data
  return { K: gram(X), Y: { rows: n, cols: m, data: gaussMatrix(`pls:e:${n}:${m}`, n, m).data.map((e, k) => e + signal[k] / Math.sqrt(p) + 7) } }
}

t.test('with all components it is least squares', async (t) => {
  for (const [n, p] of [
    [30, 8],
    [20, 50],
  ]) {
    const { K, Y } = simulate(n, p, 3)
    const [train, test] = [range(0, n - 5), range(n - 5, n)]
    const linear = await fitLinearFold({ K, Y, train, test }, tools)
    for (const yScale of ['site', 'none'] as const) {
      const pls = await fitPlsFold({ K, Y, train, test, components: Math.min(p, n - 6), yScale }, tools)
      sameNumbers(t, pls.predictions.data, [...linear.predictions.data], 1e-8, `${n} x ${p}, scale ${yScale}`)
    }
  }
})

t.test('stops where the activations or the responses are exhausted, and says so', async (t) => {
  const { K, Y } = simulate(30, 4, 2)
  const train = range(0, 30)
  const fit = await fitPls({ K, Y, train, components: 9, yScale: 'site' }, tools)
  t.equal(fit.components, 4)
  t.equal(fit.rank, 4)
  const silent = await fitPls({ K, Y: { ...Y, data: new Float64Array(60).fill(0.3) }, train, components: 3, yScale: 'site' }, tools)
  t.equal(silent.components, 0)
  t.ok(silent.dual.data.every((x) => x === 0) && silent.bias.every((x) => x === 0.3))
})

t.test('one site alone is its own PLS1, the scale is undone, and the dual fit predicts alike', async (t) => {
  const { K, Y } = simulate(40, 60, 3)
  const [train, test] = [range(0, 32), range(32, 40)]
  const problem = { K, train, test, components: 5, yScale: 'site' } as const
  const perSite = await fitPlsFold({ ...problem, Y, perSite: true }, tools)
  for (let j = 0; j < 3; j++) {
    const alone = await fitPlsFold({ ...problem, Y: { rows: 40, cols: 1, data: column(Y, j).map((y) => 100 * y - 3) } }, tools)
    sameNumbers(
      t,
      column(perSite.predictions, j),
      Array.from(alone.predictions.data, (y) => (y + 3) / 100),
      1e-10,
      `site ${j}`,
    )
  }
  const joint = await fitPlsFold({ ...problem, Y }, tools)
  t.notSame(joint.predictions, perSite.predictions)
  const loud = await fitPlsFold({ ...problem, Y: { ...Y, data: Y.data.map((y, k) => (k % 3 === 1 ? 50 * y : y)) } }, tools)
  sameNumbers(t, column(loud.predictions, 0), [...column(joint.predictions, 0)], 1e-10, "another site's scale has no say")
  const cross = { rows: 8, cols: 32, data: rowsOf(K, test).data.filter((_, k) => k % 40 < 32) }
  sameNumbers(t, (await predictDual(joint, cross, tools)).data, [...joint.predictions.data], 1e-10, 'by dual coefficients')
})

t.test('more sites than dimensions take the other side of the product', async (t) => {
  const { K, Y } = simulate(12, 30, 25)
  const [train, test] = [range(0, 10), range(10, 12)]
  const exact = await fitPlsFold({ K, Y, train, test, components: 3, yScale: 'none' }, tools)
  const iterated = await fitPlsFold(
    { K, Y, train, test, components: 3, yScale: 'none', solver: { name: 'nipals', tolerance: 1e-26, maxIterations: 20_000 } },
    tools,
  )
  sameNumbers(t, exact.predictions.data, [...iterated.predictions.data], 1e-8, 'predictions')
})

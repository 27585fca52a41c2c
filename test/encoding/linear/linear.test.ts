import t from 'tap'
import { predictDual } from '../../../src/encoding/dual-fit.ts'
import { fitLinear, fitLinearFold } from '../../../src/encoding/linear/linear.ts'
import { principalComponents, projectOnComponents } from '../../../src/encoding/principal-components.ts'
import { crossValidateRidge, fitRidgeFold } from '../../../src/encoding/ridge/ridge.ts'
import { kFold } from '../../../src/encoding/splits/k-fold.ts'
import { trainingSystem } from '../../../src/encoding/training-system.ts'
import { createLinearAlgebra } from '../../../src/numerics/linear-algebra.ts'
import { createProducts } from '../../../src/numerics/products.ts'
import { needs, sharedJson } from '../../helper/shared.ts'
import { gaussMatrix, gram, range, rowsOf, sameNumbers, sameSampled } from '../reference.ts'
import type { Sampled } from '../reference.ts'
import { ridgeData } from '../ridge-data.ts'
import type { RidgeData } from '../ridge-data.ts'

interface Problem {
  data: RidgeData
  LinearRegression: { own_min_norm_rcond_1e_10: { rank: number; pred: Sampled } }
}

const file = ['reference', 'encoding', 'ridge.json']
const tools = { la: await createLinearAlgebra(), products: await createProducts({ threads: 1 }) }
t.teardown(() => tools.products.close())

t.test('the minimum-norm solution, wide, tall and rank-deficient', needs(...file), async (t) => {
  for (const { data, LinearRegression } of sharedJson<{ problems: Problem[] }>(...file).problems) {
    const { X, Y } = ridgeData(data)
    const { rank, pred } = LinearRegression.own_min_norm_rcond_1e_10
    const K = gram(X)
    const fit = await fitLinearFold({ K, Y, train: range(0, data.n_train), test: range(data.n_train, X.rows) }, tools)
    t.equal(fit.rank, rank, `${data.tag}: rank`)
    sameSampled(t, fit.predictions.data, pred, 1e-9, `${data.tag}: predictions`)
    const same = await fitLinear({ K, Y, train: range(0, data.n_train) }, tools)
    const cross = { rows: data.n_test, cols: data.n_train, data: rowsOf(K, range(data.n_train, X.rows)).data.filter((_, k) => k % X.rows < data.n_train) }
    sameNumbers(t, (await predictDual(same, cross, tools)).data, [...fit.predictions.data], 1e-9, `${data.tag}: by dual coefficients`)
  }
})

const simulate = (n: number, p: number, m: number) => {
  const X = gaussMatrix(`linear:X:${p}`, n, p)
  for (let k = 0; k < X.data.length; k++) X.data[k] /= 1 + (k % p) / 5
  return { K: gram(X), Y: { rows: n, cols: m, data: gaussMatrix(`linear:Y:${p}`, n, m).data.map((e, k) => e + 3 * X.data[Math.floor(k / m) * p + (k % m)]) } }
}

t.test('ridge tends to it as the penalty goes to 0', async (t) => {
  const { K, Y } = simulate(30, 60, 2)
  const [train, test] = [range(0, 24), range(24, 30)]
  const linear = await fitLinearFold({ K, Y, train, test }, tools)
  const ridge = await fitRidgeFold({ K, Y, train, test, inner: [], alphas: [1e-10], alphaUnits: 'absolute', alphaPer: 'site' }, tools)
  sameNumbers(t, ridge.predictions.data, [...linear.predictions.data], 1e-8, 'predictions')
})

t.test('on principal components: as if fitted to the scores themselves, least squares and ridge with its inner folds', async (t) => {
  const { K, Y } = simulate(40, 50, 2)
  const [train, test] = [range(0, 32), range(32, 40)]
  const whole = await trainingSystem(K, Y, train, tools)
  const components = principalComponents(whole, 20)
  const scores = { rows: 40, cols: 20, data: new Float64Array(800) }
  scores.data.set(components.scores.data)
  scores.data.set((await projectOnComponents(K, whole, components, test, tools)).data, 32 * 20)
  const onScores = { K: gram(scores), Y, train, test }
  const linear = await fitLinearFold({ K, Y, train, test, pca: 20 }, tools)
  t.equal(linear.rank, 20)
  sameNumbers(t, linear.predictions.data, [...(await fitLinearFold(onScores, tools)).predictions.data], 1e-9, 'least squares')
  // The smallest penalty makes the identity decline: with two inner folds, the refit has to be on the components too.
  const tiny = 1e-13 * whole.values.at(-1)!
  const ridge = { alphas: [tiny, 0.1, 1, 10], alphaUnits: 'absolute', alphaPer: 'site', inner: kFold(32, { folds: 2, shuffle: false }) } as const
  const found = await fitRidgeFold({ ...ridge, K, Y, train, test, pca: 20 }, tools)
  const expected = await fitRidgeFold({ ...ridge, ...onScores }, tools)
  t.strictSame(found.alphaIndex, expected.alphaIndex)
  sameNumbers(t, found.meanSquaredError.data, [...expected.meanSquaredError.data], 1e-6, 'inner errors')
  sameNumbers(t, found.predictions.data, [...expected.predictions.data], 1e-9, 'ridge')
  const relative = { ...ridge, alphas: [0.01, 1], alphaUnits: 'relative' } as const
  const a = await crossValidateRidge({ ...relative, K: onScores.K, Y }, kFold(40, { folds: 4, shuffle: false }), tools)
  const b = await crossValidateRidge({ ...relative, K: onScores.K, Y, pca: 20 }, kFold(40, { folds: 4, shuffle: false }), tools)
  sameNumbers(t, b.alphas, [...a.alphas], 1e-12, 'relative alphas are scaled by the variance that is kept')
})

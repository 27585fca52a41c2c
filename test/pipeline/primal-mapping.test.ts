import t from 'tap'
import type { LinearMapping, Mapping, RidgeMapping } from '../../src/domain/fit.ts'
import type { Matrix } from '../../src/domain/matrix.ts'
import { makeSplits } from '../../src/encoding/splits/make-splits.ts'
import { createLinearAlgebra } from '../../src/numerics/linear-algebra.ts'
import { createProducts } from '../../src/numerics/products.ts'
import { fitMappingAll, fitMappingFold } from '../../src/pipeline/mappings.ts'
import { takesPrimal } from '../../src/pipeline/primal-mapping.ts'
import { gauss } from '../helper/generator.ts'

const [n, p, m] = [60, 12, 3]
const X: Matrix = { rows: n, cols: p, data: gauss('X', n * p) }
const noise = gauss('noise', n * m)
const Y: Matrix = { rows: n, cols: m, data: noise.map((e, k) => e + X.data[Math.floor(k / m) * p + (k % m)]) }
const request = { scheme: 'kfold' as const, folds: 5, shuffle: true, seed: 1 }
const [split] = makeSplits(request, n)
const tools = { la: await createLinearAlgebra(), products: await createProducts({ threads: 1 }) }
t.teardown(() => tools.products.close())
const K = await tools.products.f64(X, X, { transB: true })

const ridge: RidgeMapping = { method: 'ridge', alphas: [0.01, 0.1, 1, 10], alphaUnits: 'relative', alphaPer: 'site', inner: { folds: 4 } }
const mappings: [string, Mapping][] = [
  ['ridge', ridge],
  ['ridge, one penalty', { ...ridge, alphaPer: 'all' }],
  ['ridge, leave-one-out', { ...ridge, inner: 'loo' }],
  ['ridge, GCV', { ...ridge, inner: 'gcv' }],
  ['least squares', { method: 'linear', inner: { folds: 4 } } satisfies LinearMapping],
]

const apart = (a: Float64Array, b: Float64Array): number =>
  a.reduce((worst, x, k) => (Number.isNaN(x) && Number.isNaN(b[k]) ? worst : Math.max(worst, Math.abs(x - b[k]))), 0)

for (const [name, mapping] of mappings) {
  const inner = { request, by: mapping.inner, columns: {} }
  t.test(`${name}: the same from the activations as from their Gram matrix`, async (t) => {
    const primal = await fitMappingFold({ K, X, Y, mapping, inner, split }, tools)
    const dual = await fitMappingFold({ K, Y, mapping, inner, split }, tools)
    t.ok('weights' in primal && 'dual' in dual, 'each in its form')
    t.ok(apart(primal.predictions.data, dual.predictions.data) < 1e-9)
    t.same(primal.alphaIndex, dual.alphaIndex)
    t.ok(apart(primal.alphas, dual.alphas) < 1e-9)
    t.ok(apart(primal.innerScores.explainedVariance, dual.innerScores.explainedVariance) < 1e-9)
    const whole = await fitMappingAll({ K, X, Y, mapping, inner }, tools)
    const wholeDual = await fitMappingAll({ K, Y, mapping, inner }, tools)
    if (!('weights' in whole) || !('dual' in wholeDual)) return t.fail('each in its form')
    const readout = await tools.products.f64(X, wholeDual.dual, { transA: true }) // (unit x site)
    t.ok(apart(whole.weights.data, readout.data) < 1e-9, 'one readout')
    t.ok(apart(whole.bias, wholeDual.bias) < 1e-9)
  })
}

t.test('the primal form is taken where it is the cheaper one, and by the mappings that have it', async (t) => {
  t.ok(takesPrimal(ridge, n, p))
  t.notOk(takesPrimal(ridge, p, n), 'more units than stimuli')
  t.notOk(takesPrimal({ ...ridge, pca: 5 }, n, p))
  t.notOk(takesPrimal({ method: 'pls', components: 2, yScale: 'site', perSite: false, solver: 'exact', inner: { folds: 4 } }, n, p))
  const holes = { ...Y, data: Y.data.map((y, k) => (k === 4 ? NaN : y)) }
  const fit = await fitMappingFold({ K, X, Y: holes, mapping: ridge, inner: { request, by: ridge.inner, columns: {} }, split }, tools)
  t.ok('dual' in fit, 'sites that saw different stimuli share no X')
})

import t from 'tap'
import type { Mapping } from '../../src/domain/fit.ts'
import type { DualFit } from '../../src/encoding/dual-fit.ts'
import type { Matrix } from '../../src/domain/matrix.ts'
import { predictDual } from '../../src/encoding/dual-fit.ts'
import { fitPlsFold, nipalsSklearn } from '../../src/encoding/pls/pls.ts'
import { scoreFolds } from '../../src/encoding/scores/fold-scores.ts'
import { makeInnerSplits, makeSplits } from '../../src/encoding/splits/make-splits.ts'
import { createLinearAlgebra } from '../../src/numerics/linear-algebra.ts'
import { createProducts } from '../../src/numerics/products.ts'
import { fitMappingAll, fitMappingFold } from '../../src/pipeline/mappings.ts'
import type { FittedMapping } from '../../src/pipeline/mappings.ts'
import { precisionBefore } from '../../src/pipeline/layer-grams.ts'
import { gauss } from '../helper/generator.ts'

// More stimuli than units, so that least squares is unique and ridge tends to it as the penalty goes to 0.
const [n, p, m] = [40, 6, 3]
const tools = { la: await createLinearAlgebra(), products: await createProducts({ threads: 1 }) }
const X: Matrix = { rows: n, cols: p, data: gauss('mapping X', n * p) }
const noise = gauss('mapping noise', n * m)
const Y: Matrix = { rows: n, cols: m, data: (await tools.products.f64(X, { rows: p, cols: m, data: gauss('mapping B', p * m) })).data.map((y, k) => y + noise[k]) }
const K = await tools.products.f64(X, X, { transB: true })

const request = { scheme: 'kfold' as const, folds: 4, shuffle: true, seed: 1 }
const [split] = makeSplits(request, n)
const inner = { request, by: { folds: 3 }, columns: {} }
const fold = (mapping: Mapping) => fitMappingFold({ K, Y, mapping, inner, split }, tools)

const linear: Mapping = { method: 'linear', inner: { folds: 3 } }
const pls = (components: number): Mapping => ({ method: 'pls', components, yScale: 'site', perSite: false, solver: 'exact', inner: { folds: 3 } })
const ridge = (alpha: number): Mapping => ({ method: 'ridge', alphas: [alpha], alphaUnits: 'absolute', alphaPer: 'site', inner: { folds: 3 } })
const difference = (a: Matrix, b: Matrix): number => a.data.reduce((worst, x, k) => Math.max(worst, Math.abs(x - b.data[k])), 0)

t.test('linear equals PLS with all components and ridge without penalty', async (t) => {
  const exact = (await fold(linear)).predictions
  t.ok(difference(exact, (await fold(pls(p))).predictions) < 1e-9)
  t.ok(difference(exact, (await fold(ridge(1e-9))).predictions) < 1e-7)
  t.ok(difference(exact, (await fold(pls(1))).predictions) > 0.1, 'one component is something else')
})

t.test('inner scores are those of fits on the inner folds alone', async (t) => {
  const folds = []
  for (const { train, test } of makeInnerSplits(request, 3, split.train)) {
    const { predictions } = await fitPlsFold({ K, Y, train, test, components: 2, yScale: 'site' }, tools)
    folds.push({ test, predictions })
  }
  const { r, ev } = scoreFolds(folds, Y)
  const { innerScores, alphas } = await fold(pls(2))
  t.same(innerScores.correlation, r)
  t.same(innerScores.explainedVariance, ev)
  t.ok(alphas.every(Number.isNaN), 'no penalty')
})

t.test('the loose solver and principal components are passed on', async (t) => {
  const { train, test } = split
  const loose = await fitPlsFold({ K, Y, train, test, components: 2, yScale: 'none', perSite: true, pca: 3, solver: nipalsSklearn }, tools)
  const { predictions } = await fold({ method: 'pls', components: 2, yScale: 'none', perSite: true, solver: 'nipals-sklearn', pca: 3, inner: { folds: 3 } })
  t.same(predictions, loose.predictions)
})

t.test('the fit to all stimuli predicts them from its dual coefficients', async (t) => {
  for (const mapping of [linear, pls(3), ridge(1)]) {
    const fit = (await fitMappingAll({ K, Y, mapping, inner }, tools)) as FittedMapping & DualFit
    const predicted = await predictDual(fit, K, tools)
    const { ev } = scoreFolds([{ test: Int32Array.from({ length: n }, (_, i) => i), predictions: predicted }], Y)
    t.ok(ev.every((value) => value > 0.5), `${mapping.method}: ${[...ev].join(', ')}`)
  }
})

t.test('least squares needs a Gram matrix from float64 products, PLS does not', async (t) => {
  t.equal(precisionBefore(100_000, linear), 'f64')
  t.equal(precisionBefore(100_000, pls(25)), 'f32')
})

import path from 'node:path'
import t from 'tap'
import type { Mapping } from '../../../src/domain/fit.ts'
import type { Matrix } from '../../../src/domain/matrix.ts'
import { fitPlsFold } from '../../../src/encoding/pls/pls.ts'
import { fitRidgeAll, fitRidgeFold } from '../../../src/encoding/ridge/ridge.ts'
import { makeSplits } from '../../../src/encoding/splits/make-splits.ts'
import { createLinearAlgebra } from '../../../src/numerics/linear-algebra.ts'
import { createProducts } from '../../../src/numerics/products.ts'
import type { Division } from '../../../src/pipeline/condition.ts'
import type { Population } from '../../../src/pipeline/fit-population.ts'
import { fitReducedLayer, refitReducedLayer } from '../../../src/pipeline/primal/fit-reduced-layer.ts'
import { createReducedFile } from '../../../src/pipeline/primal/reduced-file.ts'
import { createSolverPool } from '../../../src/pipeline/solver-pool.ts'
import { gaussMatrix, multiply } from '../../encoding/reference.ts'
import { temporaryFolder } from '../../helper/home.ts'

const [n, k, m] = [90, 14, 3]

// Activations that were not reduced: the primal form has to answer what the dual form does.
t.test('a layer in primal form is the layer in dual form', async (t) => {
  const folder = temporaryFolder(t)
  const tools = { la: await createLinearAlgebra(), products: await createProducts({ threads: 1 }) }
  const pool = createSolverPool(1)
  t.teardown(() => Promise.all([pool.close(), tools.products.close()]))

  const z = Float32Array.from(gaussMatrix('reduced:Z', n, k).data, (x, i) => 3 + x / (1 + (i % k)))
  const Z: Matrix = { rows: n, cols: k, data: Float64Array.from(z) }
  const signal = multiply(Z, gaussMatrix('reduced:B', k, m)).data
  const noise = gaussMatrix('reduced:noise', n, m).data
  const Y: Matrix = { rows: n, cols: m, data: new Float64Array(new SharedArrayBuffer(8 * n * m)) }
  Y.data.set(signal.map((y, i) => 5 + y + noise[i] * (1 + (i % m))))
  const K = multiply(Z, { rows: k, cols: n, data: Float64Array.from({ length: k * n }, (_, i) => Z.data[(i % n) * k + Math.floor(i / n)]) })
  const file = path.join(folder, 'reduced')
  const out = createReducedFile(file, { units: k, stimuli: n, dimensions: k })
  for (const [first, count] of [[0, 50], [50, 40]]) out.write(first, { rows: count, cols: k, data: z.subarray(first * k, (first + count) * k) })
  out.finish()
  out.close()

  const request = { scheme: 'kfold' as const, folds: 5, shuffle: true, seed: 1 }
  const splits = makeSplits(request, n)
  const division: Division = { request, splits, inner: { request, by: { folds: 4 }, columns: {} }, units: null, rows: Int32Array.from({ length: n }, (_, i) => i) }
  const sites = ['a', 'b', 'c'].map((siteId) => ({ siteId, region: 'IT', metadata: {} }))
  const population: Population = { sites, Y, fitted: { Y, keep: null }, patterns: [], ceilings: [null, null, null], unit: 'other', normalise: null, trials: null, ceilingReasons: [] }
  const others = (without: number[]) => splits.map(({ test }, g) => ({ g, test })).filter(({ g }) => !without.includes(g))
  const innerOf = (f: number) => others([f]).map(({ g, test }) => ({ test, train: Int32Array.from(others([f, g]).flatMap((other) => Array.from(other.test))).sort() }))
  const close = (a: ArrayLike<number>, b: ArrayLike<number>, tolerance: number, what: string): void => {
    let off = a.length === b.length ? 0 : Infinity
    for (let i = 0; i < a.length; i++) off = Math.max(off, Math.abs(a[i] - b[i]) / Math.max(1, Math.abs(b[i])))
    t.ok(off < tolerance, `${what}: off by ${off}`)
  }

  for (const alphaPer of ['site', 'all'] as const) {
    const mapping: Mapping = { method: 'ridge', alphas: [1e-4, 1e-2, 0.1, 1, 10, 1000], alphaUnits: 'relative', alphaPer, inner: { folds: 4 } }
    let tasks = 0
    const { scores, folds, refit } = await fitReducedLayer(pool, { layer: 'l', file, folder }, population, mapping, division, () => tasks++)
    t.equal(tasks, 5 + 10 + 5 + 1, 'cells, pairs of cells, folds and the refit')
    for (const [f, fold] of folds.entries()) {
      const dual = await fitRidgeFold({ K, Y, ...mapping, pca: undefined, ...splits[f], inner: innerOf(f) }, tools)
      t.same([...fold.alphaIndex], [...dual.alphaIndex], `alphas of fold ${f}, one per ${alphaPer}`)
      close(fold.predictions.data, dual.predictions.data, 1e-11, 'held-out predictions')
      close(fold.innerScores.correlation, dual.innerScores.correlation, 1e-11, 'inner r')
      close(fold.innerScores.explainedVariance, dual.innerScores.explainedVariance, 1e-11, 'inner EV')
    }
    const dual = await fitRidgeAll({ K, Y, ...mapping, pca: undefined, inner: splits }, tools)
    close(refit.alphas, dual.alphas, 1e-12, 'alphas of the refit')
    close(refit.innerScores.explainedVariance, dual.innerScores.explainedVariance, 1e-11, 'inner EV of the refit')
    const { weights, centre } = refit.reduced!
    const predicted = Float64Array.from({ length: n * m }, (_, i) => {
      let sum = refit.bias[i % m]
      for (let d = 0; d < k; d++) sum += (Z.data[Math.floor(i / m) * k + d] - centre[d]) * weights.data[d * m + (i % m)]
      return sum
    })
    const byDual = multiply(K, dual.dual).data.map((x, i) => x + dual.bias[i % m])
    close(predicted, byDual, 1e-10, 'predictions of the refit')
    t.equal(scores.units, k)
    t.equal(scores.rank, k)
    const again = await refitReducedLayer(pool, { file, folder }, Y, mapping, division, refit.alphas)
    t.same([...again.reduced!.weights.data], [...weights.data], 'the refit alone gives the same bits')
  }

  const mapping: Mapping = { method: 'pls', components: 4, yScale: 'site', perSite: false, solver: 'exact', inner: { folds: 4 }, pca: 9 }
  const { folds } = await fitReducedLayer(pool, { layer: 'l', file, folder }, population, mapping, division, () => undefined)
  for (const [f, fold] of folds.entries()) {
    const { predictions } = await fitPlsFold({ K, Y, ...splits[f], components: 4, yScale: 'site', pca: 9 }, tools)
    close(fold.predictions.data, predictions.data, 1e-9, `PLS on principal components, fold ${f}`)
  }
})

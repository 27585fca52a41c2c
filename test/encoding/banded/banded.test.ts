import fc from 'fast-check'
import t from 'tap'
import type { Matrix } from '../../../src/domain/matrix.ts'
import { predictBanded } from '../../../src/encoding/banded/bands.ts'
import { fitGivenWeights } from '../../../src/encoding/banded/given-weights.ts'
import { searchBands } from '../../../src/encoding/banded/random-search.ts'
import { drawSimplex, simplexLandmarks } from '../../../src/encoding/banded/simplex.ts'
import { fitRidgeFold } from '../../../src/encoding/ridge/ridge.ts'
import { kFold } from '../../../src/encoding/splits/k-fold.ts'
import { createLinearAlgebra } from '../../../src/numerics/linear-algebra.ts'
import { createProducts } from '../../../src/numerics/products.ts'
import { needs, sharedJson } from '../../helper/shared.ts'
import { column, errorOf, gaussMatrix, gram, multiply, range, rowsOf, sameNumbers, sameSampled } from '../reference.ts'
import type { Sampled } from '../reference.ts'
import { ridgeByNormalEquations } from '../ridge/normal-equations.ts'
import { ridgeData } from '../ridge-data.ts'
import type { RidgeData } from '../ridge-data.ts'

interface Banded {
  bands: string
  fixed: { alphas: number[]; pred: Sampled; cv_scores: number[][] }[]
  search: { gammas: number[][]; alphas: number[]; deltas: number[][]; best_alphas: number[]; cv_scores: number[][]; pred: Sampled }
}

const file = ['reference', 'encoding', 'ridge.json']
const tools = { la: await createLinearAlgebra(), products: await createProducts({ threads: 1 }) }
t.teardown(() => tools.products.close())

const columns = (X: Matrix, from: number, to: number): Matrix => ({
  rows: X.rows,
  cols: to - from,
  data: Float64Array.from({ length: X.rows * (to - from) }, (_, k) => X.data[Math.floor(k / (to - from)) * X.cols + from + (k % (to - from))]),
})

const matrixOf = (rows: readonly (readonly number[])[]): Matrix => ({ rows: rows.length, cols: rows[0].length, data: Float64Array.from(rows.flat()) })

t.test('equal to himalaya: given weights, and a search over given candidates', needs(...file), async (t) => {
  for (const { data, banded } of sharedJson<{ problems: { data: RidgeData; banded: Banded }[] }>(...file).problems)
    await t.test(data.tag, async (t) => {
      const { X, Y } = ridgeData(data)
      const edge = Number(/\[0,(\d+)\)/.exec(banded.bands)![1])
      const parts = [columns(X, 0, edge), columns(X, edge, X.cols)]
      const { n_train, m } = data
      // Each band about a vector of its own, that is nobody's mean.
      const kernels = parts.map((part, b) => gram(part, part.data.slice(b * part.cols, (b + 1) * part.cols)))
      const [train, test] = [range(0, n_train), range(n_train, X.rows)]
      const problem = { kernels, Y, train, test, scale: 'none', inner: kFold(n_train, { folds: 5, shuffle: false }), alphaPer: 'site' } as const

      for (const { alphas, pred, cv_scores } of banded.fixed) {
        const weights = alphas.map((alpha) => 1 / alpha)
        const bandWeights = matrixOf(weights.map((w) => new Array<number>(m).fill(w)))
        const fit = await fitGivenWeights({ ...problem, bandWeights, alphas: new Array<number>(m).fill(1) }, tools)
        sameSampled(t, fit.predictions.data, pred, 1e-9, `penalties ${alphas.join()}: predictions`)
        const found = await searchBands({ ...problem, candidates: matrixOf([weights]), alphas: [1] }, tools)
        sameNumbers(t, found.loss.data.map((x) => -x), cv_scores[0], 1e-9, `penalties ${alphas.join()}: inner errors`)
        sameNumbers(t, found.predictions.data, [...fit.predictions.data], 1e-12, 'the same by a search over one candidate')
      }

      const { gammas, alphas, deltas, best_alphas, cv_scores, pred } = banded.search
      const found = await searchBands({ ...problem, candidates: matrixOf(gammas), alphas }, tools)
      // himalaya breaks ties by adding 1e-10·ln α to these scores.
      sameNumbers(t, found.loss.data.map((x) => -x), cv_scores.flat(), 1e-9 + 1e-10 * Math.log(Math.max(...alphas)), 'search: inner errors')
      t.ok(
        best_alphas.every((alpha, j) => errorOf(Math.log10(found.alphas[j]), Math.log10(alpha)) < 1e-9),
        'search: alphas',
      )
      const logs = Array.from(found.bandWeights.data, (w, k) => Math.log(w / found.alphas[k % m]))
      sameNumbers(t, logs, deltas.flat(), 1e-9, 'search: log of weight over alpha')
      sameSampled(t, found.predictions.data, pred, 1e-9, 'search: predictions')
      const cross = kernels.map((K) => rowsOf(K, test)).map((rows) => columns(rows, 0, n_train))
      sameNumbers(t, (await predictBanded(found, cross, tools)).data, [...found.predictions.data], 1e-9, 'by dual coefficients')
    })
})

const simulate = (name: string, n: number, widths: readonly number[], m: number): { parts: Matrix[]; Y: Matrix } => {
  const parts = widths.map((p, b) => gaussMatrix(`${name}:X${b}:${p}`, n, p))
  const signals = parts.map((part, b) => multiply(part, gaussMatrix(`${name}:W${b}:${part.cols}`, part.cols, m)).data)
  const noise = gaussMatrix(`${name}:e`, n, m).data
  return { parts, Y: { rows: n, cols: m, data: noise.map((e, k) => 3 + e + signals.reduce((sum, s, b) => sum + (k % m === b ? s[k] : s[k] / 9), 0)) } }
}

/** Bands side by side, each times the root of its weight: banded ridge as plain ridge. */
const weighted = (parts: readonly Matrix[], factors: ArrayLike<number>): Matrix => {
  const cols = parts.reduce((sum, part) => sum + part.cols, 0)
  const data = new Float64Array(parts[0].rows * cols)
  let at = 0
  parts.forEach((part, b) => {
    for (let i = 0; i < part.rows; i++) for (let k = 0; k < part.cols; k++) data[i * cols + at + k] = Math.sqrt(factors[b]) * part.data[i * part.cols + k]
    at += part.cols
  })
  return { rows: parts[0].rows, cols, data }
}

t.test('each site has its own weights and penalty, by the normal equations', async (t) => {
  const { parts, Y } = simulate('given', 40, [12, 30, 5], 3)
  const [train, test] = [range(0, 32), range(32, 40)]
  const bandWeights = matrixOf([
    [0.5, 0.5, 0],
    [0.25, 0.25, 0],
    [0.25, 0.25, 1],
  ])
  const alphas = [3, 30, 1]
  const fit = await fitGivenWeights({ kernels: parts.map((part) => gram(part)), Y, train, test, bandWeights, alphas, scale: 'none' }, tools)
  for (let j = 0; j < 3; j++) {
    const X = weighted(parts, column(bandWeights, j))
    const hand = ridgeByNormalEquations(rowsOf(X, train), rowsOf(Y, train), rowsOf(X, test), alphas[j])
    sameNumbers(t, column(fit.predictions, j), [...column(hand, j)], 1e-9, `site ${j}`)
  }
  t.ok(fit.duals[0].data.every((x, k) => k % 3 !== 2 || x === 0), 'a band of weight 0 has no readout')
  await t.rejects(fitGivenWeights({ kernels: parts.map((part) => gram(part)), Y, train, bandWeights, alphas: [1], scale: 'none' }, tools), /must match/)
})

t.test('under trace scaling, weights are shares of variance: units of a band, its scale, and the order of bands do not matter', async (t) => {
  const { parts, Y } = simulate('trace', 45, [10, 25], 2)
  const [train, test] = [range(0, 36), range(36, 45)]
  const inner = kFold(36, { folds: 4, shuffle: false })
  const candidates = drawSimplex(2, { count: 6, seed: 3 })
  const common = { Y, train, test, inner, scale: 'trace', alphas: [0.01, 0.1, 1], alphaPer: 'site' } as const
  const plain = await searchBands({ ...common, kernels: parts.map((part) => gram(part)), candidates }, tools)
  const scaled = await searchBands({ ...common, kernels: parts.map((part, b) => gram({ ...part, data: part.data.map((x) => (b === 0 ? 300 * x : x)) })), candidates }, tools)
  t.strictSame(scaled.chosen, plain.chosen)
  sameNumbers(t, scaled.predictions.data, [...plain.predictions.data], 1e-9, 'a band in other units')
  const swapped = { ...candidates, data: candidates.data.map((_, k, all) => all[k + (k % 2 === 0 ? 1 : -1)]) }
  const turned = await searchBands({ ...common, kernels: [gram(parts[1]), gram(parts[0])], candidates: swapped }, tools)
  sameNumbers(t, turned.predictions.data, [...plain.predictions.data], 1e-9, 'bands in reverse')
  const single = await searchBands({ ...common, kernels: [gram(parts[1])], candidates: simplexLandmarks(1) }, tools)
  const ridge = await fitRidgeFold({ ...common, K: gram(parts[1]), alphaUnits: 'relative' }, tools)
  sameNumbers(t, single.predictions.data, [...ridge.predictions.data], 1e-9, 'one band is ridge')
  t.strictSame(single.alphaIndex, ridge.alphaIndex)
  sameNumbers(t, single.innerScores.explainedVariance, [...ridge.innerScores.explainedVariance], 1e-9, 'inner EV')
})

t.test('a site takes its least inner error, or all take the least in common; the earlier of equal ones stays', async (t) => {
  const { parts, Y } = simulate('choice', 60, [8, 8], 2)
  const train = range(0, 60)
  const problem = { kernels: parts.map((part) => gram(part)), Y, train, inner: kFold(60, { folds: 5, shuffle: false }), scale: 'trace', alphas: [0.01, 1], alphaPer: 'site' } as const
  const candidates = matrixOf([
    [0.5, 0.5],
    [1, 0],
    [0, 1],
    [0.5, 0.5],
  ])
  const found = await searchBands({ ...problem, candidates }, tools)
  for (let j = 0; j < 2; j++) {
    const losses = [...column(found.loss, j)]
    t.equal(found.chosen[j], losses.indexOf(Math.min(...losses.slice(0, 3))), `site ${j} of ${losses.map((x) => x.toFixed(2)).join()}`)
    t.equal(losses[0], losses[3])
  }
  t.not(found.chosen[0], found.chosen[1], 'each site is driven by a band of its own')
  const shared = await searchBands({ ...problem, candidates, weightsPer: 'all' }, tools)
  t.strictSame([...shared.chosen], [0, 0])
  await t.rejects(searchBands({ ...problem, candidates: matrixOf([[1]]) }, tools), /2 bands/)
})

t.test('draws lie on the simplex, spread as Dirichlet distributions do, and follow the seed', async (t) => {
  const draws = drawSimplex(4, { count: 4000, seed: 5 })
  for (let c = 0; c < 4000; c++) {
    const row = draws.data.subarray(4 * c, 4 * c + 4)
    if (row.some((x) => !(x >= 0)) || Math.abs(row.reduce((a, b) => a + b) - 1) > 1e-12) t.fail(`draw ${c}: ${row.join()}`)
  }
  // Variance of a coordinate: (1/B)(1 - 1/B) / (B·concentration + 1).
  for (const [parity, concentration] of [
    [0, 0.1],
    [1, 1],
  ]) {
    const values = Array.from({ length: 2000 }, (_, k) => draws.data[4 * (2 * k + parity)])
    const mean = values.reduce((a, b) => a + b) / 2000
    const variance = values.reduce((a, x) => a + (x - mean) ** 2, 0) / 2000
    t.ok(Math.abs(mean - 0.25) < 0.03, `mean ${mean}`)
    t.ok(Math.abs(variance / (0.1875 / (4 * concentration + 1)) - 1) < 0.1, `variance ${variance} at ${concentration}`)
  }
  t.strictSame(drawSimplex(3, { count: 5, seed: 1 }), drawSimplex(3, { count: 5, seed: 1 }))
  t.notSame(drawSimplex(3, { count: 5, seed: 1 }), drawSimplex(3, { count: 5, seed: 2 }))
  t.strictSame([...simplexLandmarks(2).data], [0.5, 0.5, 1, 0, 0, 1])
})

t.test('any shape: few stimuli, few units, equal rows, constant units, a band without variance', async (t) => {
  const shape = fc.record({ n: fc.integer({ min: 3, max: 9 }), p: fc.integer({ min: 1, max: 12 }), m: fc.integer({ min: 1, max: 3 }), flat: fc.boolean(), twins: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(shape, async ({ n, p, m, flat, twins }) => {
      const { parts, Y } = simulate(`any:${n}`, n, [p, 2], m)
      if (flat) parts[1].data.fill(4)
      if (twins) parts[0].data.copyWithin(p, 0, p)
      const train = range(0, n - 1)
      const problem = { kernels: parts.map((part) => gram(part)), Y, train, test: Int32Array.of(n - 1), inner: kFold(n - 1, { folds: 2, shuffle: false }), scale: 'trace' } as const
      const found = await searchBands({ ...problem, candidates: simplexLandmarks(2), alphas: [0.1, 10], alphaPer: 'all' }, tools)
      const relative = found.bandWeights
      const refit = await fitGivenWeights({ ...problem, bandWeights: relative, alphas: found.alphas }, tools)
      return found.predictions.data.every((x, k) => Number.isFinite(x) && Math.abs(x - refit.predictions.data[k]) < 1e-9 * Math.max(1, Math.abs(x)))
    }),
    { seed: 2, numRuns: 60 },
  )
  t.pass('held for all')
})

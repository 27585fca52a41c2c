import fc from 'fast-check'
import t from 'tap'
import type { Matrix } from '../../../src/domain/matrix.ts'
import { convexMix } from '../../../src/encoding/banded/convex-mix.ts'
import { searchBands } from '../../../src/encoding/banded/random-search.ts'
import { simplexLandmarks } from '../../../src/encoding/banded/simplex.ts'
import { stackBands } from '../../../src/encoding/banded/stack-bands.ts'
import { explainedVariance, pearson } from '../../../src/encoding/scores/vectors.ts'
import { mean } from '../../../src/encoding/scores/statistics.ts'
import { kFold } from '../../../src/encoding/splits/k-fold.ts'
import { createLinearAlgebra } from '../../../src/numerics/linear-algebra.ts'
import { createProducts } from '../../../src/numerics/products.ts'
import { gauss } from '../../helper/generator.ts'
import { column, gaussMatrix, gram, multiply, range, rowsOf, sameNumbers } from '../reference.ts'
import { ridgeByNormalEquations } from '../ridge/normal-equations.ts'

const tools = { la: await createLinearAlgebra(), products: await createProducts({ threads: 1 }) }
t.teardown(() => tools.products.close())

const lossOf = (G: Float64Array, share: ArrayLike<number>, c: number): number => {
  let loss = 0
  for (let a = 0; a < c; a++) for (let b = 0; b < c; b++) loss += share[a] * share[b] * G[a * c + b]
  return loss
}

t.test('the mix errs least among all points of the simplex, by its optimality conditions', async (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 15 }), fc.integer({ min: 0, max: 999 }), fc.boolean(), (c, rows, seed, twins) => {
      const E = gauss(`mix:${seed}`, c * rows).map((e, k) => e + 2 * Math.sin(k % rows)) // (candidate x row), correlated
      if (twins && c > 1) E.copyWithin(rows, 0, rows)
      const G = Float64Array.from({ length: c * c }, (_, k) => {
        let sum = 0
        for (let i = 0; i < rows; i++) sum += E[Math.floor(k / c) * rows + i] * E[(k % c) * rows + i]
        return sum
      })
      const share = convexMix(G, c)
      const loss = lossOf(G, share, c)
      if (share.some((x) => x < 0) || Math.abs(share.reduce((a, b) => a + b) - 1) > 1e-9) return false
      // No direction towards a corner descends: (G π)_i >= π'G π.
      return share.every((_, i) => share.reduce((sum, x, k) => sum + x * G[i * c + k], 0) >= loss - 1e-6 * Math.max(loss, 1e-6))
    }),
    { seed: 3 },
  )
  t.strictSame([...convexMix(Float64Array.of(1, 0, 0, 1), 2)], [0.5, 0.5])
  t.strictSame([...convexMix(Float64Array.of(4, 2, 2, 1), 2)], [0, 1])
})

const [n, m] = [60, 3]
const parts = [gaussMatrix('stack:a', n, 8), gaussMatrix('stack:b', n, 20)]
const signal = parts.map((part, b) => multiply(part, gaussMatrix(`stack:W${b}`, part.cols, m)).data)
const Y: Matrix = { rows: n, cols: m, data: gauss('stack:e', n * m).map((e, k) => 2 * e - 7 + signal[0][k] * [1, 1, 0][k % m] + (signal[1][k] * [0, 1, 1][k % m]) / 2) }
const kernels = parts.map((part) => gram(part))
const [train, test] = [range(0, 48), range(48, 60)]
const inner = kFold(48, { folds: 4, shuffle: false })
const alphas = [1, 10, 100]
const candidates = simplexLandmarks(2)
const problem = { kernels, Y, train, test, inner, scale: 'none', alphas, alphaPer: 'site', candidates } as const

t.test('each candidate at its best penalty, mixed by hand', async (t) => {
  const found = await stackBands(problem, tools)
  const weighted = (c: number): Matrix => ({
    rows: n,
    cols: 28,
    data: Float64Array.from({ length: n * 28 }, (_, k) => {
      const [i, u] = [Math.floor(k / 28), k % 28]
      return u < 8 ? Math.sqrt(candidates.data[2 * c]) * parts[0].data[i * 8 + u] : Math.sqrt(candidates.data[2 * c + 1]) * parts[1].data[i * 20 + u - 8]
    }),
  })
  const fit = (c: number, rows: Int32Array, held: Int32Array, alpha: number): Matrix => ridgeByNormalEquations(rowsOf(weighted(c), rows), rowsOf(Y, rows), rowsOf(weighted(c), held), alpha)
  for (let j = 0; j < m; j++) {
    const share = column(found.shares, j)
    const expected = new Float64Array(test.length)
    share.forEach((x, c) => {
      const alpha = found.alphas.data[c * m + j]
      column(fit(c, train, test, alpha), j).forEach((p, i) => (expected[i] += x * p))
    })
    sameNumbers(t, column(found.predictions, j), [...expected], 1e-9, `site ${j}: predictions`)
    sameNumbers(t, column(found.bandWeights, j), [0, 1].map((b) => share.reduce((sum, x, c) => sum + x * candidates.data[2 * c + b], 0)), 1e-12, 'mixed weights')

    const held = inner.map((split) => {
      const y = column(rowsOf(Y, split.test), j)
      const each = [0, 1, 2].map((c) => column(fit(c, split.train, split.test, found.alphas.data[c * m + j]), j))
      return { y, each, p: y.map((_, i) => share.reduce((sum, x, c) => sum + x * each[c][i], 0)) }
    })
    sameNumbers(t, [found.innerScores.correlation[j]], [mean(held.map(({ y, p }) => pearson(p, y)))!], 1e-9, 'inner r')
    sameNumbers(t, [found.innerScores.explainedVariance[j]], [mean(held.map(({ y, p }) => explainedVariance(p, y)))!], 1e-9, 'inner EV')
    const squares = (predict: (fold: (typeof held)[number]) => ArrayLike<number>): number =>
      held.reduce((sum, fold) => sum + fold.y.reduce((s, y, i) => s + (y - predict(fold)[i]) ** 2, 0), 0)
    const least = squares(({ p }) => p)
    for (const c of [0, 1, 2]) t.ok(least <= squares(({ each }) => each[c]) * (1 + 1e-9), `site ${j}: errs no more than candidate ${c} on the inner folds`)
  }
  t.ok(found.bandWeights.data[0] > found.bandWeights.data[2] + 0.3, `sites lean on the band that drives them: ${found.bandWeights.data.subarray(0, 3).join()}`)
  const picked = await searchBands(problem, tools)
  sameNumbers(t, found.loss.data, [...picked.loss.data], 1e-12, 'the same losses as a search')
})

t.test('nothing of the held-out stimuli reaches weights, penalties or shares', async (t) => {
  const found = await stackBands(problem, tools)
  const other = { ...Y, data: Y.data.map((y, k) => (k >= 48 * m ? 100 - 3 * y : y)) }
  const again = await stackBands({ ...problem, Y: other }, tools)
  t.strictSame(again, found)
  const loo = await stackBands({ ...problem, inner: 'loo' }, tools)
  t.ok(loo.innerScores.explainedVariance.every((x) => x > 0 && x < 1))
  await t.rejects(stackBands({ ...problem, inner: [], alphas: [1] }, tools), /inner splits/)
})

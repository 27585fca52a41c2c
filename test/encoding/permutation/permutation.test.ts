import t from 'tap'
import type { Matrix } from '../../../src/domain/matrix.ts'
import { drawPermutations } from '../../../src/encoding/permutation/draw-permutations.ts'
import { maximumStatistic, summarisePermuted } from '../../../src/encoding/permutation/maximum-statistic.ts'
import { averageFolds, inducedPermutation, permutedScores } from '../../../src/encoding/permutation/permuted-scores.ts'
import { fitRidgeFold } from '../../../src/encoding/ridge/ridge.ts'
import { scoreFolds } from '../../../src/encoding/scores/fold-scores.ts'
import { kFold } from '../../../src/encoding/splits/k-fold.ts'
import { createLinearAlgebra } from '../../../src/numerics/linear-algebra.ts'
import { createProducts } from '../../../src/numerics/products.ts'
import { gaussMatrix, gram, multiply, rowsOf, sameNumbers } from '../reference.ts'

const tools = { la: await createLinearAlgebra(), products: await createProducts({ threads: 1 }) }
t.teardown(() => tools.products.close())

const [n, m] = [40, 3]
const X = gaussMatrix('perm:X', n, 15)
const noise = gaussMatrix('perm:e', n, m).data
const Y: Matrix = { rows: n, cols: m, data: multiply(X, gaussMatrix('perm:W', 15, m)).data.map((y, k) => 4 + noise[k] * 2 + (k % m === 2 ? 0 : y)) }
const splits = kFold(n, { folds: 4, shuffle: true, seed: 1 })
const K = gram(X, X.data.slice(0, 15))

t.test('scores under a permutation are those of fits to the permuted responses, each penalty held', async (t) => {
  const alphas = splits.map((_, s) => Float64Array.of(1, 10, 100 + s))
  const permutations = drawPermutations(n, { count: 5, seed: 2 })
  for (const statistic of ['correlation', 'explainedVariance'] as const) {
    const found = await permutedScores({ K, Y, splits, alphas, permutations, statistic }, tools)
    for (const [b, permutation] of [Int32Array.from({ length: n }, (_, i) => i), ...permutations].entries()) {
      const permuted = rowsOf(Y, permutation)
      for (let j = 0; j < m; j++) {
        const site = { rows: n, cols: 1, data: Float64Array.from({ length: n }, (_, i) => permuted.data[i * m + j]) }
        const folds = await Promise.all(
          splits.map(async ({ train, test }, s) => ({
            test,
            ...(await fitRidgeFold({ K, Y: site, train, test, inner: [], alphas: [alphas[s][j]], alphaUnits: 'absolute', alphaPer: 'site' }, tools)),
          })),
        )
        const scores = scoreFolds(folds, site)
        const expected = statistic === 'correlation' ? scores.r[0] : scores.ev[0]
        sameNumbers(t, [b === 0 ? found.observed[j] : found.permuted.data[(b - 1) * m + j]], [expected], 1e-10, `${statistic}, permutation ${b}, site ${j}`)
      }
    }
  }
})

t.test('sites that saw different stimuli are permuted over their own', async (t) => {
  const saw = (i: number, j: number): boolean => (j === 0 ? true : j === 1 ? i < 28 : i % 2 === 0)
  const wild: Matrix = { ...Y, data: Y.data.map((y, k) => (saw(Math.floor(k / m), k % m) ? y : NaN)) }
  const alphas = splits.map((_, s) => Float64Array.of(1, 10, 100 + s))
  const permutations = drawPermutations(n, { count: 6, seed: 8 })
  const found = await permutedScores({ K, Y: wild, splits, alphas, permutations, statistic: 'correlation' }, tools)
  for (let j = 0; j < m; j++) {
    // The same site as a data set of its own stimuli.
    const rows = Int32Array.from({ length: n }, (_, i) => i).filter((i) => saw(i, j))
    const place = new Map(Array.from(rows, (row, i) => [row, i]))
    const own = (all: Int32Array): Int32Array => all.filter((row) => place.has(row)).map((row) => place.get(row)!)
    const alone = await permutedScores({
      K: gram(rowsOf(X, rows)), Y: { rows: rows.length, cols: 1, data: Float64Array.from(rows, (row) => Y.data[row * m + j]) },
      splits: splits.map(({ train, test }) => ({ train: own(train), test: own(test) })), alphas: alphas.map((all) => [all[j]]),
      permutations: permutations.map((permutation) => Int32Array.from(rows, (row) => place.get(inducedPermutation(permutation, rows)[row])!)), statistic: 'correlation',
    }, tools) // prettier-ignore
    sameNumbers(t, [found.observed[j], ...permutations.map((_, b) => found.permuted.data[b * m + j])], [alone.observed[0], ...alone.permuted.data], 1e-9, `site ${j}`)
  }
  const early: Matrix = { ...Y, data: Y.data.map((y, k) => (k % m === 1 && Math.floor(k / m) > 0 ? NaN : y)) }
  const none = await permutedScores({ K, Y: early, splits, alphas, permutations, statistic: 'correlation' }, tools)
  t.ok(Number.isNaN(none.observed[1]) && none.observed[0] === found.observed[0], 'a site of one stimulus has no score')
})

t.test('an induced permutation is one of its rows, within the blocks of the whole', (t) => {
  const within = Array.from({ length: 30 }, (_, i) => i % 3)
  const rows = [0, 1, 4, 5, 9, 12, 13, 20, 29]
  const counts = new Map<string, number>()
  for (const permutation of drawPermutations(30, { count: 3000, seed: 1, within })) {
    const induced = inducedPermutation(permutation, rows)
    const isPermutation = new Set(rows.map((row) => induced[row])).size === rows.length && rows.every((row) => rows.includes(induced[row]) && within[induced[row]] === within[row])
    if (!isPermutation) t.fail('no permutation of the rows within their blocks')
    const key = [0, 9, 12].map((row) => induced[row]).join()
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  t.equal(counts.size, 6, 'all orders of a block')
  t.ok([...counts.values()].every((count) => Math.abs(count - 500) < 100), 'equally often')
  t.end()
})

t.test('permutations exchange stimuli within their block only, by the seed', async (t) => {
  const within = Array.from({ length: 30 }, (_, i) => `${i % 3}:${i < 15 ? 'a' : 'b'}`)
  const drawn = drawPermutations(30, { count: 50, seed: 4, within })
  for (const permutation of drawn) {
    t.equal(new Set(permutation).size, 30)
    permutation.forEach((from, i) => within[from] === within[i] || t.fail(`${i} from ${from}`))
  }
  t.ok(drawn.some((permutation) => permutation[0] !== 0))
  t.strictSame(drawPermutations(30, { count: 50, seed: 4, within }), drawn)
  t.notSame(drawPermutations(30, { count: 50, seed: 5, within }), drawn)
})

t.test('p counts the permutations whose maximum reaches the score', async (t) => {
  const layer = (observed: number[], permuted: number[][]) => ({ observed: Float64Array.from(observed), permuted: { rows: permuted.length, cols: observed.length, data: Float64Array.from(permuted.flat()) } })
  const a = layer([0.5, NaN], [[0.1, 0.6], [0.2, 0.1], [0.3, 0.2]])
  const b = layer([0.25], [[0.2], [0.7], [0.1]])
  const found = maximumStatistic([a, b].map(summarisePermuted))
  t.strictSame([...found.maxima], [0.6, 0.7, 0.3])
  t.strictSame([...found.p[0]], [3 / 4, NaN])
  t.strictSame([...found.p[1]], [1])
  t.strictSame([...found.uncorrected[0]], [1 / 4, NaN])
  t.strictSame([...found.uncorrected[1]], [2 / 4])
  t.equal(found.pOfMaximum, 3 / 4)
  t.throws(() => maximumStatistic([a, layer([1], [[0]])].map(summarisePermuted)), /same permutations/)
})

t.test('an effect is found at its site, and not at the one without', async (t) => {
  const permutations = drawPermutations(n, { count: 199, seed: 3 })
  const layers = await Promise.all(
    [K, gram(gaussMatrix('perm:other', n, 15))].map((kernel) =>
      permutedScores({ K: kernel, Y, splits, alphas: splits.map(() => [5, 5, 5]), permutations, statistic: 'correlation' }, tools),
    ),
  )
  const { p, pOfMaximum } = maximumStatistic(layers.map(summarisePermuted))
  t.ok(p[0][0] <= 0.01 && p[0][1] <= 0.01 && p[0][2] > 0.1, p[0].join())
  t.ok(p[1].every((x) => x > 0.05), p[1].join())
  t.equal(pOfMaximum, 0.005)
})

t.test('split by split and averaged it is the same test, on principal components too', async (t) => {
  const permutations = drawPermutations(n, { count: 7, seed: 2 })
  const fit = { K, Y, permutations, statistic: 'explainedVariance' as const, components: 6 }
  const alphas = splits.map((_, s) => Float64Array.of(1, 10, 100 + s))
  const whole = await permutedScores({ ...fit, splits, alphas }, tools)
  const parts = averageFolds(await Promise.all(splits.map((split, s) => permutedScores({ ...fit, splits: [split], alphas: [alphas[s]] }, tools))))
  sameNumbers(t, parts.permuted.data, [...whole.permuted.data], 1e-12, 'permuted')
  const folds = await Promise.all(splits.map(async ({ train, test }, s) => ({ test, ...(await fitRidgeFold({ K, Y: { ...Y, cols: 1, data: Y.data.filter((_, k) => k % m === 1) }, train, test, inner: [], alphas: [alphas[s][1]], alphaUnits: 'absolute', alphaPer: 'site', pca: 6 }, tools)) })))
  sameNumbers(t, [parts.observed[1]], [scoreFolds(folds, { ...Y, cols: 1, data: Y.data.filter((_, k) => k % m === 1) }).ev[0]], 1e-10, 'observed, as fitted')
})

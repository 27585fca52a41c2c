import t from 'tap'
import type { Matrix } from '../../../src/domain/matrix.ts'
import { drawPermutations } from '../../../src/encoding/permutation/draw-permutations.ts'
import { maximumStatistic } from '../../../src/encoding/permutation/maximum-statistic.ts'
import { permutedScores } from '../../../src/encoding/permutation/permuted-scores.ts'
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
  const found = maximumStatistic([a, b])
  t.strictSame([...found.maxima], [0.6, 0.7, 0.3])
  t.strictSame([...found.p[0]], [3 / 4, NaN])
  t.strictSame([...found.p[1]], [1])
  t.strictSame([...found.uncorrected[0]], [1 / 4, NaN])
  t.strictSame([...found.uncorrected[1]], [2 / 4])
  t.equal(found.pOfMaximum, 3 / 4)
  t.throws(() => maximumStatistic([a, layer([1], [[0]])]), /same permutations/)
})

t.test('an effect is found at its site, and not at the one without', async (t) => {
  const permutations = drawPermutations(n, { count: 199, seed: 3 })
  const layers = await Promise.all(
    [K, gram(gaussMatrix('perm:other', n, 15))].map((kernel) =>
      permutedScores({ K: kernel, Y, splits, alphas: splits.map(() => [5, 5, 5]), permutations, statistic: 'correlation' }, tools),
    ),
  )
  const { p, pOfMaximum } = maximumStatistic(layers)
  t.ok(p[0][0] <= 0.01 && p[0][1] <= 0.01 && p[0][2] > 0.1, p[0].join())
  t.ok(p[1].every((x) => x > 0.05), p[1].join())
  t.equal(pOfMaximum, 0.005)
})

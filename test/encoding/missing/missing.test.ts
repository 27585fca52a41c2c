import fc from 'fast-check'
import t from 'tap'
import type { Matrix } from '../../../src/domain/matrix.ts'
import { bootstrapScores } from '../../../src/encoding/bootstrap.ts'
import { predictDual } from '../../../src/encoding/dual-fit.ts'
import { fitLinearFold } from '../../../src/encoding/linear/linear.ts'
import { fitByPattern } from '../../../src/encoding/missing/fit-by-pattern.ts'
import { missingPatterns, seenOf } from '../../../src/encoding/missing/patterns.ts'
import { fitRidgeAllByPattern, fitRidgeFoldByPattern } from '../../../src/encoding/missing/ridge-by-pattern.ts'
import { fitRidgeAll, fitRidgeFold } from '../../../src/encoding/ridge/ridge.ts'
import { scoreFolds } from '../../../src/encoding/scores/fold-scores.ts'
import { mean } from '../../../src/encoding/scores/statistics.ts'
import { explainedVariance, pearson, r2 } from '../../../src/encoding/scores/vectors.ts'
import { kFold } from '../../../src/encoding/splits/k-fold.ts'
import { makeInnerSplits, makeSplits } from '../../../src/encoding/splits/make-splits.ts'
import { createLinearAlgebra } from '../../../src/numerics/linear-algebra.ts'
import { createProducts } from '../../../src/numerics/products.ts'
import { column, gaussMatrix, gram, multiply, range, rowsOf, sameNumbers } from '../reference.ts'

const tools = { la: await createLinearAlgebra(), products: await createProducts({ threads: 1 }) }
t.teardown(() => tools.products.close())

const kfold = { scheme: 'kfold', folds: 4, shuffle: true, seed: 3 } as const
const [n, p, m] = [60, 20, 5]
const X = gaussMatrix('missing:X', n, p)
const noise = gaussMatrix('missing:e', n, m).data
const whole: Matrix = { rows: n, cols: m, data: multiply(X, gaussMatrix('missing:W', p, m)).data.map((y, k) => y + 3 * noise[k] + 7) }
const K = gram(X, X.data.slice(0, p))
/** Sites 0 and 3 saw all stimuli, 1 and 4 the first 45, 2 every other one. */
const sees = (i: number, j: number): boolean => [true, i < 45, i % 2 === 0, true, i < 45][j]
const Y: Matrix = { ...whole, data: whole.data.map((y, k) => (sees(Math.floor(k / m), k % m) ? y : NaN)) }
const patterns = [
  { sites: [0, 3], rows: range(0, n) },
  { sites: [1, 4], rows: range(0, 45) },
  { sites: [2], rows: range(0, n).filter((i) => i % 2 === 0) },
]
const problem = { K, alphas: [1, 10, 100], alphaUnits: 'relative', alphaPer: 'site', innerOf: (train: Int32Array) => makeInnerSplits(kfold, 3, train) } as const

t.test('patterns are found, and too many refused with advice', async (t) => {
  const found = missingPatterns(Y)
  t.strictSame(
    found.map(({ sites, rows }) => ({ sites: [...sites], rows: [...rows] })),
    patterns.map(({ sites, rows }) => ({ sites, rows: [...rows] })),
  )
  t.strictSame([...seenOf(Int32Array.of(50, 3, 2), found[2])], [50, 2])
  const wild = (count: number): Matrix => ({ rows: 60, cols: count, data: Float64Array.from({ length: 60 * count }, (_, k) => (Math.floor(k / count) === k % count ? NaN : 1)) })
  t.equal(missingPatterns(wild(50)).length, 50)
  t.throws(() => missingPatterns(wild(51)), { code: 'choose-sites', message: /Choose fewer sessions/ })
})

t.test('each pattern is fitted as if its stimuli were all there are', async (t) => {
  for (const alphaPer of ['site', 'all'] as const)
    for (const { train, test } of makeSplits(kfold, n)) {
      const found = await fitRidgeFoldByPattern({ ...problem, Y, alphaPer, train, test }, tools)
      for (const { sites, rows } of alphaPer === 'site' ? patterns : []) {
        // A data set of these stimuli and sites alone.
        const place = new Map(Array.from(rows, (row, i) => [row, i]))
        const seen = train.filter((row) => place.has(row))
        const own = {
          ...problem,
          K: gram(rowsOf(X, rows)),
          Y: { rows: rows.length, cols: sites.length, data: Float64Array.from({ length: rows.length * sites.length }, (_, k) => Y.data[rows[Math.floor(k / sites.length)] * m + sites[k % sites.length]]) },
          train: seen.map((row) => place.get(row)!),
          test: test.filter((row) => place.has(row)).map((row) => place.get(row)!),
        }
        const expected = await fitRidgeFold({ ...own, alphaPer, inner: makeInnerSplits(kfold, 3, own.train) }, tools)
        sites.forEach((site, j) => {
          t.equal(found.alphaIndex[site], expected.alphaIndex[j], `site ${site}: alpha`)
          const predicted = Array.from(test.entries()).filter(([, row]) => place.has(row)).map(([i]) => found.predictions.data[i * m + site])
          sameNumbers(t, predicted, [...column(expected.predictions, j)], 1e-9, `site ${site}: predictions`)
          sameNumbers(t, [found.innerScores.explainedVariance[site], found.meanSquaredError.data[m + site]], [expected.innerScores.explainedVariance[j], expected.meanSquaredError.data[sites.length + j]], 1e-9, 'inner')
        })
      }
      t.ok(alphaPer === 'site' || new Set(found.alphaIndex).size === 1, 'one penalty over all patterns')
      const cross = { rows: test.length, cols: train.length, data: Float64Array.from({ length: test.length * train.length }, (_, k) => K.data[test[Math.floor(k / train.length)] * n + train[k % train.length]]) }
      sameNumbers(t, (await predictDual(found, cross, tools)).data, [...found.predictions.data], 1e-9, 'one mapping for all sites')
      t.ok(train.every((row, i) => found.dual.data.subarray(i * m, (i + 1) * m).every((a, j) => sees(row, j) || a === 0)), 'nothing rests on what was not seen')
    }
})

t.test('a shared penalty weighs the sites of all patterns', async (t) => {
  const [{ train, test }] = makeSplits(kfold, n)
  const site = await fitRidgeFoldByPattern({ ...problem, Y, train, test }, tools)
  const all = await fitRidgeFoldByPattern({ ...problem, Y, alphaPer: 'all', train, test }, tools)
  const variance = Array.from({ length: m }, (_, j) => {
    const values = Array.from(train).filter((i) => sees(i, j)).map((i) => Y.data[i * m + j])
    return mean(values.map((y) => (y - mean(values)!) ** 2))!
  })
  const loss = [0, 1, 2].map((a) => variance.reduce((sum, v, j) => sum + site.meanSquaredError.data[a * m + j] / v, 0))
  t.ok(all.alphaIndex.every((a) => a === loss.indexOf(Math.min(...loss))))
  sameNumbers(t, all.meanSquaredError.data, [...site.meanSquaredError.data], 1e-12, 'errors of the search')
})

t.test('where all saw all it is the plain fit', async (t) => {
  const [{ train, test }] = makeSplits(kfold, n)
  t.strictSame(await fitRidgeFoldByPattern({ ...problem, Y: whole, train, test }, tools), await fitRidgeFold({ ...problem, Y: whole, train, test, inner: problem.innerOf(train) }, tools))
  const all = range(0, n)
  t.strictSame(await fitRidgeAllByPattern({ ...problem, Y: whole }, tools), await fitRidgeAll({ ...problem, Y: whole, inner: problem.innerOf(all) }, tools))
  const final = await fitRidgeAllByPattern({ ...problem, Y }, tools)
  t.strictSame([...final.rows], [...all])
  t.notOk('predictions' in final)
  const linear = await fitByPattern(Y, train, test, (task) => fitLinearFold({ K, Y: task.Y, train: task.train, test }, tools))
  t.equal(linear.parts.length, 3, 'any mapping by pattern')
  t.equal(linear.rank, 20)
})

t.test('a site is scored on its own held-out stimuli, in the bootstrap too', async (t) => {
  const folds = kFold(n, { folds: 4, shuffle: false }).map(({ test }) => ({ test, predictions: rowsOf({ ...whole, data: whole.data.map((y, k) => y + 2 * noise[(k * 7) % noise.length]) }, test) }))
  const scores = scoreFolds(folds, Y)
  for (let j = 0; j < m; j++) {
    const seen = folds.map(({ test, predictions }) => {
      const rows = [...test.keys()].filter((i) => sees(test[i], j))
      return { p: rows.map((i) => predictions.data[i * m + j]), y: rows.map((i) => Y.data[test[i] * m + j]) }
    })
    for (const [found, score] of [
      [scores.r, pearson],
      [scores.ev, explainedVariance],
      [scores.r2, r2],
    ] as const)
      sameNumbers(t, [found[j]], [mean(seen.filter(({ y }) => y.length > 0).map(({ p, y }) => score(p, y)))!], 1e-12, `site ${j}`)
  }
  t.match(scores.notes[1], /1 of 4 folds hold none of the site's stimuli/)
  t.equal(scores.notes[2], undefined)

  // A site's own draws are those of a data set in which the others' stimuli do not count.
  const only = (j: number): Matrix => ({ rows: n, cols: 1, data: column(Y, j) })
  const options = { draws: 30, seed: 1 }
  for (const j of [1, 2]) {
    const own = folds.map(({ test, predictions }) => {
      const keep = [...test.keys()].filter((i) => sees(test[i], j))
      return { test: keep.map((i) => test[i]), predictions: { rows: keep.length, cols: 1, data: Float64Array.from(keep, (i) => predictions.data[i * m + j]) } }
    }).filter(({ test }) => test.length > 0)
    const all = folds.map(({ test, predictions }) => ({ test, predictions: { rows: test.length, cols: 1, data: column(predictions, j) } }))
    const a = await bootstrapScores(all, only(j), scoreFolds(all, only(j)), options, tools.products)
    const b = await bootstrapScores(own, only(j), scoreFolds(own, only(j)), options, tools.products)
    for (const score of ['correlation', 'explainedVariance', 'r2'] as const) sameNumbers(t, a[score].mean, [...b[score].mean], 1e-10, `site ${j}: ${score}`)
  }
})

t.test('sites that hardly saw anything are left out, whatever the shape', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 4, max: 10 }), fc.array(fc.array(fc.boolean(), { minLength: 10, maxLength: 10 }), { minLength: 1, maxLength: 4 }), async (rows, seen) => {
      const cols = seen.length
      const part = rowsOf(X, range(0, rows))
      const Y = { rows, cols, data: Float64Array.from({ length: rows * cols }, (_, k) => (seen[k % cols][Math.floor(k / cols)] ? noise[k] : NaN)) }
      const [train, test] = [range(0, rows - 1), range(rows - 1, rows)]
      const found = await fitRidgeFoldByPattern({ ...problem, K: gram(part), Y, train, test, innerOf: () => 'loo' }, tools)
      return seen.every((site, j) => {
        const count = Array.from(train).filter((i) => site[i]).length
        return Number.isNaN(found.predictions.data[j]) === count < 2 && found.alphaIndex[j] >= 0 === count >= 2
      })
    }),
    { seed: 4, numRuns: 60 },
  )
  t.pass('held for all')
})

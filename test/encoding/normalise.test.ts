import t from 'tap'
import { bootstrapScores } from '../../src/encoding/bootstrap.ts'
import { normaliseResponses, normaliseTrials } from '../../src/encoding/normalise.ts'
import { scoreFolds } from '../../src/encoding/scores/fold-scores.ts'
import { kFold } from '../../src/encoding/splits/k-fold.ts'
import { createProducts } from '../../src/numerics/products.ts'
import { gaussMatrix, rowsOf, sameNumbers } from './reference.ts'

const products = await createProducts({ threads: 1 })
t.teardown(() => products.close())
const [n, m] = [24, 3]
const Y = gaussMatrix('normalise:Y', n, m)
const sessions = Int32Array.from({ length: n }, (_, i) => i % 3)
const train = Int32Array.from({ length: 18 }, (_, i) => i)
const at = (matrix: { data: Float64Array }, i: number, j: number): number => matrix.data[i * m + j]

t.test('z-scores and baselines are of the training rows of the session, for each site', (t) => {
  const gaps = { ...Y, data: Y.data.map((y, k) => (k % m === 2 && Math.floor(k / m) % 5 === 0 ? NaN : y)) }
  for (const method of ['zscore', 'baseline'] as const) {
    const found = normaliseResponses(gaps, train, { method, sessions })
    for (let j = 0; j < m; j++)
      for (const session of [0, 1, 2]) {
        const seen = [...train].filter((i) => sessions[i] === session && !Number.isNaN(at(gaps, i, j))).map((i) => at(gaps, i, j))
        const mean = seen.reduce((a, b) => a + b) / seen.length
        const sd = method === 'baseline' ? 1 : Math.sqrt(seen.reduce((sum, y) => sum + (y - mean) ** 2, 0) / seen.length)
        const rows = [...Array(n).keys()].filter((i) => sessions[i] === session)
        sameNumbers(t, rows.map((i) => at(found, i, j)), rows.map((i) => (at(gaps, i, j) - mean) / sd), 1e-12, `${method}, site ${j}, session ${session}`)
      }
    const moved = { ...gaps, data: gaps.data.map((y, k) => y + (Math.floor(k / m) >= 18 ? 1000 : 0)) }
    t.ok(normaliseResponses(moved, train, { method, sessions }).data.every((y, k) => Math.floor(k / m) >= 18 || Object.is(y, found.data[k])), 'test rows have no part in it')
  }
  t.end()
})

t.test('a session with fewer than 2 training responses of a site has none, one that does not vary is 0', (t) => {
  const one = Int32Array.from(train.filter((i) => sessions[i] !== 1 || i === 1))
  const found = normaliseResponses(Y, one, { method: 'zscore', sessions })
  t.ok([...Array(n).keys()].every((i) => Number.isNaN(at(found, i, 0)) === (sessions[i] === 1)))
  const flat = { ...Y, data: Y.data.map((y, k) => (sessions[Math.floor(k / m)] === 2 ? 7.3 : y)) }
  t.ok([...train].every((i) => sessions[i] !== 2 || Math.abs(at(normaliseResponses(flat, train, { method: 'zscore', sessions }), i, 1)) < 1e-12))
  t.end()
})

t.test('trials go by the statistics of all mean responses', (t) => {
  const noise = gaussMatrix('normalise:trials', n * m, 4)
  const trials = { shape: [n, m, 4], data: noise.data.map((x, k) => (k % 11 === 0 ? NaN : x + 3 * sessions[Math.floor(k / (4 * m))])) }
  const found = normaliseTrials(trials, { method: 'zscore', sessions })
  const meanOf = (data: Float64Array, cell: number): number => {
    const valid = data.subarray(cell * 4, cell * 4 + 4).filter((x) => !Number.isNaN(x))
    return valid.reduce((a, b) => a + b) / valid.length
  }
  const means = { rows: n, cols: m, data: Float64Array.from({ length: n * m }, (_, cell) => meanOf(trials.data, cell)) }
  const all = Int32Array.from({ length: n }, (_, i) => i)
  sameNumbers(t, Float64Array.from({ length: n * m }, (_, cell) => meanOf(found.data, cell)), [...normaliseResponses(means, all, { method: 'zscore', sessions }).data], 1e-12, 'the mean of trials is the mean response')
  t.ok(found.data.every((x, k) => Number.isNaN(x) === Number.isNaN(trials.data[k])))
  t.end()
})

t.test("folds are scored on their own responses, in the bootstrap too", async (t) => {
  const noise = gaussMatrix('normalise:e', n, m).data
  const folds = kFold(n, { folds: 3, shuffle: false }).map(({ test }) => ({ test, predictions: rowsOf({ ...Y, data: Y.data.map((y, k) => y + noise[k]) }, test), responses: rowsOf(Y, test) }))
  const wrong = { ...Y, data: Y.data.map(() => 1) }
  const plain = folds.map(({ test, predictions }) => ({ test, predictions }))
  const [own, expected] = [scoreFolds(folds, wrong), scoreFolds(plain, Y)]
  t.same(own, expected)
  t.same(await bootstrapScores(folds, wrong, own, { draws: 20, seed: 1 }, products), await bootstrapScores(plain, Y, expected, { draws: 20, seed: 1 }, products))
})

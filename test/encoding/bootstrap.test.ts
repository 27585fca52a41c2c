import t from 'tap'
import { bootstrapScores, drawWeights } from '../../src/encoding/bootstrap.ts'
import { scoreFolds } from '../../src/encoding/scores/fold-scores.ts'
import type { HeldOut } from '../../src/encoding/scores/fold-scores.ts'
import { evaluate } from '../../src/encoding/scores/score-layer.ts'
import { mean, median, quantileSorted, std } from '../../src/encoding/scores/statistics.ts'
import { explainedVariance, pearson, r2 } from '../../src/encoding/scores/vectors.ts'
import { leaveOneGroupOut } from '../../src/encoding/splits/group-k-fold.ts'
import { kFold } from '../../src/encoding/splits/k-fold.ts'
import { createProducts } from '../../src/numerics/products.ts'
import { gauss } from '../helper/generator.ts'
import { needs, sharedJson } from '../helper/shared.ts'
import { column, gaussMatrix, range, rowsOf, sameNumbers } from './reference.ts'

const file = ['reference', 'encoding', 'scores.json']
const products = await createProducts({ threads: 1 })
t.teardown(() => products.close())

interface Distribution {
  std_ddof0: number
  percentile_linear: number[]
}

t.test('equal to resampled Pearson correlations on the same draws', needs(...file), async (t) => {
  const { bootstrap } = sharedJson<{ bootstrap: { boot_r1: Distribution; boot_r1_first10: number[]; boot_r2: Distribution; index_first3: number[][] } }>(
    ...file,
  )
  const x = gauss('boot:x', 24)
  const y1 = gauss('boot:y', 24).map((e, i) => 0.7 * x[i] + 0.6 * e)
  const y2 = gauss('boot:z', 24).map((e, i) => 0.4 * x[i] + 0.8 * e)
  const weights = drawWeights(24, { draws: 200, seed: 3 })
  bootstrap.index_first3.forEach((index, b) =>
    t.strictSame(
      [...weights.subarray(24 * b, 24 * b + 24)],
      Array.from({ length: 24 }, (_, i) => index.filter((k) => k === i).length),
      `draw ${b}`,
    ),
  )
  for (const [y, reference] of [
    [y1, bootstrap.boot_r1],
    [y2, bootstrap.boot_r2],
  ] as const) {
    const responses = { rows: 24, cols: 1, data: x }
    const folds = [{ test: range(0, 24), predictions: { rows: 24, cols: 1, data: y } }]
    const { correlation } = await bootstrapScores(folds, responses, scoreFolds(folds, responses), { draws: 200, seed: 3 }, products)
    const sorted = correlation.median.slice().sort()
    sameNumbers(
      t,
      [0.025, 0.05, 0.5, 0.95, 0.975].map((q) => quantileSorted(sorted, q)),
      reference.percentile_linear,
      1e-10,
      'quantiles',
    )
    sameNumbers(t, [std(correlation.median)], [reference.std_ddof0], 1e-10, 'std')
    if (y === y1) sameNumbers(t, correlation.median.subarray(0, 10), bootstrap.boot_r1_first10, 1e-10, 'first draws')
  }
})

/** Repeats the rows of each fold as often as a draw has them, and scores them by the plain definitions. */
const byHand = (
  folds: HeldOut[],
  responses: ReturnType<typeof gaussMatrix>,
  weights: Uint16Array,
  pooled: number,
  copies: boolean,
): { r: number; ev: number; r2: number } => {
  const repeated = folds.flatMap(({ test, predictions }) => {
    const rows = Array.from(test).flatMap((row, k) => new Array<number>(weights[row]).fill(k))
    if (rows.length === 0) return []
    const fold = {
      p: rowsOf(predictions, rows),
      y: rowsOf(
        responses,
        rows.map((k) => test[k]),
      ),
      own: rowsOf(responses, test),
    }
    return new Array<typeof fold>(copies ? weights[test[0]] : 1).fill(fold)
  })
  const sites = Array.from({ length: responses.cols }, (_, j) => {
    const of = (score: typeof pearson): number | null => mean(repeated.map(({ p, y }) => score(column(p, j), column(y, j))))
    // A ratio to next to no variance is left out.
    const ratio = (score: typeof pearson): number | null => mean(repeated.map(({ p, y, own }) => (std(column(y, j))! < std(column(own, j))! / 2 ? NaN : score(column(p, j), column(y, j)))))
    const all = (key: 'p' | 'y'): number[] => repeated.flatMap((fold) => [...column(fold[key], j)])
    return { r: j === pooled ? pearson(all('p'), all('y')) : of(pearson), ev: ratio(explainedVariance), r2: ratio(r2) }
  })
  return { r: median(sites.map((site) => site.r))!, ev: mean(sites.map((site) => site.ev))!, r2: mean(sites.map((site) => site.r2))! }
}

t.test('each draw is the same estimator on the repeated rows: mean over folds, pooled where a fold is silent', async (t) => {
  const n = 40
  const responses = gaussMatrix('boot:many:y', n, 5)
  for (const i of kFold(n, { folds: 4, shuffle: true, seed: 2 })[1].test) responses.data[i * 5 + 3] = 1.25
  const noise = gauss('boot:many:e', n * 5)
  const all = { rows: n, cols: 5, data: responses.data.map((y, k) => 3 + 0.6 * y + 0.5 * noise[k]) }
  const folds = kFold(n, { folds: 4, shuffle: true, seed: 2 }).map(({ test }) => ({ test, predictions: rowsOf(all, test) }))
  const found = await bootstrapScores(folds, responses, scoreFolds(folds, responses), { draws: 12, seed: 7 }, products)
  const weights = drawWeights(n, { draws: 12, seed: 7 })
  const expected = Array.from({ length: 12 }, (_, b) => byHand(folds, responses, weights.subarray(b * n, (b + 1) * n), 3, false))
  sameNumbers(
    t,
    found.correlation.median,
    expected.map((draw) => draw.r),
    1e-10,
    'median r',
  )
  sameNumbers(
    t,
    found.explainedVariance.mean,
    expected.map((draw) => draw.ev),
    1e-10,
    'mean EV',
  )
  sameNumbers(
    t,
    found.r2.mean,
    expected.map((draw) => draw.r2),
    1e-10,
    'mean R²',
  )
})

t.test('groups are drawn whole, and a fold that is one group counts as often as its group', async (t) => {
  const n = 48
  const groups = Array.from({ length: n }, (_, i) => `o${i % 6}`)
  const responses = gaussMatrix('boot:group:y', n, 3)
  const noise = gauss('boot:group:e', n * 3)
  const all = { rows: n, cols: 3, data: responses.data.map((y, k) => y + noise[k]) }
  const folds = leaveOneGroupOut(groups).map(({ test }) => ({ test, predictions: rowsOf(all, test) }))
  const options = { draws: 15, seed: 1, units: groups }
  const weights = drawWeights(n, options)
  for (let i = 6; i < n; i++) t.equal(weights[i], weights[i % 6])
  const found = await bootstrapScores(folds, responses, scoreFolds(folds, responses), options, products)
  const expected = Array.from({ length: 15 }, (_, b) => byHand(folds, responses, weights.subarray(b * n, (b + 1) * n), -1, true))
  sameNumbers(
    t,
    found.correlation.median,
    expected.map((draw) => draw.r),
    1e-10,
    'median r',
  )
  sameNumbers(
    t,
    found.explainedVariance.mean,
    expected.map((draw) => draw.ev),
    1e-10,
    'mean EV',
  )
})

t.test('folds of few stimuli: draws that lose their variance do not carry the interval off', async (t) => {
  const n = 50
  const responses = gaussMatrix('boot:few:y', n, 6)
  const noise = gauss('boot:few:e', n * 6)
  const all = { rows: n, cols: 6, data: responses.data.map((y, k) => (k % 6 === 5 ? noise[k] : y + 0.3 * noise[k])) }
  const folds = kFold(n, { folds: 5, shuffle: true, seed: 2 }).map(({ test }) => ({ test, predictions: rowsOf(all, test) }))
  const { explainedVariance: ev, r2 } = await evaluate(folds, responses, { draws: 1000, seed: 0 }, products)
  for (const [name, { mean: score, interval }] of Object.entries({ ev, r2 })) {
    const [low, high] = interval!
    t.ok(low < score! && score! < high && high - low < 0.6, `${name}: ${low} ${score} ${high}`)
  }
})

t.test('the interval belongs to the number beside it, and a seed repeats it', async (t) => {
  const n = 60
  const responses = gaussMatrix('boot:i:y', n, 4)
  for (let i = 0; i < n; i++) responses.data[i * 4 + 2] = 0.1
  const noise = gauss('boot:i:e', n * 4)
  const all = { rows: n, cols: 4, data: responses.data.map((y, k) => y + noise[k]) }
  const folds = kFold(n, { folds: 3, shuffle: true, seed: 2 }).map(({ test }) => ({ test, predictions: rowsOf(all, test) }))
  const first = await evaluate(folds, responses, { draws: 400, seed: 1 }, products)
  const again = await evaluate(folds, responses, { draws: 400, seed: 1 }, products)
  t.strictSame(first, again)
  const [low, high] = first.correlation.interval!
  t.ok(low < first.correlation.median! && first.correlation.median! < high && high - low < 0.5, `${low} ${first.correlation.median} ${high}`)
  const ev = first.explainedVariance
  t.ok(ev.interval![0] < ev.mean! && ev.mean! < ev.interval![1])
  t.equal(first.correlation.sitesExcluded, 1, 'the constant site')
  t.equal((await evaluate(folds, responses, null, products)).correlation.interval, null)
})

import t from 'tap'
import { aggregate } from '../../../src/encoding/scores/aggregate.ts'
import { ceiledScores, usableCeiling } from '../../../src/encoding/scores/ceiled.ts'
import { scoreFolds } from '../../../src/encoding/scores/fold-scores.ts'
import { interval95, interval95About, mean, median, quantileSorted, std } from '../../../src/encoding/scores/statistics.ts'
import { explainedVariance, pearson, r2 } from '../../../src/encoding/scores/vectors.ts'
import { kFold } from '../../../src/encoding/splits/k-fold.ts'
import { gauss } from '../../helper/generator.ts'
import { needs, sharedJson } from '../../helper/shared.ts'
import { column, gaussMatrix, rowsOf, sameNumbers, sameSampled } from '../reference.ts'
import type { Sampled } from '../reference.ts'

const file = ['reference', 'encoding', 'scores.json']

interface Basic {
  check_true: Sampled
  check_pred: Sampled
  explained_variance_score: Record<'raw_values_force_finite=False', (number | string)[]>
  r2_score: Record<'raw_values_force_finite=False', (number | string)[]>
  pearsonr: (number | string)[]
  near_constant: { pearsonr: number }
}

interface BrainScoreRun {
  raw_r_split_by_neuroid: number[][]
  score: number
  error: number
}

t.test('r, EV and R² equal to SciPy and scikit-learn', needs(...file), async (t) => {
  const { basic } = sharedJson<{ basic: Basic }>(...file)
  const responses = gauss('basic:true', 300).map((x) => x + 0.7)
  const predictions = gauss('basic:pred', 300).map((x, k) => 0.6 * responses[k] + 0.8 * x + 0.1)
  for (let i = 0; i < 50; i++) {
    responses[i * 6 + 2] = 1.5
    responses[i * 6 + 3] = predictions[i * 6 + 3] = -2
    predictions[i * 6 + 4] = 0.25
  }
  sameSampled(t, responses, basic.check_true, 1e-13, 'responses')
  sameSampled(t, predictions, basic.check_pred, 1e-13, 'predictions')
  const each = (score: typeof pearson): (number | null)[] =>
    Array.from({ length: 6 }, (_, j) => score(column({ rows: 50, cols: 6, data: predictions }, j), column({ rows: 50, cols: 6, data: responses }, j)))
  // A constant response has no explained variance here, whichever infinity the formula would give.
  const finite = (values: (number | string)[]): (number | string)[] => values.map((x) => (typeof x === 'string' ? 'NaN' : x))
  sameNumbers(t, each(pearson), basic.pearsonr, 1e-10, 'r')
  sameNumbers(t, each(explainedVariance), finite(basic.explained_variance_score['raw_values_force_finite=False']), 1e-10, 'EV')
  sameNumbers(t, each(r2), finite(basic.r2_score['raw_values_force_finite=False']), 1e-10, 'R²')
  t.equal(pearson([1, 3], [2, 3]), 1)
  t.equal(pearson([3, 1], [2, 3]), -1)
  const near = pearson(
    Float64Array.from({ length: 10 }, (_, k) => 1e8 + k * 1e-3),
    gauss('basic:nc', 10),
  )
  sameNumbers(t, [near], [basic.near_constant.pearsonr], 1e-4, 'near constant')
})

t.test("aggregation over splits equal to Brain-Score's", needs(...file), async (t) => {
  const { brainscore } = sharedJson<{ brainscore: Record<string, BrainScoreRun> }>(...file)
  for (const name of ['ridge_alpha1_kfold', 'ridge_alpha1_shuffle', 'pls25_shuffle']) {
    const { raw_r_split_by_neuroid: raw, score, error } = brainscore[name]
    const splits = raw.map((sites) => Float64Array.from(sites))
    const sites = Float64Array.from(raw[0], (_, j) => mean(raw.map((split) => split[j]))!)
    const found = aggregate(sites, splits, 'median', null)
    sameNumbers(t, [mean(found.splits.map((split) => split.median)), found.error], [score, error], 1e-12, name)
    sameNumbers(t, [found.median, found.mean], [median(sites)!, mean(sites)!], 0, `${name}: over sites`)
  }
})

t.test('per fold, then mean over folds', async (t) => {
  const responses = gaussMatrix('fold:y', 30, 3)
  const noise = gauss('fold:e', 90)
  const all = { rows: 30, cols: 3, data: responses.data.map((y, k) => 0.5 * y + noise[k] + k) }
  const folds = kFold(30, { folds: 3, shuffle: true, seed: 4 }).map(({ test }) => ({ test, predictions: rowsOf(all, test) }))
  const scores = scoreFolds(folds, responses)
  for (let j = 0; j < 3; j++) {
    const by = (score: typeof pearson): number => mean(folds.map(({ test, predictions }) => score(column(predictions, j), column(rowsOf(responses, test), j))))!
    sameNumbers(t, [scores.r[j], scores.ev[j]], [by(pearson), by(explainedVariance)], 1e-14, `site ${j}`)
  }
  t.strictSame(scores.notes, [undefined, undefined, undefined])
})

t.test('what does not vary has no score, and says why', async (t) => {
  const n = 12
  const responses = { rows: n, cols: 4, data: new Float64Array(n * 4) }
  const predictions = gaussMatrix('flat:p', n, 4)
  const noise = gauss('flat:y', n)
  for (let i = 0; i < n; i++) {
    responses.data[i * 4] = 0.1 // constant
    responses.data[i * 4 + 1] = i < 4 ? 2 : noise[i] // constant in the first fold
    responses.data[i * 4 + 2] = noise[i]
    responses.data[i * 4 + 3] = noise[i]
    if (i < 4) predictions.data[i * 4 + 2] = 0.7 // flat prediction in the first fold
  }
  const folds = kFold(n, { folds: 3, shuffle: false }).map(({ test }) => ({ test, predictions: rowsOf(predictions, test) }))
  const { r, ev, notes, pooled } = scoreFolds(folds, responses)
  t.ok(Number.isNaN(r[0]) && Number.isNaN(ev[0]) && notes[0] === 'the responses do not vary')
  sameNumbers(t, [r[1]], [pearson(column(predictions, 1), column(responses, 1))!], 1e-14, 'pooled r')
  t.strictSame([...pooled], [0, 1, 0, 0])
  t.match(notes[1], /pooled.*1 of 3/)
  t.ok(Number.isNaN(r[2]) && Number.isFinite(ev[2]))
  t.match(notes[2], /predictions do not vary in 1 of 3/)
  t.ok(Number.isFinite(r[3]) && notes[3] === undefined)
  const found = aggregate(r, [], 'median', null)
  t.equal(found.sitesExcluded, 2)
  t.equal(found.error, null)
})

t.test('ceiled scores: per site, then median and ratio of means; weak ceilings left out and counted', async (t) => {
  const r = Float64Array.of(0.6, -0.3, 0.5, 0.2, NaN)
  const ev = Float64Array.of(0.36, -0.1, 0.2, 0.04, 0.5)
  const found = ceiledScores(r, ev, [0.9, 0.5, 0.09, null, 0.8])
  sameNumbers(t, [found.rOverSqrtCeiling.median], [(0.6 / Math.sqrt(0.9) - 0.3 / Math.sqrt(0.5)) / 2], 1e-15, 'r/√ρ')
  sameNumbers(t, [found.r2OverCeiling.median], [(0.36 / 0.9 - 0.09 / 0.5) / 2], 1e-15, 'sign(r)·r²/ρ')
  sameNumbers(t, [found.r2OverCeiling.ratioOfMeans], [(0.36 - 0.09) / 1.4], 1e-15, 'ratio of means')
  sameNumbers(t, [found.evOverCeiling.median], [0.36 / 0.9], 1e-15, 'EV/ρ of the three sites that have both')
  t.strictSame([found.rOverSqrtCeiling.sitesExcluded, found.evOverCeiling.sitesExcluded], [3, 2])
  t.strictSame([usableCeiling(-0.4), usableCeiling(0.1), usableCeiling(null)], [null, 0.1, null])
  t.equal(ceiledScores(r, ev, [null, null, null, null, null]).evOverCeiling.median, null)
})

t.test('quantiles as NumPy interpolates them', async (t) => {
  sameNumbers(t, [quantileSorted(Float64Array.of(1, 2, 4, 8), 0.4), quantileSorted(Float64Array.of(3), 0.9)], [2.4, 3], 1e-15, 'linear')
  t.strictSame(interval95([null, NaN]), null)
  t.strictSame([median([3, NaN, 1, null, 2]), mean([1, NaN, 3]), std([1, 3]), std([5], 1)], [2, 2, 1, null])
})

t.test('an interval keeps the width of its draws and lies about the estimate', async (t) => {
  const draws = Array.from({ length: 1001 }, (_, i) => 0.3 + i / 1000) // mean 0.8, quantiles 0.325 and 1.275
  const [low, high] = interval95About(0.9, draws)!
  t.ok(Math.abs(low - 0.425) < 1e-12 && Math.abs(high - 1.375) < 1e-12)
  t.equal(interval95About(null, draws), null)
  t.equal(interval95About(0.9, [NaN]), null)
})

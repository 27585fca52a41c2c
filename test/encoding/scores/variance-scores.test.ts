import t from 'tap'
import type { NdArray } from '../../../src/domain/matrix.ts'
import { analyticReliability } from '../../../src/encoding/ceilings/analytic.ts'
import { driftOf, earlyLateReliability } from '../../../src/encoding/ceilings/early-late.ts'
import { explainableVariance, explainableVarianceByRepetition, reliabilityOfMean } from '../../../src/encoding/ceilings/explainable-variance.ts'
import { splitHalfReliability } from '../../../src/encoding/ceilings/split-half.ts'
import { brainScoreAggregate, brainScoreRevisions } from '../../../src/encoding/scores/brain-score.ts'
import { feve, feveMean } from '../../../src/encoding/scores/feve.ts'
import { poissonScores } from '../../../src/encoding/scores/poisson.ts'
import { mean } from '../../../src/encoding/scores/statistics.ts'
import { kFold } from '../../../src/encoding/splits/k-fold.ts'
import { gauss } from '../../helper/generator.ts'
import { needs, sharedJson } from '../../helper/shared.ts'
import { range, rowsOf, sameNumbers, sameSampled } from '../reference.ts'
import type { Sampled } from '../reference.ts'

const file = ['reference', 'encoding', 'scores.json']

interface Variance {
  check_rep: Sampled
  FEV: number[]
  FEVe: number[]
  ragged_repeats: { FEV: number[]; FEVe: number[] }
  explainable_variance_zscored_bias_corrected: number[]
  explainable_variance_zscored_no_bias_correction: number[]
  explainable_variance_raw_bias_corrected: number[]
}

const [n, m, R] = [40, 5, 4]
/** The recipe's trials, (stimulus x repetition x site), as (stimulus x site x repetition), and its predictions. */
const recipe = (): { rep: Float64Array; trials: NdArray; predictions: Float64Array } => {
  const signal = gauss('var:signal', n * m).map((e) => Math.abs(2 + e))
  const noise = gauss('var:rep', n * R * m)
  const rep = noise.map((e, k) => signal[Math.floor(k / (R * m)) * m + (k % m)] + (0.3 + 0.3 * (k % m)) * e)
  const at = (i: number, j: number, r: number): number => rep[(i * R + r) * m + j]
  const data = Float64Array.from({ length: n * m * R }, (_, k) => at(Math.floor(k / (m * R)), Math.floor(k / R) % m, k % R))
  return { rep, trials: { shape: [n, m, R], data }, predictions: gauss('var:pred', n * m).map((e, k) => 0.8 * signal[k] + 0.2 + 0.1 * e) }
}

t.test('explainable variance and FEVe equal to neuralpredictors and voxelwise tutorials', needs(...file), async (t) => {
  const { variance } = sharedJson<{ variance: Variance }>(...file)
  const { rep, trials, predictions } = recipe()
  sameSampled(t, rep, variance.check_rep, 1e-13, 'trials')
  const all = [{ test: range(0, n), predictions: { rows: n, cols: m, data: predictions } }]
  sameNumbers(t, explainableVariance(trials), variance.FEV, 1e-10, 'FEV')
  sameNumbers(t, feve(all, trials), variance.FEVe, 1e-10, 'FEVe')
  const ragged = { ...trials, data: trials.data.map((y, k) => (k % R < 2 + (Math.floor(k / (m * R)) % 3) ? y : NaN)) }
  sameNumbers(t, explainableVariance(ragged), variance.ragged_repeats.FEV, 1e-10, 'FEV, ragged')
  sameNumbers(t, feve(all, ragged), variance.ragged_repeats.FEVe, 1e-10, 'FEVe, ragged')
  sameNumbers(t, explainableVarianceByRepetition(trials), variance.explainable_variance_zscored_bias_corrected, 1e-10, 'by repetition')
  sameNumbers(t, explainableVarianceByRepetition(trials, { biasCorrection: false }), variance.explainable_variance_zscored_no_bias_correction, 1e-10, 'biased')
  sameNumbers(t, explainableVarianceByRepetition(trials, { zscore: false }), variance.explainable_variance_raw_bias_corrected, 1e-10, 'not z-scored')
  t.ok(explainableVarianceByRepetition(ragged).every(Number.isNaN))
})

t.test("Brain-Score's revisions", needs(...file), async (t) => {
  const { brainscore } = sharedJson<{
    brainscore: {
      ridge_alpha1_shuffle: { raw_r_split_by_neuroid: number[][]; score: number; error: number }
      ceiled: { raw_score: number; ceiling: number; r2_over_ceiling: number; older_r_over_ceiling_squared: number }
    }
  }>(...file)
  const { raw_r_split_by_neuroid: raw, score, error } = brainscore.ridge_alpha1_shuffle
  const found = brainScoreAggregate(raw.map((sites) => Float64Array.from(sites)))
  sameNumbers(t, [found.score, found.errorOverSplits], [score, error], 1e-10, 'score and error')
  const { raw_score, ceiling, r2_over_ceiling, older_r_over_ceiling_squared } = brainscore.ceiled
  const revisions = brainScoreRevisions(found.score, ceiling)
  sameNumbers(t, [revisions.raw, revisions['r/c'], revisions['(r/c)²'], revisions['r²/c']], [raw_score, raw_score / ceiling, older_r_over_ceiling_squared, r2_over_ceiling], 1e-10, 'revisions')
  t.strictSame(brainScoreRevisions(0.4, null), { raw: 0.4, 'r/c': null, '(r/c)²': null, 'r²/c': null })
  t.strictSame(brainScoreRevisions(0.4, -0.1)['r²/c'], null)
  t.strictSame(brainScoreAggregate([Float64Array.of(NaN), Float64Array.of(0.3, NaN, 0.5)]), { score: 0.4, errorOverSplits: 0 })
})

t.test('FEVe and feveMean tend to the share of the signal that is explained, per fold and then over folds', async (t) => {
  const many = 6000
  const signal = gauss('feve:signal', many)
  const trials = { shape: [many, 1, 3], data: gauss('feve:noise', 3 * many).map((e, k) => 1.5 * e + signal[Math.floor(k / 3)]) }
  const other = gauss('feve:other', many)
  const all = { rows: many, cols: 1, data: signal.map((s, i) => s + 0.5 * other[i]) } // explains 1 - .25 of the signal's variance of 1
  const folds = kFold(many, { folds: 4, shuffle: true, seed: 1 }).map(({ test }) => ({ test, predictions: rowsOf(all, test) }))
  t.ok(Math.abs(feve(folds, trials)[0] - 0.75) < 0.03, String(feve(folds, trials)[0]))
  t.ok(Math.abs(feveMean(folds, trials)[0] - 0.75) < 0.03, String(feveMean(folds, trials)[0]))
  sameNumbers(t, feve(folds, trials), [mean(folds.map((fold) => feve([fold], trials)[0]))!], 1e-12, 'mean over folds')
  t.not(feve(folds, trials)[0], feveMean(folds, trials)[0])
  const missing = { ...trials, data: trials.data.slice() }
  for (let i = 0; i < 300; i++) missing.data.fill(NaN, 3 * i + (i % 2), 3 * i + 3) // not seen at all, or once
  t.ok(Math.abs(feve(folds, missing)[0] - 0.75) < 0.04)
  t.ok(Number.isNaN(feve(folds, { ...trials, data: trials.data.map((_, k) => k % 3) })[0]), 'nothing explainable')
})

t.test('explainable variance and reliability of the mean are one number in two units', async (t) => {
  const many = 8000
  const signal = gauss('ev:signal', many)
  const trials = { shape: [many, 1, 6], data: gauss('ev:noise', 6 * many).map((e, k) => 2 * e + signal[Math.floor(k / 6)] + 10) }
  const [e] = explainableVariance(trials)
  t.ok(Math.abs(e - 0.2) < 0.01, `single trial ${e}`)
  t.ok(Math.abs(reliabilityOfMean(e, 6) - analyticReliability(trials)[0].rho!) < 0.01)
  t.ok(Math.abs(explainableVarianceByRepetition(trials)[0] - e) < 0.01)
})

t.test('Poisson scores by their definitions', async (t) => {
  // Two stimuli by hand: y = 2, 0 against predictions 1, 1; the mean count is 1.
  const counts = { rows: 2, cols: 1, data: Float64Array.of(2, 0) }
  const one = (data: number[]): { test: Int32Array; predictions: { rows: number; cols: number; data: Float64Array } }[] => [{ test: Int32Array.of(0, 1), predictions: { rows: 2, cols: 1, data: Float64Array.from(data) } }]
  const flat = poissonScores(one([1, 1]), counts)
  sameNumbers(t, [flat.deviance[0], flat.devianceExplained[0], flat.bitsPerSpike[0]], [(2 * (2 * Math.log(2) - 1) + 2) / 2, 0, 0], 1e-12, 'the mean predicts nothing')
  const perfect = poissonScores(one([2, 0]), counts)
  // Log likelihood of the truth over the mean's: 2 ln 2 - (2 - 1) + 1, over 2 spikes.
  sameNumbers(t, [perfect.deviance[0], perfect.devianceExplained[0], perfect.bitsPerSpike[0]], [0, 1, 1], 1e-12, 'the truth')
  sameNumbers(t, [poissonScores(one([2, 0.5]), counts).bitsPerSpike[0]], [(2 * Math.log(2) - 0.5) / (2 * Math.LN2)], 1e-12, 'in between')

  // Means over repetitions weigh as the trials themselves.
  const spread = poissonScores([{ test: range(0, 5), predictions: { rows: 5, cols: 1, data: Float64Array.of(3, 3, 3, 1, 1) } }], { rows: 5, cols: 1, data: Float64Array.of(2, 5, 2, 0, 1) })
  const meanCounts = { rows: 2, cols: 1, data: Float64Array.of(3, 0.5) }
  const pooled = poissonScores(one([3, 1]), meanCounts, { rows: 2, cols: 1, data: Float64Array.of(3, 2) })
  sameNumbers(t, pooled.bitsPerSpike, [...spread.bitsPerSpike], 1e-12, 'bits per spike')

  const impossible = poissonScores(one([1, -0.1]), counts)
  t.ok(Number.isNaN(impossible.deviance[0]) && /1 predictions are not over 0/.test(impossible.notes[0]!))
  t.ok(/not over 0/.test(poissonScores(one([0, 1]), counts).notes[0]!), 'a rate of 0 where there were spikes')
  const silent = poissonScores(one([0.1, 0.1]), { rows: 2, cols: 1, data: Float64Array.of(0, 0) })
  sameNumbers(t, [silent.deviance[0], silent.bitsPerSpike[0]], [0.2, NaN], 1e-12, 'no spikes')
  t.equal(silent.notes[0], 'no spikes')
  t.throws(() => poissonScores(one([1, 1]), { rows: 2, cols: 1, data: Float64Array.of(-1, 1) }), /negative/)
  t.ok(/no held-out/.test(poissonScores(one([1, 1]), { rows: 2, cols: 1, data: Float64Array.of(NaN, NaN) }).notes[0]!))
})

t.test('early against late repetitions show a drift that random halves do not', async (t) => {
  const [stimuli, sites, repetitions] = [400, 9, 8]
  const signal = gauss('drift:s', stimuli * sites)
  const change = gauss('drift:c', stimuli * sites)
  const noise = gauss('drift:n', stimuli * sites * repetitions)
  const make = (drift: number): NdArray => ({
    shape: [stimuli, sites, repetitions],
    data: noise.map((e, k) => e + signal[Math.floor(k / repetitions)] + drift * change[Math.floor(k / repetitions)] * (k % repetitions < repetitions / 2 ? 1 : -1)),
  })
  const steady = driftOf(analyticReliability(make(0)), earlyLateReliability(make(0)))
  t.ok(Math.abs(steady.difference!) < 0.03 && !steady.drifts, `steady: ${steady.difference}`)
  const drifting = driftOf(analyticReliability(make(0.6)), earlyLateReliability(make(0.6)))
  t.ok(drifting.drifts && drifting.difference! > 0.1, `drifting: ${drifting.difference}`)
  const [first] = earlyLateReliability(make(0))
  t.ok(Math.abs(first.rho! - splitHalfReliability(make(0))[0].rho!) < 0.03)

  // Valid trials count, not places: an odd one in the middle is in neither half.
  const odd = { shape: [3, 1, 5], data: Float64Array.of(1, NaN, 9, 2, NaN, 4, 5, NaN, NaN, NaN, 2, 7, 2, NaN, NaN) }
  // halves: (1, 2), (4, 5), (2, 2)
  const [x, y] = [[1, 4, 2], [2, 5, 2]]
  const [mx, my] = [7 / 3, 3]
  const r = x.reduce((s, a, i) => s + (a - mx) * (y[i] - my), 0) / Math.sqrt(x.reduce((s, a) => s + (a - mx) ** 2, 0) * y.reduce((s, b) => s + (b - my) ** 2, 0))
  sameNumbers(t, [earlyLateReliability(odd)[0].rho], [(2 * r) / (1 + r)], 1e-12, 'ragged')
  t.match(earlyLateReliability({ shape: [2, 1, 1], data: Float64Array.of(1, 2) }), [{ rho: null, reason: /2 repetitions/ }])
  t.match(earlyLateReliability({ shape: [3, 1, 2], data: new Float64Array(6).fill(2) }), [{ rho: null, reason: /do not vary/ }])
  t.strictSame(driftOf([{ rho: null }], [{ rho: 0.2 }]), { difference: null, drifts: false })
})

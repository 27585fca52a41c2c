import fs from 'node:fs'
import t from 'tap'
import type { NdArray } from '../../../src/domain/matrix.ts'
import { analyticReliability } from '../../../src/encoding/ceilings/analytic.ts'
import { brainScoreCeiling } from '../../../src/encoding/ceilings/brain-score.ts'
import { splitHalfReliability } from '../../../src/encoding/ceilings/split-half.ts'
import { median } from '../../../src/encoding/scores/statistics.ts'
import { decodeNpy } from '../../../src/numerics/npy.ts'
import { gauss } from '../../helper/generator.ts'
import { needs, shared, sharedJson } from '../../helper/shared.ts'
import { errorOf, gaussMatrix, multiply, sameNumbers } from '../reference.ts'

const raw = ['data', 'neural', 'cowley-v4-210325', 'responses_raw.npy']
const more = ['reference', 'cowley_210325_more.json']
const scores = ['reference', 'encoding', 'scores.json']

/** The real V4 session as (stimulus x site x repetition), NaN where a repetition is missing. */
const cowleyTrials = (): NdArray => {
  const { shape, data } = decodeNpy(fs.readFileSync(shared(...raw)), 'responses_raw.npy')
  const [m, n, repetitions] = shape
  const out = new Float64Array(data.length)
  for (let j = 0; j < m; j++)
    for (let i = 0; i < n; i++) out.set(data.subarray((j * n + i) * repetitions, (j * n + i + 1) * repetitions), (i * m + j) * repetitions)
  return { shape: [n, m, repetitions], data: out }
}

t.test('reliability of the real V4 session', needs(...raw), async (t) => {
  const reference = sharedJson<{ rho: number[]; rho_median: number; split_half: number[]; split_half_median: number }>(...more)
  const trials = cowleyTrials()
  const analytic = analyticReliability(trials).map((site) => site.rho)
  // The file gives six decimals per site.
  t.ok(Math.max(...analytic.map((rho, j) => Math.abs(rho! - reference.rho[j]))) <= 5.1e-7, 'analytic ρ per site')
  t.ok(errorOf(median(analytic)!, reference.rho_median) <= 1e-9, 'median of the analytic ρ')
  const halves = splitHalfReliability(trials, { draws: 100, seed: 0 }).map((site) => site.rho)
  t.ok(Math.abs(median(halves)! - reference.split_half_median) <= 0.01, `split-half median ${median(halves)}`)
  t.ok(Math.max(...halves.map((rho, j) => Math.abs(rho! - reference.split_half[j]))) <= 0.02, 'split-half per site, other draws')
  t.strictSame(splitHalfReliability(trials, { draws: 3, seed: 5 }), splitHalfReliability(trials, { draws: 3, seed: 5 }), 'a seed repeats')
})

t.test("Brain-Score's internal consistency", needs(...scores), async (t) => {
  const { ceiling } = sharedJson<{ brainscore: { ceiling: { score: number; error: number; corrected_split_by_neuroid: number[][] } } }>(...scores).brainscore
  const [n, m, repetitions] = [80, 9, 6]
  const signal = multiply(gaussMatrix('bs:latent', n, 12), gaussMatrix('bs:B', 12, m)).data
  const noise = gauss('bs:rep', repetitions * n * m)
  const data = new Float64Array(n * m * repetitions)
  for (let r = 0; r < repetitions; r++)
    for (let k = 0; k < n * m; k++) data[k * repetitions + r] = signal[k] / 3 + (0.4 + 0.25 * (k % m)) * noise[r * n * m + k]
  const found = brainScoreCeiling({ shape: [n, m, repetitions], data })
  sameNumbers(t, [found.score, found.error], [ceiling.score, ceiling.error], 1e-10, 'score and error')
  sameNumbers(
    t,
    found.corrected.flatMap((sites) => [...sites]),
    ceiling.corrected_split_by_neuroid.flat(),
    1e-10,
    'per split and site',
  )
  t.strictSame(brainScoreCeiling({ shape: [n, m * repetitions, 1], data }), { corrected: [], score: null, error: null }, 'one repetition has no halves')
})

/** Trials of known reliability: signal variance 1, noise variance `noise`, `repetitions` of them, a fifth of them missing when ragged. */
const simulate = (n: number, noise: number, repetitions: number, ragged: boolean): NdArray => {
  const signal = gauss('rho:signal', n)
  const trial = gauss(`rho:${noise}`, n * repetitions)
  const data = trial.map((e, k) => (ragged && k % repetitions > 1 && k % 5 === 0 ? NaN : signal[Math.floor(k / repetitions)] + Math.sqrt(noise) * e))
  return { shape: [n, 1, repetitions], data }
}

t.test('both reliabilities find the truth, with repetitions missing too', async (t) => {
  for (const ragged of [false, true]) {
    const trials = simulate(4000, 4, 8, ragged)
    const counts = Array.from({ length: 4000 }, (_, i) => Array.from(trials.data.subarray(8 * i, 8 * i + 8)).filter((x) => !Number.isNaN(x)).length)
    const truthOf = (used: (count: number) => number): number => 1 / (1 + counts.reduce((a, c) => a + 4 / used(c), 0) / 4000)
    const truth = truthOf((count) => count)
    const analytic = analyticReliability(trials)[0].rho!
    t.ok(Math.abs(analytic - truth) < 0.02, `analytic ${analytic.toFixed(3)} of ${truth.toFixed(3)}`)
    const halves = splitHalfReliability(trials, { draws: 20 })[0].rho!
    const halfTruth = truthOf((count) => 2 * Math.floor(count / 2))
    t.ok(Math.abs(halves - halfTruth) < 0.03, `split half ${halves.toFixed(3)} of ${halfTruth.toFixed(3)}: an odd trial is left out`)
  }
})

t.test('pure noise is near 0 and may be negative; what cannot be known is null with a reason', async (t) => {
  const noise: NdArray = { shape: [500, 3, 4], data: gauss('rho:none', 6000) }
  for (const { rho } of analyticReliability(noise)) t.ok(Math.abs(rho!) < 0.15, `${rho}`)
  const single: NdArray = { shape: [5, 1, 1], data: Float64Array.of(1, 2, 3, 4, 5) }
  t.strictSame(analyticReliability(single), [{ rho: null, reason: 'no stimulus has 2 repetitions' }])
  t.match(splitHalfReliability(single)[0], { rho: null, reason: /2 repetitions/ })
  const constant: NdArray = { shape: [5, 1, 2], data: new Float64Array(10).fill(0.3) }
  t.match(analyticReliability(constant)[0], { rho: null, reason: /do not vary/ })
  t.match(splitHalfReliability(constant)[0], { rho: null, reason: /do not vary/ })
  const one: NdArray = { shape: [2, 1, 2], data: Float64Array.of(1, 2, 3, NaN) }
  t.match(analyticReliability(one)[0], { rho: null, reason: /only one stimulus/ })
})

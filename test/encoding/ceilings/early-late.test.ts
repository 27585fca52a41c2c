import t from 'tap'
import { analyticReliability } from '../../../src/encoding/ceilings/analytic.ts'
import { driftOf, earlyLateReliability } from '../../../src/encoding/ceilings/early-late.ts'
import { pearson } from '../../../src/encoding/scores/vectors.ts'
import { gauss } from '../../helper/generator.ts'

const [n, m, repetitions] = [400, 5, 6]
const [stable, moved, noise] = [gauss('early stable', n * m), gauss('early moved', n * m), gauss('early noise', n * m * repetitions)]
/** Responses whose tuning is replaced by another, by so much at the last repetition. */
const recording = (drift: number) => ({
  shape: [n, m, repetitions],
  data: noise.map((x, at) => {
    const [cell, r] = [Math.floor(at / repetitions), at % repetitions]
    const share = (drift * r) / (repetitions - 1)
    return Math.sqrt(1 - share) * stable[cell] + Math.sqrt(share) * moved[cell] + x
  }),
})

t.test('a stable recording agrees with its ceiling, one that drifts falls short of it', (t) => {
  const of = (drift: number) => driftOf(analyticReliability(recording(drift)), earlyLateReliability(recording(drift)))
  t.ok(Math.abs(of(0).difference!) < 0.03 && !of(0).drifts, `stable: ${of(0).difference}`)
  t.ok(of(1).difference! > 0.05 && of(1).drifts, `drift: ${of(1).difference}`)
  t.end()
})

t.test('halves are the first and last valid repetitions of each stimulus', (t) => {
  const trials = recording(0)
  // Of stimulus 0 all but one repetition is missing, of stimulus 1 the middle one of five that are left.
  const data = Float64Array.from(trials.data, (x, at) => {
    const [i, r] = [Math.floor(at / (m * repetitions)), at % repetitions]
    return (i === 0 && r !== 2) || (i === 1 && r === 0) ? NaN : x
  })
  const site = 3
  const half = (from: number, count: number, i: number): number => {
    let sum = 0
    for (let r = from; r < from + count; r++) sum += data[(i * m + site) * repetitions + r] / count
    return sum
  }
  const early = Array.from({ length: n - 1 }, (_, k) => (k === 0 ? half(1, 2, 1) : half(0, 3, k + 1)))
  const late = Array.from({ length: n - 1 }, (_, k) => (k === 0 ? half(4, 2, 1) : half(3, 3, k + 1)))
  const r = pearson(early, late)!
  t.ok(Math.abs(earlyLateReliability({ shape: trials.shape, data })[site].rho! - (2 * r) / (1 + r)) < 1e-12)
  t.same(earlyLateReliability({ shape: [2, 1, 1], data: Float64Array.of(1, 2) }), [{ rho: null, reason: 'fewer than 2 stimuli have 2 repetitions' }])
  t.same(driftOf([{ rho: null }], [{ rho: 0.5 }]), { difference: null, drifts: false })
  t.end()
})

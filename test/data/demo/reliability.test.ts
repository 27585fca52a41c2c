import t from 'tap'
import { randomStream } from '../../../data/demo/random.ts'
import { record } from '../../../data/demo/simulate/record.ts'
import { meansOfReliability, trialVariance, trueReliability } from '../../../data/demo/simulate/response-model.ts'
import type { PlannedSite } from '../../../data/demo/simulate/sites.ts'
import { analyticReliability } from '../../../src/encoding/ceilings/analytic.ts'

// Monte-Carlo: the demo's own recording of 20,000 stimuli, where the estimate of rho has a standard error of about .002.
const stimuli = 20_000
const site = (animal: 'A' | 'B', fano: number, drift: number, rho: number | null): PlannedSite => ({
  siteId: `test-${animal}-${fano}-${drift}-${rho}`,
  animal: `simulated-${animal}`,
  kind: rho === null ? 'noise' : 'readout',
  fano,
  drift,
  rho,
})
const planned = [site('A', 0.5, 0.15, 0.85), site('A', 2, 0, 0.8), site('B', 0.7, -0.15, 0.6), site('B', 2, 0.15, 0.9), site('B', 1, 0.1, null)]
const drives = planned.map(({ siteId, rho }) => {
  const stream = randomStream(`drive:${siteId}`)
  return rho === null ? null : Float64Array.from({ length: stimuli }, () => Math.max(-3, Math.min(3, stream.normal())))
})
const recording = record(planned, drives, stimuli)
const trialsOf = (s: number, i: number): number[] => {
  const [, m, most] = recording.shape
  return Array.from(recording.counts.subarray((i * m + s) * most, (i * m + s + 1) * most)).filter((count) => !Number.isNaN(count))
}

t.test('the true reliability is what the estimate tends to', async (t) => {
  const estimates = analyticReliability({ shape: recording.shape, data: Float64Array.from(recording.counts) })
  recording.sites.forEach(({ siteId, rho, trueRho }, s) => {
    t.ok(Math.abs(trueRho! - (rho ?? 0)) < 1e-9, `${siteId}: the truth is the reliability asked for`)
    t.ok(Math.abs(estimates[s].rho! - trueRho!) < (rho === null ? 0.05 : 0.012), `${siteId}: estimate ${estimates[s].rho}, truth ${trueRho}`)
  })
})

t.test('trials scatter as stated, shared gain and drift included', async (t) => {
  recording.sites.forEach((simulated, s) => {
    let [observed, expected] = [0, 0]
    for (let i = 0; i < stimuli; i++) {
      const trials = trialsOf(s, i)
      const mean = trials.reduce((a, b) => a + b, 0) / trials.length
      observed += trials.reduce((sum, count) => sum + (count - mean) ** 2, 0) / (trials.length - 1) / stimuli
      expected += trialVariance(simulated.means[i], simulated.noise) / stimuli
    }
    t.ok(Math.abs(observed / expected - 1) < 0.03, `${simulated.siteId}: ${observed} of ${expected}`)
  })
})

t.test('gain is shared within an animal and not between animals', async (t) => {
  const residuals = recording.sites.map(({ means }, s) => Float64Array.from(means, (mean, i) => (trialsOf(s, i)[0] - mean) / mean))
  const mean = (values: Float64Array): number => values.reduce((sum, v) => sum + v, 0) / values.length
  const covariance = (a: Float64Array, b: Float64Array): number => mean(a.map((v, i) => v * b[i])) - mean(a) * mean(b)
  const correlation = (a: Float64Array, b: Float64Array): number => covariance(a, b) / Math.sqrt(covariance(a, a) * covariance(b, b))
  t.ok(correlation(residuals[0], residuals[1]) > 0.03)
  t.ok(Math.abs(correlation(residuals[0], residuals[2])) < 0.03)
})

t.test('a drifting site differs between early and late repetitions', async (t) => {
  const change = (s: number): number => {
    let sum = 0
    for (let i = 0; i < stimuli; i++) {
      const trials = trialsOf(s, i)
      sum += (trials.at(-1)! - trials[0]) / recording.sites[s].means[i] / stimuli
    }
    return sum
  }
  t.ok(change(0) > 0.15)
  t.ok(Math.abs(change(1)) < 0.02)
  t.ok(change(2) < -0.1)
})

t.test('a reliability beyond what shared gain allows is refused', async (t) => {
  const drive = Float64Array.from({ length: 100 }, (_, i) => i / 50 - 1)
  const repetitions = new Int32Array(100).fill(2)
  t.throws(() => meansOfReliability(drive, 0.999, repetitions, { fano: 1, gainVariance: 0.05, driftVariance: 0 }), RangeError)
})

t.test('responses that never vary have no reliability', async (t) => {
  t.equal(trueReliability(new Float64Array(10).fill(5), new Int32Array(10).fill(4), { fano: 0, gainVariance: 0, driftVariance: 0 }), null)
})

import t from 'tap'
import type { LayerScores } from '../../src/domain/fit-scores.ts'
import { summariseSeeds } from '../../src/pipeline/controls.ts'
import { layerScores } from '../helper/service-fixtures.ts'

// The fixture's median r is its mean EV and 0.1.
const layers = (...evs: (number | null)[]): LayerScores[] => evs.map((ev, i) => layerScores(`layer${i}`, ev))
const close = (a: number | null, b: number): boolean => a !== null && Math.abs(a - b) < 1e-12

t.test('mean, range and paired differences of the headline score', (t) => {
  const [first, second] = summariseSeeds(layers(0.5, 0.2), [{ seed: 1, layers: layers(0.1, 0.3) }, { seed: 2, layers: layers(0.3, 0.2) }], 'correlation.median')
  t.equal(first.layer, 'layer0')
  t.ok(close(first.mean, 0.3) && close(first.range![0], 0.2) && close(first.range![1], 0.4))
  t.ok(close(first.differences[0], 0.4) && close(first.differences[1], 0.2), 'fit less control, seed by seed')
  t.ok(close(second.mean, 0.35) && close(second.differences[0], -0.1) && close(second.differences[1], 0))
  const [byEv] = summariseSeeds(layers(0.5), [{ seed: 1, layers: layers(0.1) }], 'explainedVariance.mean')
  t.ok(close(byEv.mean, 0.1))
  t.end()
})

t.test('scores that are undefined are left out, and null where none is left', (t) => {
  const [some] = summariseSeeds(layers(0.5), [{ seed: 1, layers: layers(null) }, { seed: 2, layers: layers(0.1) }], 'explainedVariance.mean')
  t.match(some, { mean: 0.1, range: [0.1, 0.1], differences: [null, 0.4] })
  const [none] = summariseSeeds(layers(0.5), [{ seed: 1, layers: layers(null) }], 'explainedVariance.mean')
  t.match(none, { mean: null, range: null, differences: [null] })
  const [own] = summariseSeeds(layers(null), [{ seed: 1, layers: layers(0.1) }], 'explainedVariance.mean')
  t.match(own, { mean: 0.1, differences: [null] })
  t.end()
})

import t from 'tap'
import type { ResolvedFit } from '../../src/domain/fit.ts'
import { getBackbone } from '../../src/models/backbones/index.ts'
import { secondsOf } from '../../src/pipeline/time-estimate.ts'
import type { TimeFacts } from '../../src/pipeline/time-estimate.ts'

const request: ResolvedFit = {
  dataset: 'd',
  backbone: 'pixels',
  weights: 'random',
  layers: ['pixels'],
  pooling: 'none',
  sites: {},
  split: { scheme: 'kfold', folds: 3, shuffle: true, seed: 0 },
  alsoBy: [],
  mapping: { method: 'ridge', alphas: Array.from({ length: 13 }, (_, i) => 10 ** (i - 6)), alphaUnits: 'relative', alphaPer: 'site', inner: { folds: 5 } },
  controls: [],
  selectBy: 'explainedVariance.mean',
  seed: 0,
  groupDuplicates: true,
  placement: 'fill',
  encoder: 'none',
}

const facts: TimeFacts = { request, stimuli: 2560, sites: 168, threads: 2, graphs: [getBackbone('pixels')], units: [9408], divisions: [3] }

t.test('the time of a fit, in its order of magnitude', (t) => {
  const reduced = { ...facts, stimuli: 30_000, request: { ...request, reduction: { dimensions: 2048, seed: 0 } } }
  const seconds = secondsOf(reduced)
  t.ok(seconds > 109 / 3 && seconds < 3 * 109, `30,000 stimuli in primal form took 109 s, ${seconds} estimated`) // bench/RESULTS.md
  t.ok(secondsOf({ ...reduced, request }) > 100 * seconds, 'the dual form would be another matter')
  t.ok(secondsOf({ ...facts, request: { ...request, permutations: { count: 10_000, seed: 0 } } }) > 2 * secondsOf(facts), 'permutations are fits more')
  t.ok(secondsOf({ ...facts, divisions: [3, 10, 10] }) > 3 * secondsOf(facts), 'and so are further divisions')
  t.ok(secondsOf({ ...facts, threads: 1 }) >= 2 * secondsOf(facts) - 1, 'threads share the work')
  t.ok(secondsOf({ ...facts, graphs: [getBackbone('vgg16')] }) > secondsOf(facts) + 500, 'large networks take their time')
  t.end()
})

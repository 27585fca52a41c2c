import t from 'tap'
import type { BackboneRow } from '../../../src/domain/comparison.ts'
import { topOneCorrelations } from '../../../src/pipeline/comparisons/top-one.ts'

const aggregate = (value: number | null) => ({ median: value, mean: value, error: null, interval: null, intervalOf: 'median' as const, splits: [], sitesExcluded: 0 })
const row = (name: string, top1: number | null, r: number | null, weights = `sha256:${name}`): BackboneRow => ({
  name, backbone: name, weights, areas: 'search', region: 'IT', fit: name, status: 'succeeded', error: null, parameters: 1, reasons: {}, layer: 'a', depth: null, sites: 2, ceiling: null, ceiled: null, layers: [],
  imageNetTop1: { value: top1, source: null, note: null },
  scores: [{ split: 'KFold', by: null, layer: 'a', timesChosen: {}, correlation: aggregate(r), explainedVariance: aggregate(r === null ? null : 2 * r) }],
}) // prettier-ignore

// Top-1 and IT scores of four networks: r and its interval by SciPy 1.10.1's pearsonr.
const four = [row('alexnet', 0.56, 0.596), row('resnet18', 0.69, 0.678), row('cornet_z', 0.47, 0.547), row('cornet_s', 0.747, 0.6)]

t.test('over the backbones that have both', async (t) => {
  const [r, ev] = topOneCorrelations([...four, row('pixels', null, 0.2), row('failed', 0.8, null), { ...four[3], name: 'cornet_s/by-name', scores: [] }])
  t.match(r, { region: 'IT', split: 'KFold', by: null, score: 'correlation.median', backbones: 4 })
  for (const [found, expected] of [[r.r!, 0.673967362807359], [r.interval![0], -0.8150820443091938], [r.interval![1], 0.9923004412829464]]) t.ok(Math.abs(found - expected) < 1e-12)
  t.equal(ev.score, 'explainedVariance.mean')
  t.ok(Math.abs(ev.r! - r.r!) < 1e-12)
  t.equal(r.reason, undefined)
})

t.test('the same weights are one point, and three are too few', async (t) => {
  t.match(topOneCorrelations([...four.slice(0, 3), { ...four[2], name: 'cornet_z/by-name' }])[0], { backbones: 3, r: null, interval: null, reason: /at least 4 .*there are 3/ })
  t.match(topOneCorrelations(four.map((one, k) => row(one.name, 0.5, k)))[0], { backbones: 4, r: null, interval: null, reason: /does not vary/ })
  t.same(topOneCorrelations([]), [])
})

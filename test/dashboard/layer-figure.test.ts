import t from 'tap'
import { layerFigure, splitChoices } from '../../src/dashboard/figures/layer-figure.ts'
import { layerScores, scores } from '../helper/service-fixtures.ts'

t.test('EV is shown as mean with its interval, against rho; r as median against its root', async (t) => {
  const [own] = splitChoices(scores)
  const ev = layerFigure(scores, own, 'explainedVariance')
  t.match(ev, { title: /^Explained variance, mean/, split: 'kfold', best: 'features.7', ceiling: { value: 0.8, label: 'ρ' }, pixels: { value: 0.05, interval: [0, 0.1] } })
  t.strictSame(ev.points.map(({ layer, value }) => [layer, value]), [['features.2', 0.2], ['features.7', 0.35]])
  t.strictSame(ev.points[1].interval, [0.35 - 0.05, 0.35 + 0.05])
  const r = layerFigure(scores, own, 'correlation')
  t.match(r.ceiling, { value: Math.sqrt(0.8), label: '√ρ' })
  t.equal(r.points[1].value, 0.35 + 0.1)
})

t.test('random weights are summarised over seeds per layer, and left out where none was run', async (t) => {
  const seeds = [0.1, 0.3, null].map((ev, seed) => ({ seed, layers: [layerScores('features.2', ev)] }))
  const [own] = splitChoices(scores)
  const { points } = layerFigure({ ...scores, controls: { random: { seeds, summary: [] } } }, own, 'explainedVariance')
  t.strictSame(points[0].random, { mean: 0.2, range: [0.1, 0.3], seeds: 2 }, 'a seed without a score is not counted')
  t.equal(points[1].random, null)
})

t.test('another split has no controls beside it, since none were run with it; what is undefined stays so', async (t) => {
  const [own, other] = splitChoices(scores)
  const figure = layerFigure(scores, other, 'explainedVariance')
  t.match(figure, { split: /object_name/, pixels: null, points: [{ value: null, interval: null, random: null }] })
  t.strictSame(figure.range, layerFigure(scores, own, 'explainedVariance').range, 'both splits have one axis')
  t.equal(layerFigure({ ...scores, ceiling: null }, own, 'correlation').ceiling, null)
})

t.test('the axis holds every value, interval and the ceiling, and begins at 0 unless something lies below', async (t) => {
  const [own] = splitChoices(scores)
  const [low, high] = layerFigure(scores, own, 'explainedVariance').range
  t.ok(low === 0 && high > 0.8 && high < 0.9)
  const below = { ...scores, layers: [layerScores('a', -0.4)] }
  t.ok(layerFigure(below, splitChoices(below)[0], 'explainedVariance').range[0] < -0.45)
})

import t from 'tap'
import { layerFigure, splitChoices } from '../../src/dashboard/layer-figure.ts'
import { scores } from '../helper/service-fixtures.ts'

t.test('EV is shown as mean with its interval, against rho; r as median against its root', async (t) => {
  const [own] = splitChoices(scores)
  const ev = layerFigure(scores, own, 'explainedVariance')
  t.match(ev, { title: /explained variance/, split: 'kfold', ceiling: 0.8, pixels: 0.05 })
  t.strictSame(ev.points.map(({ layer, value, random }) => [layer, value, random]), [['features.2', 0.2, 0.1], ['features.7', 0.35, null]])
  t.strictSame(ev.points[1].interval, [0.35 - 0.05, 0.35 + 0.05])
  const r = layerFigure(scores, own, 'correlation')
  t.equal(r.ceiling, Math.sqrt(0.8))
  t.equal(r.points[1].value, 0.35 + 0.1)
})

t.test('another split has no controls beside it, since none were run with it; what is undefined stays so', async (t) => {
  const choices = splitChoices(scores)
  t.equal(choices.length, 2)
  const figure = layerFigure(scores, choices[1], 'explainedVariance')
  t.match(figure, { split: /object_name/, pixels: null, points: [{ value: null, interval: null, random: null }] })
  t.equal(layerFigure({ ...scores, ceiling: null }, choices[0], 'correlation').ceiling, null)
})

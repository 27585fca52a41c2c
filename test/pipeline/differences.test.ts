import t from 'tap'
import { corrected, layerDifferences, pixelDifferences, randomDifferences } from '../../src/pipeline/differences.ts'
import { layerScores } from '../helper/service-fixtures.ts'

const draws = (value: number): Float64Array => Float64Array.from({ length: 99 }, (_, b) => value + 0.001 * ((b * 37) % 99))
const layer = (name: string, ev: number) => ({ scores: layerScores(name, ev), draws: { few: true, correlation: draws(ev), explainedVariance: draws(ev), r2: draws(ev) } })

const networkOf = (name: string): string | null => (name.startsWith('resnet18:') ? 'resnet18' : null)

t.test('all pairs of few layers, of many each with the preferred one', async (t) => {
  const few = [layer('a', 0.3), layer('b', 0.2), layer('resnet18:a', 0.1)]
  const found = layerDifferences(few, 'a', networkOf)
  t.strictSame(found.map(({ a, b, between }) => [a, b, between]), [['a', 'b', 'layers'], ['a', 'resnet18:a', 'backbones'], ['b', 'resnet18:a', 'backbones']])
  t.ok(Math.abs(found[0].explainedVariance.difference! - 0.1) < 1e-12 && found[0].explainedVariance.interval![0] > 0)

  const many = Array.from({ length: 20 }, (_, k) => layer(`l${k}`, k / 100))
  t.strictSame(layerDifferences(many, 'l7', networkOf).map(({ a, b }) => [a, b]), many.filter((_, k) => k !== 7).map(({ scores }) => ['l7', scores.layer]))
})

t.test('controls: the same layer with other weights, and pixels; p over all of a kind', async (t) => {
  const layers = [layer('a', 0.3), layer('b', 0.2)]
  const random = randomDifferences(layers, 4, [layer('a', 0.1), layer('b', 0.21)])
  t.strictSame(random.map(({ a, b, seed }) => [a, b, seed]), [['a', 'a', 4], ['b', 'b', 4]])
  const all = corrected([...random, ...pixelDifferences(layers, layer('pixels', 0.05))])
  t.strictSame(all.map(({ between, explainedVariance: { p, pHolm } }) => [between, p, pHolm]), ['random', 'random', 'pixels', 'pixels'].map((kind) => [kind, 0.02, 0.04]), 'two of each kind')
})

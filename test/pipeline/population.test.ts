import t from 'tap'
import type { FitRequest } from '../../src/domain/fit.ts'
import type { LayerScores } from '../../src/domain/fit-scores.ts'
import { gauss } from '../helper/generator.ts'
import { openTestContext, temporaryFolder } from '../helper/home.ts'
import { noisePng } from './fixtures.ts'
import { addRecording, runRequest } from './run-fit.ts'

// Sites 0-2 of one animal saw all stimuli, 3-5 of another lacked the last ten; 2 and 5 are noisy.
const [n, m, repetitions] = [40, 6, 4]
const images = Array.from({ length: n }, (_, i) => noisePng(`population ${i}`))
const noise = gauss('population trials', n * m * repetitions)
const signal = gauss('population signal', n * m)
const responses = noise.map((x, at) => {
  const [i, j] = [Math.floor(at / (m * repetitions)), Math.floor(at / repetitions) % m]
  return j > 2 && i >= 30 ? NaN : signal[i * m + j] + (j % 3 === 2 ? 3 : 0.3) * x
})
const numbers = ({ correlation, explainedVariance }: Pick<LayerScores, 'correlation' | 'explainedVariance'>) => ({ correlation, explainedVariance })

t.test('sites by animal and by reliability, with what the choice left out', async (t) => {
  const context = await openTestContext(t)
  const { id } = await addRecording(context, temporaryFolder(t), {
    images, responses, shape: [n, m, repetitions], sites: { site_id: (j) => `s${j}`, animal: (j) => (j < 3 ? 'm1' : 'm2') },
  }) // prettier-ignore
  const request: FitRequest = { dataset: id, backbone: 'pixels', layers: 'all', pooling: { grid: 2 }, split: { scheme: 'kfold', folds: 4 }, mapping: { method: 'ridge', alphas: [0.1, 10], inner: { folds: 3 } }, encoder: 'none' }
  const all = await runRequest(context, request)
  const reliable = await runRequest(context, { ...request, sites: { minCeiling: 0.6 } })
  const ids = await runRequest(context, { ...request, sites: { ids: ['s0', 's1', 's3', 's4'] } })
  const [whole, chosen, named] = [all, reliable, ids].map(({ scores }) => scores.layers[0])

  t.same(all.scores.population, { sites: { before: 6, after: 6 }, animals: { m1: 3, m2: 3 }, patterns: 2 })
  t.match(reliable.scores.population, { sites: { before: 6, after: 4 }, animals: { m1: 2, m2: 2 }, patterns: 2 })
  t.same(reliable.scores.population!.unfiltered, [{ layer: 'pixels', ...numbers(whole) }], 'the scores of all sites')
  t.same(chosen.sites, named.sites, 'the reliable sites, as if they had been named')
  t.same(numbers(chosen), numbers(named))
  t.same(reliable.scores.bestLayer!.nested, ids.scores.bestLayer!.nested)
  t.ok(reliable.scores.leakage.some(({ what, severity }) => what === 'choice of sites (minCeiling)' && severity === 'note'))
  t.ok(all.scores.leakage.some(({ what }) => what === 'sites that saw different stimuli'))
  const { earlyLate, sites, median } = reliable.scores.ceiling!
  t.equal(sites.length, 4)
  t.ok(sites.every((site) => site.earlyLate! > 0.9) && Math.abs(earlyLate!.median! - median!) < 0.05 && !earlyLate!.drifts)
  t.notOk(reliable.scores.warnings.some((warning) => /early against late/.test(warning)))

  const one = await runRequest(context, { ...request, sites: { animal: 'm2' } })
  const { animals, acrossAnimals } = whole
  t.same(animals!.map(({ animal, sites }) => [animal, sites]), [['m1', 3], ['m2', 3]])
  t.same(numbers(animals![1]), numbers(one.scores.layers[0]), 'an animal at once with another is as by itself')
  t.equal(acrossAnimals!.correlation.mean, (animals![0].correlation.median! + animals![1].correlation.median!) / 2)
  t.match(acrossAnimals, { animals: 2, explainedVariance: { interval: null, intervalOver: 'animals', reason: /at least 3/ } })
  t.same(all.scores.bestLayer!.nested.acrossAnimals, acrossAnimals, 'one layer: the nested choice is it')
  t.equal(whole.sites[4].animal, 'm2')
})

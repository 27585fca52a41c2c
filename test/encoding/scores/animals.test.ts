import t from 'tap'
import { bootstrapScores } from '../../../src/encoding/bootstrap.ts'
import { animalsOf, byAnimal, meanOverAnimals, withAnimals } from '../../../src/encoding/scores/animals.ts'
import { scoreFolds } from '../../../src/encoding/scores/fold-scores.ts'
import { evaluate } from '../../../src/encoding/scores/score-layer.ts'
import { studentT975 } from '../../../src/encoding/scores/student-t.ts'
import { kFold } from '../../../src/encoding/splits/k-fold.ts'
import { sitesOf } from '../../../src/encoding/missing/patterns.ts'
import { createProducts } from '../../../src/numerics/products.ts'
import { gaussMatrix, rowsOf, sameNumbers } from '../reference.ts'

const products = await createProducts({ threads: 1 })
t.teardown(() => products.close())
const [n, m] = [48, 6]
const Y = gaussMatrix('animals:Y', n, m)
const noise = gaussMatrix('animals:e', n, m).data
const predicted = { ...Y, data: Y.data.map((y, k) => y + (1 + (k % m)) * 0.4 * noise[k]) }
const folds = kFold(n, { folds: 4, shuffle: false }).map(({ test }) => ({ test, predictions: rowsOf(predicted, test) }))
const sites = ['b', 'a', 'b', 'b', undefined, 'a'].map((animal) => (animal === undefined ? {} : { animal }))
const bootstrap = { draws: 100, seed: 2 }

t.test('an animal\'s scores are those of its sites alone, interval and all', async (t) => {
  t.same(animalsOf(sites), [{ animal: 'b', sites: [0, 2, 3] }, { animal: 'a', sites: [1, 5] }])
  const { animals } = byAnimal(await evaluate(folds, Y, withAnimals(bootstrap, sites), products), sites)
  for (const [k, own] of [[0, 2, 3], [1, 5]].entries()) {
    const pick = { sites: Int32Array.from(own) }
    const alone = await evaluate(folds.map(({ test, predictions }) => ({ test, predictions: sitesOf(predictions, pick) })), sitesOf(Y, pick), bootstrap, products)
    t.same(animals![k].correlation.splits, alone.correlation.splits)
    t.equal(animals![k].sites, own.length)
    for (const score of ['correlation', 'explainedVariance'] as const) {
      const [found, expected] = [animals![k][score], alone[score]]
      sameNumbers(t, [found.median!, found.mean!, found.error!, ...found.interval!], [expected.median!, expected.mean!, expected.error!, ...expected.interval!], 1e-12, score)
    }
  }
  t.same(byAnimal(await evaluate(folds, Y, bootstrap, products), sites.map(() => ({}))), {}, 'nothing where no animal is named')
  t.equal(withAnimals(bootstrap, [{}, {}]), bootstrap)
})

t.test('the draws of all sites are the same with subsets and without', async (t) => {
  const scores = scoreFolds(folds, Y)
  const { subsets, ...all } = await bootstrapScores(folds, Y, scores, { ...bootstrap, subsets: [[1], [0, 1, 2, 3, 4, 5]] }, products)
  t.same(all, await bootstrapScores(folds, Y, scores, bootstrap, products))
  t.same(subsets![1], all)
})

t.test('animals weigh the same, and an interval over them needs three', (t) => {
  t.match(meanOverAnimals([0.2, 0.6]), { mean: 0.4, interval: null, animalsExcluded: 0, reason: /at least 3; there are 2/ })
  t.match(meanOverAnimals([0.2, null, 0.6]), { mean: 0.4, interval: null, animalsExcluded: 1 })
  // R: t.test(c(.2, .3, .7))$conf.int
  const { mean, interval, intervalOver } = meanOverAnimals([0.2, 0.3, 0.7])
  sameNumbers(t, [mean!, ...interval!], [0.4, -0.25724, 1.05724], 1e-4, 'mean and interval')
  t.equal(intervalOver, 'animals')
  t.match(meanOverAnimals([null]), { mean: null, interval: null, animalsExcluded: 1 })
  t.end()
})

t.test("Student's t", (t) => {
  // SciPy: scipy.stats.t.ppf(.975, df)
  for (const [degrees, quantile] of [[2, 4.302652729911275], [10, 2.2281388519649385], [11, 2.200985160082949], [15, 2.131449545559323], [30, 2.042272456301238], [200, 1.9718962236316089]])
    t.ok(Math.abs(studentT975(degrees) - quantile) < 1e-5, `${degrees} degrees of freedom`)
  t.end()
})

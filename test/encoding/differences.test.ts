import t from 'tap'
import { bootstrapScores } from '../../src/encoding/bootstrap.ts'
import { comparedOf, holm, pairedDifference, pairedDifferences, twoSided } from '../../src/encoding/differences.ts'
import { scoreFolds } from '../../src/encoding/scores/fold-scores.ts'
import { evaluate } from '../../src/encoding/scores/score-layer.ts'
import { interval95, mean, quantileSorted, std } from '../../src/encoding/scores/statistics.ts'
import { kFold } from '../../src/encoding/splits/k-fold.ts'
import { createProducts } from '../../src/numerics/products.ts'
import { gauss } from '../helper/generator.ts'
import { needs, sharedJson } from '../helper/shared.ts'
import { gaussMatrix, range, rowsOf, sameNumbers } from './reference.ts'

const file = ['reference', 'encoding', 'scores.json']
const products = await createProducts({ threads: 1 })
t.teardown(() => products.close())

t.test('equal to resampled differences on the same draws', needs(...file), async (t) => {
  const { bootstrap } = sharedJson<{ bootstrap: { paired_difference: { observed: number; std_ddof0: number; percentile_linear: number[]; p_two_sided_own: number } } }>(...file)
  const reference = bootstrap.paired_difference
  const x = gauss('boot:x', 24)
  const y1 = gauss('boot:y', 24).map((e, i) => 0.7 * x[i] + 0.6 * e)
  const y2 = gauss('boot:z', 24).map((e, i) => 0.4 * x[i] + 0.8 * e)
  const responses = { rows: 24, cols: 1, data: x }
  const drawsOf = async (data: Float64Array) => {
    const folds = [{ test: range(0, 24), predictions: { rows: 24, cols: 1, data } }]
    const scores = scoreFolds(folds, responses)
    return { r: scores.r[0], draws: (await bootstrapScores(folds, responses, scores, { draws: 200, seed: 3 }, products)).correlation.median }
  }
  const [a, b] = [await drawsOf(y1), await drawsOf(y2)]
  const differences = a.draws.map((r, k) => r - b.draws[k])
  const sorted = differences.slice().sort()
  sameNumbers(t, [0.025, 0.05, 0.5, 0.95, 0.975].map((q) => quantileSorted(sorted, q)), reference.percentile_linear, 1e-10, 'quantiles')
  sameNumbers(t, [std(differences), twoSided(differences)], [reference.std_ddof0, reference.p_two_sided_own], 1e-10, 'std and p')
  const found = pairedDifference(a.r, b.r, a.draws, b.draws)
  sameNumbers(t, [found.difference], [reference.observed], 1e-10, 'difference')
  const moved = reference.observed - mean(differences)!
  sameNumbers(t, found.interval!, interval95(differences)!.map((x) => x + moved), 1e-12, 'the interval lies about the difference')
})

t.test('a layer differs from itself by nothing, from noise by something, and back by the opposite', async (t) => {
  const n = 80
  const responses = gaussMatrix('diff:y', n, 4)
  const e = gauss('diff:e', n * 4)
  const folds = (share: number) => kFold(n, { folds: 4, shuffle: true, seed: 1 }).map(({ test }) => ({ test, predictions: rowsOf({ rows: n, cols: 4, data: responses.data.map((y, k) => share * y + 0.5 * e[k]) }, test) }))
  const bootstrap = { draws: 300, seed: 1 }
  const [good, poor] = [await evaluate(folds(1), responses, bootstrap, products), await evaluate(folds(0.2), responses, bootstrap, products)]
  const compared = { good: comparedOf(good)!, poor: comparedOf(poor)! }
  const found = pairedDifferences(compared.good, compared.poor)
  for (const score of ['correlation', 'explainedVariance', 'r2'] as const) {
    t.ok(found[score].difference! > 0.2 && found[score].interval![0] > 0 && found[score].p! < 0.01, score)
    const back = pairedDifferences(compared.poor, compared.good)[score]
    sameNumbers(t, [back.difference, ...back.interval!, back.p], [-found[score].difference!, -found[score].interval![1], -found[score].interval![0], found[score].p!], 1e-12, `${score} turned round`)
  }
  const same = pairedDifferences(compared.good, compared.good)
  t.strictSame(same.correlation, { difference: 0, interval: [0, 0], p: 1 })
  t.equal(comparedOf(await evaluate(folds(1), responses, null, products)), null)
  t.throws(() => pairedDifference(1, 0, new Float64Array(3), new Float64Array(4)), /no pairs/)
  t.strictSame(pairedDifference(null, 0, new Float64Array(3), new Float64Array(3)), { difference: null, interval: null, p: null })
  t.equal(twoSided(Float64Array.of(NaN)), null)
  t.equal(twoSided(Float64Array.of(1, 2, 3)), 0.5)
})

t.test("Holm's correction", async (t) => {
  sameNumbers(t, holm([0.01, 0.04, 0.03, null, 0.005]), [0.03, 0.06, 0.06, 'NaN', 0.02], 1e-15, 'as in R: p.adjust(c(.01, .04, .03, .005), "holm")')
  t.strictSame(holm([0.9, 0.8]), [1, 1])
})

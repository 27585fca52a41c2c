import t from 'tap'
import { analyticReliability } from '../../src/encoding/ceilings/analytic.ts'
import { scoreFolds } from '../../src/encoding/scores/fold-scores.ts'
import { scoreLayer } from '../../src/encoding/scores/score-layer.ts'
import { mean, median } from '../../src/encoding/scores/statistics.ts'
import { createProducts } from '../../src/numerics/products.ts'
import { createRandomState } from '../../src/numerics/random/mt19937.ts'
import { inFolds } from './fixed-models.ts'

// Intervals of ceiled scores: the scores and the reliabilities that they are divided by rest on the same stimuli, and err together.

const SETS = 200
const products = await createProducts({ threads: 1 })
t.teardown(() => products.close())

const [n, m, R, folds] = [120, 4, 4, 3]
/** sd of single trials about a signal of variance 1 */
const noise = [1, 1.5, 2, 2.5]
const rho = noise.map((sd) => 1 / (1 + (sd * sd) / R))

const simulate = (seed: number) => {
  const random = createRandomState(seed)
  const signal = Float64Array.from({ length: n * m }, () => random.gauss())
  const trials = { shape: [n, m, R], data: Float64Array.from({ length: n * m * R }, (_, k) => signal[Math.floor(k / R)] + noise[Math.floor(k / R) % m] * random.gauss()) }
  const Y = { rows: n, cols: m, data: signal.map((_, cell) => mean(trials.data.subarray(cell * R, cell * R + R))!) }
  const predictions = { rows: n, cols: m, data: signal.map((s) => 0.8 * s + 0.4 * random.gauss()) }
  return { Y, trials, held: inFolds(predictions, folds) }
}

t.test('intervals of ceiled scores cover what the score would be with the reliability known', async (t) => {
  const many = Array.from({ length: 150 }, (_, k) => {
    const { Y, held } = simulate(50_000 + k)
    return scoreFolds(held, Y)
  })
  const expected = (key: 'r' | 'ev', form: (score: number, rho: number) => number): number => median(rho.map((c, j) => form(mean(many.map((scores) => scores[key][j]))!, c)))!
  const truth = { rOverSqrtCeiling: expected('r', (r, c) => r / Math.sqrt(c)), r2OverCeiling: expected('r', (r, c) => (r * r) / c), evOverCeiling: expected('ev', (ev, c) => ev / c) }
  const covered = { rOverSqrtCeiling: 0, r2OverCeiling: 0, evOverCeiling: 0 }
  const names = Object.keys(covered) as (keyof typeof covered)[]
  for (let set = 0; set < SETS; set++) {
    const { Y, trials, held } = simulate(set)
    const { scores } = await scoreLayer(
      {
        layer: 'l', units: 1, rank: 1, responses: Y, alphaCount: 0, bootstrap: { draws: 200, seed: set }, kind: { unit: 'other', trials },
        folds: held.map((fold) => ({ ...fold, alphas: [1, 1, 1, 1], alphaIndex: [0, 0, 0, 0] })),
        sites: noise.map((_, j) => ({ siteId: `s${j}`, region: 'IT' })), ceilings: analyticReliability(trials).map((site) => site.rho),
      },
      products,
    ) // prettier-ignore
    for (const name of names) {
      const { interval, median: score } = scores.ceiled[name]
      if (set === 0) t.ok(interval![0] < score! && score! < interval![1], `${name} lies in its interval`)
      if (interval![0] <= truth[name] && truth[name] <= interval![1]) covered[name]++
    }
  }
  for (const name of names) t.ok(covered[name] / SETS >= 0.9 && covered[name] / SETS <= 0.98, `${name}: ${covered[name] / SETS}`)
})

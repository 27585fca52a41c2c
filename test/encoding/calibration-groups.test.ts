import t from 'tap'
import { comparedOf, pairedDifferences } from '../../src/encoding/differences.ts'
import { expandDraws, expansionOf } from '../../src/encoding/expand-draws.ts'
import { scoreFolds } from '../../src/encoding/scores/fold-scores.ts'
import { evaluate } from '../../src/encoding/scores/score-layer.ts'
import { mean, median } from '../../src/encoding/scores/statistics.ts'
import { leaveOneGroupOut } from '../../src/encoding/splits/group-k-fold.ts'
import { createProducts } from '../../src/numerics/products.ts'
import { createRandomState } from '../../src/numerics/random/mt19937.ts'
import { rowsOf, sameNumbers } from './reference.ts'

// Whole groups (objects, categories) are held out and drawn, and there are few of them: the intervals have to allow for that.

const SETS = 200
const products = await createProducts({ threads: 1 })
t.teardown(() => products.close())

const [m, perGroup] = [5, 20]

/** How well the models do differs from group to group. Two sets of predictions that are equally good. */
const simulate = (seed: number, groups: number) => {
  const random = createRandomState(seed)
  const n = groups * perGroup
  const [Y, a, b] = [0, 1, 2].map(() => ({ rows: n, cols: m, data: new Float64Array(n * m) }))
  for (let g = 0; g < groups; g++) {
    const gain = [0.5 + 0.35 * random.gauss(), 0.5 + 0.35 * random.gauss()]
    for (let k = g * perGroup * m; k < (g + 1) * perGroup * m; k++) {
      const [s, z] = [random.gauss(), random.gauss()]
      Y.data[k] = gain[0] * s + gain[1] * z + random.gauss()
      a.data[k] = 0.5 * s
      b.data[k] = 0.5 * z
    }
  }
  const units = Array.from({ length: n }, (_, i) => `g${Math.floor(i / perGroup)}`)
  const folds = (predictions: typeof a) => leaveOneGroupOut(units).map(({ test }) => ({ test, predictions: rowsOf(predictions, test) }))
  return { Y, units, a: folds(a), b: folds(b) }
}

for (const groups of [4, 8])
  t.test(`${groups} groups`, async (t) => {
    const many = Array.from({ length: Math.ceil(800 / groups) }, (_, k) => {
      const { Y, a } = simulate(70_000 + k, groups)
      return scoreFolds(a, Y)
    })
    const expected = (key: 'r' | 'ev'): number[] => Array.from({ length: m }, (_, j) => mean(many.map((scores) => scores[key][j]))!)
    const truth = { correlation: median(expected('r'))!, explainedVariance: mean(expected('ev'))! }
    const covered = { correlation: 0, explainedVariance: 0, differenceOfR: 0, differenceOfEv: 0 }
    for (let set = 0; set < SETS; set++) {
      const { Y, units, a, b } = simulate(set, groups)
      const [first, second] = await Promise.all([a, b].map((folds) => evaluate(folds, Y, { draws: 150, seed: set, units, few: true }, products)))
      const difference = pairedDifferences(comparedOf(first)!, comparedOf(second)!)
      const holds = (interval: [number, number] | null, value: number): number => (interval![0] <= value && value <= interval![1] ? 1 : 0)
      covered.correlation += holds(first.correlation.interval, truth.correlation)
      covered.explainedVariance += holds(first.explainedVariance.interval, truth.explainedVariance)
      covered.differenceOfR += holds(difference.correlation.interval, 0)
      covered.differenceOfEv += holds(difference.explainedVariance.interval, 0)
    }
    for (const [name, count] of Object.entries(covered)) t.ok(count / SETS >= 0.9 && count / SETS <= 0.98, `${name}: ${count / SETS}`)
  })

t.test('draws of few groups are spread about their mean', (t) => {
  sameNumbers(t, [expansionOf(['a', 'b', 'c', 'a'])], [Math.sqrt(3 / 2) * (4.30265273 / 1.959963984540054)], 1e-12, 'Student t with 2 degrees of freedom')
  t.equal(expansionOf(['a', 'a']), 1)
  t.strictSame(expandDraws(Float64Array.of(1, NaN, 3), 2), Float64Array.of(0, NaN, 4))
  t.end()
})

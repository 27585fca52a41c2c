import t from 'tap'
import { scoreFolds } from '../../src/encoding/scores/fold-scores.ts'
import { evaluate } from '../../src/encoding/scores/score-layer.ts'
import { mean, median } from '../../src/encoding/scores/statistics.ts'
import { createProducts } from '../../src/numerics/products.ts'
import { inFolds, noiseOf, SCALE, SHARE, simulate } from './fixed-models.ts'

// The hard cases: many sites, whose mean is exact, on folds of few stimuli, where EV and R² are biased.

const SETS = 200
const products = await createProducts({ threads: 1 })
t.teardown(() => products.close())

const covers = (interval: [number, number] | null | undefined, truth: number): number => (interval && interval[0] <= truth && truth <= interval[1] ? 1 : 0)

for (const [n, m, folds] of [
  [60, 10, 6],
  [200, 20, 5],
  [60, 1, 5],
] as const)
  t.test(`${m} sites on folds of ${n / folds} stimuli`, async (t) => {
    const noise = noiseOf(m)
    // Of the mean over folds: the mean over many sets of the same size. Of the pooled form: what very many stimuli would show.
    const many = Array.from({ length: Math.ceil(16000 / n) }, (_, k) => {
      const { Y, predictions } = simulate(100_000 + k, n, m)
      return scoreFolds(inFolds(predictions[0], folds), Y)
    })
    const expected = (key: 'r' | 'ev' | 'r2'): number[] => noise.map((_, j) => mean(many.map((scores) => scores[key][j]))!)
    const truth = { correlation: median(expected('r'))!, explainedVariance: mean(expected('ev'))!, r2: mean(expected('r2'))! }
    const limit = mean(noise.map((sd) => 1 - (1 + sd * sd + SCALE ** 2 - 2 * SCALE * SHARE) / (1 + sd * sd)))!
    const share = { correlation: 0, explainedVariance: 0, r2: 0, pooledEv: 0, pooledR2: 0 }
    for (let set = 0; set < SETS; set++) {
      const { Y, predictions } = simulate(set, n, m)
      const found = await evaluate(inFolds(predictions[0], folds), Y, { draws: 160, seed: set }, products)
      share.correlation += covers(found.correlation.interval, truth.correlation)
      share.explainedVariance += covers(found.explainedVariance.interval, truth.explainedVariance)
      share.r2 += covers(found.r2.interval, truth.r2)
      share.pooledEv += covers(found.explainedVariance.pooledOverFolds!.interval, limit)
      share.pooledR2 += covers(found.r2.pooledOverFolds!.interval, limit)
    }
    // On folds of ten, intervals are somewhat wide, those of R² more so: a draw adds its own error of the mean to that of the fold.
    const most = n / folds < 40 ? 1 : 0.98
    for (const [score, count] of Object.entries(share)) {
      const covered = count / SETS
      t.ok(covered >= 0.9 && covered <= most, `${score}: ${covered.toFixed(3)}`)
    }
  })

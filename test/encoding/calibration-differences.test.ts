import t from 'tap'
import { comparedOf, pairedDifferences } from '../../src/encoding/differences.ts'
import { evaluate } from '../../src/encoding/scores/score-layer.ts'
import { createProducts } from '../../src/numerics/products.ts'
import { inFolds, simulate } from './fixed-models.ts'

const SETS = 200
const products = await createProducts({ threads: 1 })
t.teardown(() => products.close())

/** Largest distance of the shares of p-values up to each from those of a uniform distribution (Kolmogorov-Smirnov). */
const distanceToUniform = (values: readonly number[]): number => {
  const sorted = Float64Array.from(values).sort()
  return sorted.reduce((most, x, i) => Math.max(most, Math.abs((i + 1) / sorted.length - x), Math.abs(i / sorted.length - x)), 0)
}

/** By how much small p-values are more frequent than they should be: the median over a few sites jumps from site to site in the draws, and its p is too large. */
const excessOfSmall = (values: readonly number[]): number => Float64Array.from(values).sort().reduce((most, x, i) => Math.max(most, (i + 1) / values.length - x), 0)

for (const m of [1, 5])
  t.test(`p of a difference is uniform where two layers are equally good, ${m} sites`, async (t) => {
    const found = { correlation: [] as number[], explainedVariance: [] as number[], r2: [] as number[] }
    for (let set = 0; set < SETS; set++) {
      const { Y, predictions } = simulate(set, 160, m, 2)
      const [a, b] = await Promise.all(predictions.map((each) => evaluate(inFolds(each, 4), Y, { draws: 200, seed: set }, products)))
      const differences = pairedDifferences(comparedOf(a)!, comparedOf(b)!)
      for (const score of ['correlation', 'explainedVariance', 'r2'] as const) found[score].push(differences[score].p!)
    }
    for (const [score, values] of Object.entries(found)) {
      const distance = score === 'correlation' && m > 1 ? excessOfSmall(values) : distanceToUniform(values)
      t.ok(distance < 1.63 / Math.sqrt(SETS), `${score}: ${distance.toFixed(3)}; ${values.filter((p) => p <= 0.05).length / SETS} under .05`)
    }
  })

import fc from 'fast-check'
import t from 'tap'
import { drawWeights } from '../../../src/encoding/bootstrap.ts'
import { bootstrapComparison } from '../../../src/encoding/rsa/bootstrap-rdm.ts'
import { compareRdms } from '../../../src/encoding/rsa/compare.ts'
import { meanGramByGroup } from '../../../src/encoding/rsa/group-gram.ts'
import { meanByGroup } from '../../../src/encoding/rsa/patterns.ts'
import { eachPair, rdmFromGram, rdmOf } from '../../../src/encoding/rsa/rdm.ts'
import type { Rdm } from '../../../src/encoding/rsa/rdm.ts'
import { interval95About, mean } from '../../../src/encoding/scores/statistics.ts'
import { createProducts } from '../../../src/numerics/products.ts'
import { gauss } from '../../helper/generator.ts'
import { gaussMatrix, gram, multiply, sameNumbers } from '../reference.ts'

const products = await createProducts({ threads: 1 })
t.teardown(() => products.close())

const comparisons = ['spearman', 'pearson', 'kendall'] as const

t.test('a draw is the comparison over pairs repeated as both of their rows are', async (t) => {
  const value = fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 0, max: 6 }) }, { weight: 1, arbitrary: fc.constant(NaN) })
  const rdms = fc.integer({ min: 3, max: 8 }).chain((n) => {
    const values = fc.array(value, { minLength: (n * (n - 1)) / 2, maxLength: (n * (n - 1)) / 2 })
    return fc.tuple(fc.constant(n), values, values)
  })
  fc.assert(
    fc.property(rdms, fc.integer({ min: 0, max: 1000 }), ([n, x, y], seed) => {
      const [a, b]: Rdm[] = [{ n, values: Float64Array.from(x) }, { n, values: Float64Array.from(y) }]
      const times = drawWeights(n, { draws: 5, seed })
      return comparisons.every((comparison) => {
        const found = bootstrapComparison(a, b, comparison, { draws: 5, seed })
        return found.every((score, draw) => {
          const repeated: number[] = []
          eachPair(n, (i, j, place) => {
            for (let copy = 0; copy < times[draw * n + i] * times[draw * n + j]; copy++) repeated.push(place)
          })
          const pick = ({ values }: Rdm): Rdm => ({ n, values: Float64Array.from(repeated, (place) => values[place]) })
          const expected = compareRdms(pick(a), pick(b), comparison)
          return expected === null ? Number.isNaN(score) : Math.abs(score - expected) < 1e-12
        })
      })
    }),
    { numRuns: 300 },
  )
  t.pass('held for all')
})

t.test('its 95 % interval covers the expected agreement in 88 to 99 % of data sets', async (t) => {
  const [n, d, m, sets] = [24, 6, 12, 200]
  const [A, B] = [gaussMatrix('boot:A', d, m), gaussMatrix('boot:B', d, m)]
  const rdmOfSet = (name: string, W: typeof A, latent: typeof A): Promise<Rdm> => {
    const noise = gauss(name, n * m)
    return rdmOf({ rows: n, cols: m, data: multiply(latent, W).data.map((x, k) => x + 1.5 * noise[k]) }, 'euclidean', products)
  }
  const found: { value: number; interval: [number, number] }[] = []
  for (let s = 0; s < sets; s++) {
    const latent = gaussMatrix(`boot:z${s}`, n, d)
    const [a, b] = [await rdmOfSet(`boot:e${s}`, A, latent), await rdmOfSet(`boot:f${s}`, B, latent)]
    const value = compareRdms(a, b, 'spearman')!
    found.push({ value, interval: interval95About(value, bootstrapComparison(a, b, 'spearman', { draws: 200, seed: s }))! })
  }
  const expected = mean(found.map(({ value }) => value))!
  const covered = found.filter(({ interval: [low, high] }) => low <= expected && expected <= high).length / sets
  t.ok(covered >= 0.88 && covered <= 0.99, `covered ${covered}`)
})

t.test('Gram sums of means by group give the RDM of the mean activations', async (t) => {
  const shape = fc.record({ n: fc.integer({ min: 3, max: 12 }), p: fc.integer({ min: 1, max: 7 }), groups: fc.integer({ min: 2, max: 5 }), name: fc.string() })
  await fc.assert(
    fc.asyncProperty(shape, async ({ n, p, groups, name }) => {
      const X = { rows: n, cols: p, data: gauss(name, n * p).map((x) => x + 2) }
      const labels = Array.from({ length: n }, (_, i) => `g${(7 * i) % groups}`)
      const centre = Float64Array.from({ length: p }, (_, k) => 0.3 * k + 1)
      const sums = {
        K: gram(X, centre),
        dotMean: Float64Array.from({ length: n }, (_, i) => centre.reduce((sum, c, k) => sum + c * X.data[i * p + k], 0)),
        meanSquare: centre.reduce((sum, c) => sum + c * c, 0),
        sums: Float64Array.from({ length: n }, (_, i) => X.data.subarray(i * p, (i + 1) * p).reduce((a, b) => a + b, 0)),
        units: p,
      }
      const byGroup = meanGramByGroup(sums, labels)
      const explicit = meanByGroup(X, labels)
      if (JSON.stringify(byGroup.groups) !== JSON.stringify(explicit.groups)) return false
      for (const distance of ['euclidean', 'cosine', ...(p > 2 ? (['pearson'] as const) : [])] as const) {
        const [a, b] = [rdmFromGram(byGroup.gram, distance).values, (await rdmOf(explicit.patterns, distance, products)).values]
        if (!a.every((x, k) => Math.abs(x - b[k]) < 1e-6)) return false
      }
      return true
    }),
    { numRuns: 100 },
  )
  const X = gaussMatrix('groups', 10, 40)
  const sums = { K: gram(X), dotMean: new Float64Array(10), meanSquare: 0, sums: Float64Array.from({ length: 10 }, (_, i) => X.data.subarray(40 * i, 40 * i + 40).reduce((a, b) => a + b, 0)), units: 40 }
  const labels = [3, 1, 2, 1, 3, 2, 4, 4, 1, 2]
  sameNumbers(t, rdmFromGram(meanGramByGroup(sums, labels).gram, 'pearson').values, Array.from((await rdmOf(meanByGroup(X, labels).patterns, 'pearson', products)).values), 1e-12, 'wide activations')
})

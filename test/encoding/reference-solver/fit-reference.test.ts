import t from 'tap'
import type { Test } from 'tap'
import type { LinearMapping, PlsMapping, RidgeMapping } from '../../../src/domain/fit.ts'
import type { Matrix } from '../../../src/domain/matrix.ts'
import { fitLinearFold } from '../../../src/encoding/linear/linear.ts'
import { fitPlsFold } from '../../../src/encoding/pls/pls.ts'
import { fitReference } from '../../../src/encoding/reference/fit-reference.ts'
import type { ReferenceFit } from '../../../src/encoding/reference/fit-reference.ts'
import { fitRidgeFold } from '../../../src/encoding/ridge/ridge.ts'
import { kFold } from '../../../src/encoding/splits/k-fold.ts'
import { withinRows } from '../../../src/encoding/splits/make-splits.ts'
import { createLinearAlgebra } from '../../../src/numerics/linear-algebra.ts'
import { createProducts } from '../../../src/numerics/products.ts'
import { gauss } from '../../helper/generator.ts'
import { gram } from '../reference.ts'

// Two ways to every answer: eigenvectors of the Gram matrix here, ml-matrix, ml-pca and ml-pls on the activations themselves there.

const tools = { la: await createLinearAlgebra(), products: await createProducts({ threads: 1 }) }
t.teardown(() => tools.products.close())

const problem = (name: string, n: number, p: number, m: number) => {
  const X: Matrix = { rows: n, cols: p, data: gauss(`${name} X`, n * p).map((x, k) => x / (1 + (k % p) / 4) + 2) }
  const B = gauss(`${name} B`, p * m)
  const Y: Matrix = { rows: n, cols: m, data: gauss(`${name} noise`, n * m).map((e, at) => {
    let signal = (at % m) + 0.5 * e
    for (let k = 0; k < p; k++) signal += X.data[Math.floor(at / m) * p + k] * B[k * m + (at % m)]
    return signal
  }) } // prettier-ignore
  const [split] = kFold(n, { folds: 4, shuffle: true, seed: 1 })
  return { X, Y, K: gram(X, X.data.slice(0, p)), ...split, inner: withinRows(kFold(split.train.length, { folds: 3, shuffle: false }), split.train) }
}
const tall = problem('tall', 48, 9, 4)
const wide = problem('wide', 36, 80, 3)

const near = (t: Test, a: ArrayLike<number>, b: ArrayLike<number>, what: string, tolerance: number): void => {
  const scale = Math.max(1, ...Array.from(b, Math.abs))
  const off = Math.max(...Array.from(a, (x, i) => Math.abs(x - b[i]))) / scale
  t.ok(a.length === b.length && off < tolerance, `${what}: off by ${off}`)
}

t.test('ridge', async (t) => {
  for (const [name, { K, ...shared }] of Object.entries({ tall, wide }))
    for (const change of [{}, { alphaPer: 'all' as const, sharedLoss: 'raw' as const }, { pca: 5 }]) {
      const mapping: RidgeMapping = { method: 'ridge', alphas: [1e-4, 1e-2, 1, 100], alphaUnits: 'relative', alphaPer: 'site', inner: { folds: 3 }, ...change }
      const what = `${name} ${JSON.stringify(change)}`
      const main = await fitRidgeFold({ K, ...shared, ...mapping, pca: change.pca, inner: shared.inner }, tools)
      const other = fitReference({ ...shared, mapping })
      t.strictSame([...other.alphaIndex], [...main.alphaIndex], `${what}: penalties`)
      near(t, other.alphas, main.alphas, `${what}: penalties as absolute`, 1e-10)
      near(t, other.predictions.data, main.predictions.data, what, 1e-9)
      near(t, other.innerScores.correlation, main.innerScores.correlation, `${what}: inner r`, 1e-9)
      near(t, other.innerScores.explainedVariance, main.innerScores.explainedVariance, `${what}: inner EV`, 1e-9)
      t.equal(other.rank, main.rank)
    }
})

t.test('least squares, of minimum norm where units outnumber stimuli', async (t) => {
  for (const [name, { K, ...shared }] of Object.entries({ tall, wide }))
    for (const pca of [undefined, 6]) {
      const mapping: LinearMapping = { method: 'linear', inner: { folds: 3 }, ...(pca && { pca }) }
      const main = await fitLinearFold({ K, ...shared, pca }, tools)
      const other = fitReference({ ...shared, mapping })
      near(t, other.predictions.data, main.predictions.data, `${name}, ${pca} components`, 1e-9)
      t.equal(other.rank, main.rank)
    }
})

t.test('PLS', async (t) => {
  for (const [name, { K, ...shared }] of Object.entries({ tall, wide }))
    for (const change of [{}, { yScale: 'site' as const }, { perSite: true }, { pca: 8, components: 3 }, { components: 50 }]) {
      const mapping: PlsMapping = { method: 'pls', components: 5, yScale: 'none', perSite: false, solver: 'reference', inner: { folds: 3 }, ...change }
      const { components, yScale, perSite } = mapping
      const main = await fitPlsFold({ K, ...shared, components, yScale, perSite, pca: change.pca }, tools)
      near(t, fitReference({ ...shared, mapping }).predictions.data, main.predictions.data, `${name} ${JSON.stringify(change)}`, 1e-6)
    }
})

t.test('inner scores of mappings without a penalty are those of fits on the inner folds', async (t) => {
  const { K, X, Y, train, test, inner } = tall
  const mapping: PlsMapping = { method: 'pls', components: 2, yScale: 'none', perSite: false, solver: 'reference', inner: { folds: 3 } }
  const { innerScores, alphas } = fitReference({ X, Y, train, test, inner, mapping })
  const scores = await Promise.all(inner.map(async (split) => (await fitPlsFold({ K, Y, ...split, components: 2, yScale: 'none' }, tools)).predictions))
  const r = scores.map((predictions, f) => pearson(predictions, Y, inner[f].test, 1))
  t.ok(Math.abs(innerScores.correlation[1] - r.reduce((a, b) => a + b) / 3) < 1e-7)
  t.ok(alphas.every(Number.isNaN))
})

const pearson = (P: Matrix, Y: Matrix, rows: Int32Array, j: number): number => {
  const [p, y] = [Array.from(rows, (_, i) => P.data[i * P.cols + j]), Array.from(rows, (row) => Y.data[row * Y.cols + j])]
  const [mp, my] = [p, y].map((values) => values.reduce((a, b) => a + b) / values.length)
  const sum = (f: (i: number) => number): number => p.reduce((total, _, i) => total + f(i), 0)
  return sum((i) => (p[i] - mp) * (y[i] - my)) / Math.sqrt(sum((i) => (p[i] - mp) ** 2) * sum((i) => (y[i] - my) ** 2))
}

t.test('what does not vary is predicted by its mean, and leaves nothing undefined', async (t) => {
  const { X, train, test, inner } = wide
  const Y: Matrix = { rows: 36, cols: 2, data: Float64Array.from({ length: 72 }, (_, k) => (k % 2 === 0 ? 3 : wide.Y.data[(k >> 1) * 3])) }
  const flat: Matrix = { ...X, data: new Float64Array(X.data.length).fill(1.5) }
  const shared = { inner: { folds: 3 } }
  const mappings: (RidgeMapping | LinearMapping | PlsMapping)[] = [
    { method: 'ridge', alphas: [1, 10], alphaUnits: 'relative', alphaPer: 'site', ...shared },
    { method: 'linear', ...shared },
    { method: 'pls', components: 3, yScale: 'site', perSite: false, solver: 'reference', ...shared },
  ]
  const check = ({ predictions }: ReferenceFit, sites: number[], what: string): void => {
    for (const j of sites) {
      const mean = train.reduce((sum, row) => sum + Y.data[row * 2 + j], 0) / train.length
      for (let i = 0; i < test.length; i++) if (!(Math.abs(predictions.data[i * 2 + j] - mean) < 1e-9)) t.fail(`${what}, site ${j}: ${predictions.data[i * 2 + j]} instead of ${mean}`)
    }
    t.ok(predictions.data.every(Number.isFinite), what)
  }
  for (const mapping of mappings) {
    check(fitReference({ X, Y, train, test, inner, mapping }), [0], `${mapping.method}: a constant site`)
    check(fitReference({ X: flat, Y, train, test, inner, mapping }), [0, 1], `${mapping.method}: constant activations`)
  }
})

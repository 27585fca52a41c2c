import path from 'node:path'
import t from 'tap'
import { createProducts } from '../../src/numerics/products.ts'
import { columnMeans, computeLayerGram } from '../../src/pipeline/layer-gram.ts'
import { createSpill } from '../../src/pipeline/spill.ts'
import { gauss, uniforms } from '../helper/generator.ts'
import { temporaryFolder } from '../helper/home.ts'

// Activations with a mean far larger than their spread, where products that are not taken about the mean lose their digits.
const [n, p] = [19, 21_000] // two blocks on disk, and slices that are not full
const noise = gauss('activations', n * p)
const centre = uniforms('means', p)
const X = Float32Array.from(noise, (x, at) => 30 * centre[at % p] + x * (1 + (at % 7)))

/** K, Xμ, X1, Σx², μ'μ and Σμ by their definitions. */
const direct = () => {
  const mu = new Float64Array(p)
  for (let i = 0; i < n; i++) for (let k = 0; k < p; k++) mu[k] += X[i * p + k] / n
  const row = (i: number, f: (x: number, k: number) => number): number => {
    let sum = 0
    for (let k = 0; k < p; k++) sum += f(X[i * p + k], k)
    return sum
  }
  return {
    K: Array.from({ length: n * n }, (_, at) => row(Math.floor(at / n), (x, k) => (x - mu[k]) * (X[(at % n) * p + k] - mu[k]))),
    Xmu: Array.from({ length: n }, (_, i) => row(i, (x, k) => x * mu[k])),
    Xsum: Array.from({ length: n }, (_, i) => row(i, (x) => x)),
    sumSquares: Array.from({ length: n }, (_, i) => row(i, (x) => x * x)),
    muSquared: mu.reduce((sum, x) => sum + x * x, 0),
    muSum: mu.reduce((sum, x) => sum + x, 0),
  }
}

const worst = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let [difference, scale] = [0, 0]
  for (let i = 0; i < b.length; i++) {
    difference = Math.max(difference, Math.abs(a[i] - b[i]))
    scale = Math.max(scale, Math.abs(b[i]))
  }
  return a.length === b.length ? difference / scale : NaN
}

t.test('the Gram matrix and its sums equal their definitions', async (t) => {
  const products = await createProducts({ threads: 1 })
  t.teardown(() => products.close())
  const spill = createSpill(path.join(temporaryFolder(t), 'spill'), n, p)
  t.teardown(() => spill.remove())
  spill.write(0, X)
  const reference = direct()
  for (const [precision, tolerance] of [['f64', 1e-13], ['f32', 1e-5]] as const) {
    const progress: number[] = []
    const gram = await computeLayerGram(spill, precision, { products, onUnits: (units) => progress.push(units) })
    t.match(gram, { units: p, stimuli: n, precision })
    t.ok(worst(gram.K, reference.K) < tolerance, `${precision}: K by ${worst(gram.K, reference.K)} of its scale`)
    for (const sum of ['Xmu', 'Xsum', 'sumSquares'] as const) t.ok(worst(gram[sum], reference[sum]) < 1e-12, `${precision}: ${sum}`)
    for (const sum of ['muSquared', 'muSum'] as const) t.ok(worst([gram[sum]], [reference[sum]]) < 1e-12, `${precision}: ${sum}`)
    t.ok(gram.K.every((x, at) => x === gram.K[(at % n) * n + Math.floor(at / n)]), `${precision}: symmetric to the bit`)
    t.equal(progress.at(-1), p)
    t.ok(progress.every((units, i) => i === 0 || units > progress[i - 1]))
  }
  t.test('an abort between two slices ends it', async (t) => {
    const controller = new AbortController()
    const reason = new Error('cancelled')
    await t.rejects(computeLayerGram(spill, 'f32', { products, signal: controller.signal, onUnits: () => controller.abort(reason) }), reason)
  })
})

t.test('the largest eigenvalue is not underestimated, and by 6 % overestimated at most', async (t) => {
  const products = await createProducts({ threads: 1 })
  t.teardown(() => products.close())
  // Two stimuli of opposite sign: K = [[s, -s], [-s, s]] / 4 with the eigenvalue s/2.
  const gramOf = async (rows: number, values: number[]) => {
    const spill = createSpill(path.join(temporaryFolder(t), 'spill'), rows, values.length / rows)
    t.teardown(() => spill.remove())
    spill.write(0, Float32Array.from(values))
    return computeLayerGram(spill, 'f64', { products })
  }
  const { largestEigenvalue } = await gramOf(2, [3, 4, -3, -4])
  t.ok(largestEigenvalue >= 50 && largestEigenvalue < 53, String(largestEigenvalue))
  t.equal((await gramOf(3, [1, 2, 1, 2, 1, 2])).largestEigenvalue, 0, 'a layer that does not vary')
})

t.test('column means are taken in float64', (t) => {
  const data = Float32Array.from({ length: 3000 }, (_, at) => (at % 3 === 1 ? 16_777_216 : at % 3))
  t.same([...columnMeans({ rows: 1000, cols: 3, data }, 1, 2)], [16_777_216, 2])
  t.end()
})

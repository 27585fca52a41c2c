import fc from 'fast-check'
import t from 'tap'
import type { Matrix } from '../../src/domain/matrix.ts'
import { fitLinearFold } from '../../src/encoding/linear/linear.ts'
import { fitPlsFold, nipalsSklearn } from '../../src/encoding/pls/pls.ts'
import { fitRidgeFold } from '../../src/encoding/ridge/ridge.ts'
import { createLinearAlgebra } from '../../src/numerics/linear-algebra.ts'
import { createProducts } from '../../src/numerics/products.ts'
import { uniforms } from '../helper/generator.ts'
import { gram, range } from './reference.ts'

// What must hold of every mapping, whatever the shape: few stimuli, one unit, one site, equal rows, constant and equal columns.

const tools = { la: await createLinearAlgebra(), products: await createProducts({ threads: 1 }) }
t.teardown(() => tools.products.close())

interface Data {
  X: Matrix
  Y: Matrix
  train: Int32Array
  test: Int32Array
}
type Predict = (data: Data & { K: Matrix }) => Promise<{ predictions: Matrix }>

const ridge =
  (alpha: number, alphaUnits: 'relative' | 'absolute' = 'relative', pca?: number): Predict =>
  ({ K, Y, train, test }) =>
    fitRidgeFold({ K, Y, train, test, alphas: [alpha], alphaUnits, alphaPer: 'site', inner: [], pca }, tools)
const linear =
  (pca?: number): Predict =>
  ({ K, Y, train, test }) =>
    fitLinearFold({ K, Y, train, test, pca }, tools)
const pls =
  (components: number, change: { perSite?: boolean; yScale?: 'site'; pca?: number; loose?: boolean } = {}): Predict =>
  ({ K, Y, train, test }) => {
    const { loose, ...options } = change
    return fitPlsFold({ K, Y, train, test, components, yScale: 'none', ...options, ...(loose && { solver: nipalsSklearn }) }, tools)
  }
const mappings: Record<string, Predict> = {
  ridge: ridge(0.1),
  'ridge on components': ridge(1, 'absolute', 2),
  linear: linear(),
  'linear on components': linear(2),
  PLS: pls(2),
  'PLS of scaled sites': pls(2, { yScale: 'site' }),
  'PLS per site': pls(2, { perSite: true }),
  'PLS on components': pls(2, { pca: 3 }),
}

const run = async (predict: Predict, data: Data): Promise<Matrix> => (await predict({ ...data, K: gram(data.X, data.X.data.slice(0, data.X.cols)) })).predictions

/** Quarters from -8 to 8: equal rows and columns are so to the bit, and no direction is nearly but not quite missing. */
const quarters = (name: string, rows: number, cols: number): Matrix => ({ rows, cols, data: uniforms(name, rows * cols).map((u) => Math.round(64 * u - 32) / 4) })

const shapes = fc
  .record({ n: fc.integer({ min: 2, max: 14 }), p: fc.integer({ min: 1, max: 18 }), m: fc.integer({ min: 1, max: 4 }), seed: fc.nat(1e6), flaw: fc.constantFrom('none', 'equal rows', 'equal columns', 'constant column', 'constant site', 'all constant') })
  .map(({ n, p, m, seed, flaw }): Data => {
    const [X, Y] = [quarters(`identities X ${seed}`, n, p), quarters(`identities Y ${seed}`, n, m)]
    if (flaw === 'equal rows') X.data.copyWithin(p * (n - 1), 0, p)
    for (let i = 0; i < n; i++) {
      if (flaw === 'equal columns') X.data[i * p + p - 1] = X.data[i * p]
      if (flaw === 'constant column') X.data[i * p] = 1.25
      if (flaw === 'all constant') X.data.fill(-0.75, i * p, (i + 1) * p)
      if (flaw === 'constant site') Y.data[i * m] = 2.5
    }
    const held = Math.max(1, Math.floor(n / 4))
    return { X, Y, train: range(held, n), test: range(0, held) }
  })

/** Largest difference, relative to the largest of the predictions where these are over 1. */
const distance = (a: Matrix, b: Matrix): number => {
  const scale = b.data.reduce((max, x) => Math.max(max, Math.abs(x)), 1)
  return a.data.reduce((worst, x, k) => Math.max(worst, Number.isFinite(x) ? Math.abs(x - b.data[k]) / scale : Infinity), a.data.length === b.data.length ? 0 : Infinity)
}

const holds = async (property: (data: Data, name: string, predict: Predict) => Promise<number>, tolerance = 1e-7): Promise<void> => {
  for (const [name, predict] of Object.entries(mappings))
    await fc.assert(
      fc.asyncProperty(shapes, async (data) => {
        const off = await property(data, name, predict)
        if (!(off < tolerance)) throw new Error(`${name}: off by ${off} with ${data.X.rows} x ${data.X.cols} x ${data.Y.cols}`)
      }),
      { numRuns: 120, seed: 7 },
    )
}

const mapped = (matrix: Matrix, change: (x: number, row: number, col: number) => number): Matrix => ({ ...matrix, data: matrix.data.map((x, k) => change(x, Math.floor(k / matrix.cols), k % matrix.cols)) })

/** (row x column) with the columns in another order. */
const columns = ({ rows, cols, data }: Matrix, order: readonly number[]): Matrix => ({ rows, cols, data: Float64Array.from({ length: rows * cols }, (_, k) => data[Math.floor(k / cols) * cols + order[k % cols]]) })

t.test('permuting the stimuli permutes the answer', async (t) => {
  await holds(async ({ X, Y, train, test }, _, predict) => {
    const order = Array.from({ length: X.rows }, (_, i) => X.rows - 1 - i)
    const reversed = ({ rows, cols, data }: Matrix): Matrix => ({ rows, cols, data: Float64Array.from(order.flatMap((row) => [...data.subarray(row * cols, (row + 1) * cols)])) })
    const [at, held] = [train, test].map((rows) => rows.map((row) => order[row]))
    return distance(await run(predict, { X: reversed(X), Y: reversed(Y), train: at.toReversed(), test: held }), await run(predict, { X, Y, train, test }))
  })
  t.pass('held for all')
})

t.test('permuting the sites permutes the answer', async (t) => {
  await holds(async (data, _, predict) => {
    const order = Array.from({ length: data.Y.cols }, (_, j) => (j + 1) % data.Y.cols)
    return distance(await run(predict, { ...data, Y: columns(data.Y, order) }), columns(await run(predict, data), order))
  })
  t.pass('held for all')
})

t.test('permuting the units, or moving each of them, changes nothing', async (t) => {
  await holds(async (data, _, predict) => {
    const turned = columns(mapped(data.X, (x, __, k) => x + 3 - k), [...Array(data.X.cols).keys()].reverse())
    return distance(await run(predict, { ...data, X: turned }), await run(predict, data))
  })
  t.pass('held for all')
})

t.test('scaling the responses scales the predictions, a constant added to a site is added to them', async (t) => {
  await holds(async (data, _, predict) => {
    const changed = await run(predict, { ...data, Y: mapped(data.Y, (y, __, j) => -4 * y + 10 * j + 1) })
    return distance(changed, mapped(await run(predict, data), (y, __, j) => -4 * y + 10 * j + 1))
  })
  t.pass('held for all')
})

t.test('a site that does not vary, and activations that do not, are predicted by the mean', async (t) => {
  await holds(async (data, _, predict) => {
    const flat = { ...data, X: mapped(data.X, () => 0.25), Y: mapped(data.Y, (y, __, j) => (j === 0 ? 1.5 : y)) }
    const mean = Array.from({ length: data.Y.cols }, (_, j) => data.train.reduce((sum, row) => sum + flat.Y.data[row * data.Y.cols + j], 0) / data.train.length)
    const constant = await run(predict, { ...data, Y: flat.Y })
    const off = constant.data.reduce((worst, y, k) => (k % data.Y.cols === 0 ? Math.max(worst, Math.abs(y - 1.5)) : worst), 0)
    return Math.max(off, distance(await run(predict, flat), mapped(constant, (__, ___, j) => mean[j])))
  })
  t.pass('held for all')
})

t.test('PLS with all components is least squares, and so is ridge as the penalty goes to 0', async (t) => {
  await fc.assert(
    fc.asyncProperty(shapes, async (data) => {
      const least = await run(linear(), data)
      for (const [name, predict, tolerance] of [
        ['PLS', pls(50), 1e-6],
        ['PLS per site', pls(50, { perSite: true }), 1e-6],
        ['ridge', ridge(1e-9, 'absolute'), 1e-6],
      ] as const) {
        const off = distance(await run(predict, data), least)
        if (!(off < tolerance)) throw new Error(`${name}: off by ${off} with ${data.X.rows} x ${data.X.cols} x ${data.Y.cols}`)
      }
    }),
    { numRuns: 500, seed: 7 },
  )
  t.pass('held for all')
})

t.test('the loose iteration stays finite in any shape', async (t) => {
  await fc.assert(
    fc.asyncProperty(shapes, async (data) => (await run(pls(3, { loose: true }), data)).data.every(Number.isFinite)),
    { numRuns: 60, seed: 7 },
  )
  t.pass('held for all')
})

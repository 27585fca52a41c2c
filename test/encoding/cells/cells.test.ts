import t from 'tap'
import type { Test } from 'tap'
import type { Matrix } from '../../../src/domain/matrix.ts'
import { accumulate, cellStatistics, emptyStatistics, statisticsWithout } from '../../../src/encoding/cells/cell-statistics.ts'
import type { CellStatistics } from '../../../src/encoding/cells/cell-statistics.ts'
import { cellSystem } from '../../../src/encoding/cells/cell-system.ts'
import { distortionAt, safeDimensions } from '../../../src/encoding/cells/johnson-lindenstrauss.ts'
import { rateMoments } from '../../../src/encoding/cells/rates.ts'
import { composeReadout, project, sparseProjection } from '../../../src/encoding/cells/sparse-projection.ts'
import { biasOf, plsWeights, ridgeWeights } from '../../../src/encoding/cells/weights.ts'
import { fitPlsFold, nipalsSklearn } from '../../../src/encoding/pls/pls.ts'
import { fitRidgeFold } from '../../../src/encoding/ridge/ridge.ts'
import { fitLinearPrimal } from '../../../src/encoding/primal/linear-primal.ts'
import { createLinearAlgebra } from '../../../src/numerics/linear-algebra.ts'
import { createProducts } from '../../../src/numerics/products.ts'
import { gaussMatrix, multiply } from '../reference.ts'

const rowsOf = (X: Matrix, rows: ArrayLike<number>): Matrix => ({
  rows: rows.length,
  cols: X.cols,
  data: Float64Array.from({ length: rows.length * X.cols }, (_, i) => X.data[rows[Math.floor(i / X.cols)] * X.cols + (i % X.cols)]),
})

t.test('statistics of fold cells', async (t) => {
  const products = await createProducts({ threads: 1 })
  t.teardown(() => products.close())
  const tools = { la: await createLinearAlgebra(), products }
  const [n, k, m] = [60, 13, 4]
  const Z = gaussMatrix('cells:Z', n, k)
  for (let i = 0; i < n; i++) Z.data[i * k + 5] = 0 // a unit that never varies
  const signal = multiply(Z, gaussMatrix('cells:B', k, m))
  const noise = gaussMatrix('cells:noise', n, m)
  const Y: Matrix = { rows: n, cols: m, data: signal.data.map((y, i) => (i % m === 3 ? 2.5 : y + 2 * noise.data[i] + 7)) }
  const all = Int32Array.from({ length: n }, (_, i) => i)
  const centre = rateMoments(Y, all).means
  const cells = [0, 1, 2, 3].map((c) => all.filter((i) => i % 4 === c))
  const about = (rows: Int32Array): Matrix => ({ ...rowsOf(Y, rows), data: rowsOf(Y, rows).data.map((y, i) => y - centre[i % m]) })
  const parts: CellStatistics[] = []
  for (const rows of cells) parts.push(await cellStatistics(k, m, [rows.subarray(0, 7), rows.subarray(7)].map((part) => ({ Z: rowsOf(Z, part), Y: about(part) })), tools))
  const read = (cell: number | 'total'): Promise<CellStatistics> => {
    const sum = emptyStatistics(k, m)
    for (const part of cell === 'total' ? parts : [parts[cell]]) accumulate(sum, part)
    return Promise.resolve(sum)
  }
  const train = all.filter((i) => i % 4 !== 1)
  const test = cells[1]
  const system = await cellSystem(await statisticsWithout(4, [1], read), rateMoments(Y, train), centre, tools)
  const K: Matrix = multiply(Z, { rows: k, cols: n, data: Float64Array.from({ length: k * n }, (_, i) => Z.data[(i % n) * k + Math.floor(i / n)]) })
  const predict = (W: Matrix, bias: Float64Array): Float64Array => Float64Array.from({ length: test.length * m }, (_, i) => {
    const [row, j] = [test[Math.floor(i / m)], i % m]
    let sum = bias[j]
    for (let d = 0; d < k; d++) sum += Z.data[row * k + d] * W.data[j * k + d]
    return sum
  })
  const close = (t: Test, a: Float64Array, b: Float64Array, tolerance: number, what: string): void => {
    const off = a.reduce((max, x, i) => Math.max(max, Math.abs(x - b[i]) / Math.max(1, Math.abs(b[i]))), 0)
    t.ok(off < tolerance, `${what}: off by ${off}`)
  }

  await t.test('ridge is that of the dual form, whatever the alphas', async (t) => {
    for (const alpha of [1e-3, 1, 1e4]) {
      const dual = await fitRidgeFold({ K, Y, train, test, inner: [], alphas: [alpha], alphaUnits: 'relative', alphaPer: 'site' }, tools)
      t.ok(Math.abs(dual.alphas[0] - alpha * system.scale) < 1e-12 * dual.alphas[0], 'the scale of relative alphas')
      const W = await ridgeWeights(system, () => alpha * system.scale, tools)
      close(t, predict(W, biasOf(system, W)), dual.predictions.data, 1e-11, `alpha ${alpha}`)
    }
  })

  await t.test('least squares, although a unit never varies', async (t) => {
    const W = await ridgeWeights(system, () => 0, tools)
    const { predictions } = await fitLinearPrimal({ X: Z, Y, train, test }, tools)
    close(t, predict(W, biasOf(system, W)), predictions.data, 1e-10, 'linear')
  })

  await t.test('PLS', async (t) => {
    for (const perSite of [false, true])
      for (const solver of [{ name: 'exact' } as const, nipalsSklearn]) {
        const options = { components: 5, yScale: 'site' as const, perSite, solver }
        const W = await plsWeights(system, options, tools)
        const { predictions } = await fitPlsFold({ K, Y, train, test, ...options }, tools)
        close(t, predict(W, biasOf(system, W)), predictions.data, 1e-9, `${solver.name}, per site ${perSite}`)
      }
  })

  await t.test('where a total swallows the digits of a training set, the other cells are summed', async (t) => {
    const huge = { ...parts[1], gram: parts[1].gram.map((x) => 1e12 * x) }
    const readHuge = (cell: number | 'total'): Promise<CellStatistics> => {
      const sum = emptyStatistics(k, m)
      for (const part of cell === 'total' ? parts.with(1, huge) : [cell === 1 ? huge : parts[cell]]) accumulate(sum, part)
      return Promise.resolve(sum)
    }
    const others = emptyStatistics(k, m)
    for (const cell of [0, 2, 3]) accumulate(others, parts[cell])
    t.same((await statisticsWithout(4, [1], readHuge)).gram, others.gram)
    t.not((await read('total')).gram[0], others.gram[0])
  })
})

t.test('a sparse projection', async (t) => {
  const [n, units, dimensions] = [40, 3000, 512]
  const X = gaussMatrix('projection:X', n, units)
  const x: Matrix<Float32Array> = { rows: n, cols: units, data: Float32Array.from(X.data, (value) => Math.max(0, value)) }
  const projection = sparseProjection(units, dimensions, 3)!

  await t.test('has the share of entries that it should, of both signs', (t) => {
    const expected = Math.sqrt(units) * dimensions
    t.ok(Math.abs(projection.entries.length - expected) < 5 * Math.sqrt(expected), `${projection.entries.length} of about ${expected}`)
    const negative = projection.entries.filter((entry) => entry < 0).length
    t.ok(Math.abs(negative - expected / 2) < 5 * Math.sqrt(expected))
    const entries = (seed: number): string => sparseProjection(units, dimensions, seed)!.entries.join()
    t.ok(entries(3) === projection.entries.join(), 'the same seed, the same projection')
    t.ok(entries(4) !== entries(3))
    t.equal(sparseProjection(512, 512, 3), null, 'the identity where nothing is to be reduced')
    t.end()
  })

  await t.test('keeps distances within the distortion that is stated for these points', (t) => {
    const z = project(projection, x)
    const stated = distortionAt(n, dimensions)
    const squared = ({ cols, data }: Matrix<Float32Array>, a: number, b: number): number => {
      let sum = 0
      for (let d = 0; d < cols; d++) sum += (data[a * cols + d] - data[b * cols + d]) ** 2
      return sum
    }
    let worst = 0
    for (let a = 0; a < n; a++) for (let b = 0; b < a; b++) worst = Math.max(worst, Math.abs(squared(z, a, b) / squared(x, a, b) - 1))
    t.ok(worst < stated && worst > 0.01, `${worst} is within ${stated}`)
    t.end()
  })

  await t.test('a readout of the dimensions becomes one of the units', (t) => {
    const W = gaussMatrix('projection:W', dimensions, 2)
    const z = project(projection, x)
    const readout = composeReadout(projection, W)
    for (let i = 0; i < n; i++)
      for (let j = 0; j < 2; j++) {
        let [reduced, whole] = [0, 0]
        for (let d = 0; d < dimensions; d++) reduced += z.data[i * dimensions + d] * W.data[d * 2 + j]
        for (let u = 0; u < units; u++) whole += x.data[i * units + u] * readout.data[u * 2 + j]
        if (Math.abs(reduced - whole) > 1e-4 * Math.abs(whole) + 1e-3) t.fail(`stimulus ${i}, site ${j}: ${reduced} and ${whole}`)
      }
    t.equal(readout.rows, units)
    t.end()
  })
})

t.test("the number of dimensions is scikit-learn's, and the distortion its inverse", (t) => {
  // johnson_lindenstrauss_min_dim of scikit-learn 1.2.1
  t.equal(safeDimensions(1e6, 0.5), 663)
  t.equal(safeDimensions(1e6, 0.1), 11841)
  t.ok(Math.abs(distortionAt(1e6, 11841) - 0.1) < 1e-4)
  t.equal(distortionAt(30_000, 10), 1)
  t.end()
})

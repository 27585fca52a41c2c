import path from 'node:path'
import t from 'tap'
import type { JointMapping } from '../../src/domain/banded.ts'
import type { Matrix } from '../../src/domain/matrix.ts'
import { normaliseResponses } from '../../src/encoding/normalise.ts'
import { makeSplits } from '../../src/encoding/splits/make-splits.ts'
import { createLinearAlgebra } from '../../src/numerics/linear-algebra.ts'
import { createProducts } from '../../src/numerics/products.ts'
import { candidatesOf } from '../../src/pipeline/bands.ts'
import { writeGramFile } from '../../src/pipeline/gram-file.ts'
import { solveBands } from '../../src/pipeline/solve-bands.ts'
import { solveBandsByPattern } from '../../src/pipeline/solve-bands-by-pattern.ts'
import { solverTasks } from '../../src/pipeline/solver-tasks.ts'
import { gauss } from '../helper/generator.ts'
import { temporaryFolder } from '../helper/home.ts'

// Two bands; sites 0 and 2 saw stimuli 0-35, sites 1 and 3 all from 12 on.
const [n, p, m] = [48, 8, 4]
const saw = (i: number, j: number): boolean => (j % 2 === 0 ? i < 36 : i >= 12)
const tools = { la: await createLinearAlgebra(), products: await createProducts({ threads: 1 }) }
t.teardown(() => tools.products.close())
const X = [0, 1].map((b): Matrix => ({ rows: n, cols: p, data: gauss(`bands X${b}`, n * p) }))
const grams = await Promise.all(X.map((x) => tools.products.f64(x, x, { transB: true })))
const noise = gauss('bands noise', n * m)
const signals = await Promise.all(X.map((x, b) => tools.products.f64(x, { rows: p, cols: m, data: gauss(`bands W${b}`, p * m) })))
const whole: Matrix = { rows: n, cols: m, data: signals[0].data.map((y, k) => y + (k % m) * signals[1].data[k] + noise[k]) }
const Y: Matrix = { ...whole, data: whole.data.map((y, k) => (saw(Math.floor(k / m), k % m) ? y : NaN)) }
const request = { scheme: 'kfold' as const, folds: 4, shuffle: true, seed: 1 }
const inner = { request, by: { folds: 3 }, columns: {} }
const alphas = [0.01, 0.1, 1]
const mappings: JointMapping[] = [
  { method: 'auto', windows: 0, alphas, inner: { folds: 3 } },
  { method: 'banded', weights: null, candidates: { draws: 3, seed: 0 }, weightsPer: 'site', alphas, alphaPer: 'site', inner: { folds: 3 } },
]
const bands = ['a', 'b'].map((name) => ({ name, layer: name, window: null })) as unknown as Parameters<typeof candidatesOf>[0]

const filesOf = (folder: string, name: string, kernels: readonly Matrix[]): string[] =>
  kernels.map(({ rows, data }, b) => {
    const file = path.join(folder, `${name}-${b}`)
    const none = new Float64Array(rows)
    writeGramFile(file, { precision: 'f64', stimuli: rows, units: p, K: data, Xmu: none, Xsum: none, sumSquares: none, muSquared: 0, muSum: 0, largestEigenvalue: 1, values: null })
    return file
  })

t.test('sessions joined at once give what each gives by itself', async (t) => {
  const files = filesOf(temporaryFolder(t), 'all', grams)
  for (const mapping of mappings) {
    const candidates = candidatesOf(bands, mapping).weights
    for (const split of makeSplits(request, n)) {
      const both = await solveBandsByPattern({ files, Y, mapping, candidates, inner, ...split }, tools)
      for (const sites of [[0, 2], [1, 3]]) {
        const rows = Int32Array.from({ length: n }, (_, i) => i).filter((i) => saw(i, sites[0]))
        const place = new Map(Array.from(rows, (row, i) => [row, i]))
        const own = (all: Int32Array): Int32Array => all.filter((row) => place.has(row)).map((row) => place.get(row)!)
        const kernels = grams.map((K): Matrix => ({ rows: rows.length, cols: rows.length, data: Float64Array.from({ length: rows.length ** 2 }, (_, k) => K.data[rows[Math.floor(k / rows.length)] * n + rows[k % rows.length]]) }))
        const Yown: Matrix = { rows: rows.length, cols: 2, data: Float64Array.from({ length: rows.length * 2 }, (_, k) => Y.data[rows[k >> 1] * m + sites[k & 1]]) }
        const alone = await solveBands({ files: filesOf(temporaryFolder(t), 'own', kernels), Y: Yown, mapping, candidates, inner, train: own(split.train), test: own(split.test) }, tools)
        const same = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-8 * Math.max(1, Math.abs(b))
        const tested = [...split.test.keys()].filter((i) => place.has(split.test[i]))
        t.ok(tested.every((i, row) => sites.every((site, j) => same(both.predictions.data[i * m + site], alone.predictions.data[row * 2 + j]))), `${mapping.method}: predictions`)
        t.ok(sites.every((site, j) => same(both.bias[site], alone.bias[j]) && both.alphaIndex[site] === alone.alphaIndex[j] && same(both.innerScores.correlation[site], alone.innerScores.correlation[j])))
        t.ok(candidates.rows === 1 || sites.every((site, j) => [...Array(candidates.rows).keys()].every((c) => same(both.shares.data[c * m + site], alone.shares.data[c * 2 + j]))), 'shares')
        t.ok([0, 1].every((b) => [...split.train].every((row, i) => sites.every((site, j) => same(both.duals[b].data[i * m + site], place.has(row) ? alone.duals[b].data[own(split.train).indexOf(place.get(row)!) * 2 + j] : 0)))), 'coefficients')
      }
    }
  }
})

t.test('where all saw all it is the plain fit, and a site that saw next to nothing has none', async (t) => {
  const files = filesOf(temporaryFolder(t), 'all', grams)
  const [mapping] = mappings
  const [split] = makeSplits(request, n)
  const problem = { files, mapping, candidates: candidatesOf(bands, mapping).weights, inner, ...split }
  t.same(await solveBandsByPattern({ ...problem, Y: whole }, tools), await solveBands({ ...problem, Y: whole }, tools))
  const scarce = { ...whole, data: whole.data.map((y, k) => (k % m === 3 && Math.floor(k / m) > 1 ? NaN : y)) }
  const { predictions, alphaIndex, bias } = await solveBandsByPattern({ ...problem, Y: scarce }, tools)
  t.ok(Number.isNaN(predictions.data[3]) && Number.isFinite(predictions.data[2]) && alphaIndex[3] === -1 && Number.isNaN(bias[3]))
})

t.test('responses are normalised by the training rows of each fold', async (t) => {
  const files = filesOf(temporaryFolder(t), 'all', grams)
  const [mapping] = mappings
  const [split] = makeSplits(request, n)
  const normalise = { method: 'zscore' as const, sessions: Int32Array.from({ length: n }, (_, i) => i % 2) }
  const problem = { files, mapping, candidates: candidatesOf(bands, mapping).weights, inner }
  const { responses, ...fold } = await solverTasks.jointFold({ ...problem, Y, normalise, split }, tools)
  const normalised = normaliseResponses(Y, split.train, normalise)
  t.same(fold, await solverTasks.jointFold({ ...problem, Y: normalised, split }, tools))
  t.same([...responses!.data.subarray(0, m)], [...normalised.data.subarray(split.test[0] * m, (split.test[0] + 1) * m)])
  const all = Int32Array.from({ length: n }, (_, i) => i)
  t.same((await solverTasks.jointRefit({ ...problem, Y, normalise, rows: all }, tools)).bias, (await solverTasks.jointRefit({ ...problem, Y: normaliseResponses(Y, all, normalise), rows: all }, tools)).bias)
})

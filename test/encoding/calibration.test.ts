import t from 'tap'
import type { Matrix } from '../../src/domain/matrix.ts'
import { comparedOf, pairedDifferences } from '../../src/encoding/differences.ts'
import { drawPermutations } from '../../src/encoding/permutation/draw-permutations.ts'
import { maximumStatistic, summarisePermuted } from '../../src/encoding/permutation/maximum-statistic.ts'
import { permutedScores } from '../../src/encoding/permutation/permuted-scores.ts'
import { fitRidgeFold } from '../../src/encoding/ridge/ridge.ts'
import { columnMoments, explainedVarianceOf, pearsonOf, r2Of } from '../../src/encoding/scores/moments.ts'
import { evaluate } from '../../src/encoding/scores/score-layer.ts'
import { mean, median } from '../../src/encoding/scores/statistics.ts'
import { kFold } from '../../src/encoding/splits/k-fold.ts'
import type { Split } from '../../src/encoding/splits/split.ts'
import { createLinearAlgebra } from '../../src/numerics/linear-algebra.ts'
import { createProducts } from '../../src/numerics/products.ts'
import { gauss } from '../helper/generator.ts'
import { gaussMatrix, gram, range, rowsOf } from './reference.ts'

// Do the intervals and p-values keep what they promise? Over simulated data sets whose truth is known.

const SETS = 200
const tools = { la: await createLinearAlgebra(), products: await createProducts({ threads: 1 }) }
t.teardown(() => tools.products.close())

const [n, p, m] = [200, 6, 3]
/** variance of the noise */
const NOISE = 6

/** What the estimates are of: the same scores over fresh folds of the same size, by the models that were fitted. */
interface Truth {
  correlation: number
  explainedVariance: number
  r2: number
}

const FRESH = 3000

/** Mean score of a model over fresh folds, per site. */
const freshScores = (predictions: Float64Array, responses: Float64Array, foldSize: number) => {
  const rows = range(0, foldSize)
  const sums = { correlation: new Float64Array(m), explainedVariance: new Float64Array(m), r2: new Float64Array(m) }
  const folds = Math.floor(FRESH / foldSize)
  for (let f = 0; f < folds; f++)
    for (let j = 0; j < m; j++) {
      const from = f * foldSize * m
      const moments = columnMoments(predictions.subarray(from), responses.subarray(from), m, j, rows)
      sums.correlation[j] += pearsonOf(moments) / folds
      sums.explainedVariance[j] += explainedVarianceOf(moments) / folds
      sums.r2[j] += r2Of(moments) / folds
    }
  return sums
}

/** Ridge in each fold, its held-out predictions scored with intervals, and the truth about these very models. */
const fit = async (splits: readonly Split[], X: Matrix, Y: Matrix, freshX: Matrix, freshY: Matrix) => {
  const K = gram(X)
  const folds = []
  const fresh: Record<keyof Truth, Float64Array>[] = []
  for (const { train, test } of splits) {
    const { predictions, dual, bias } = await fitRidgeFold({ K, Y, train, test, inner: [], alphas: [3], alphaUnits: 'absolute', alphaPer: 'site' }, tools)
    folds.push({ test, predictions })
    const weights = await tools.products.f64(rowsOf(X, train), dual, { transA: true }) // (unit x site)
    const rates = await tools.products.f64(freshX, weights)
    fresh.push(
      freshScores(
        rates.data.map((x, k) => x + bias[k % m]),
        freshY.data,
        test.length,
      ),
    )
  }
  const sites = (key: keyof Truth): number[] => Array.from({ length: m }, (_, j) => mean(fresh.map((fold) => fold[key][j]))!)
  const truth: Truth = { correlation: median(sites('correlation'))!, explainedVariance: mean(sites('explainedVariance'))!, r2: mean(sites('r2'))! }
  return { truth, evaluation: await evaluate(folds, Y, { draws: 400, seed: 7 }, tools.products) }
}

const noneYet = (): Truth => ({ correlation: 0, explainedVariance: 0, r2: 0 })

const covers = (interval: [number, number] | null, truth: number): number => (interval !== null && interval[0] <= truth && truth <= interval[1] ? 1 : 0)

t.test('95 % intervals cover the score of the fitted models, and the difference of two layers', async (t) => {
  const scores = ['correlation', 'explainedVariance', 'r2'] as const
  const covered = { single: noneYet(), difference: noneYet(), folds: noneYet() }
  // Conditional on the models: half of the stimuli train, the other half are held out.
  const halves = kFold(n, { folds: 2, shuffle: true, seed: 1 }).slice(0, 1)
  const fourFolds = kFold(n, { folds: 4, shuffle: true, seed: 1 })
  const freshX = gaussMatrix('calibration:fresh:X', FRESH, p)
  const freshE = gauss('calibration:fresh:e', FRESH * m)
  const freshOther = gauss('calibration:fresh:other', FRESH * p)
  const respond = async (X: Matrix, W: Matrix, e: Float64Array): Promise<Matrix> => {
    const signal = await tools.products.f64(X, W)
    return { ...signal, data: signal.data.map((y, k) => y + Math.sqrt(NOISE) * e[k]) }
  }
  // The other layer: noise in place of half of the units.
  const halved = (X: Matrix, other: Float64Array): Matrix => ({ ...X, data: X.data.map((x, k) => (k % p < p / 2 ? x : other[k])) })
  for (let set = 0; set < SETS; set++) {
    const X = gaussMatrix(`calibration:${set}:X`, n, p)
    const W = gaussMatrix(`calibration:${set}:W`, p, m)
    const Y = await respond(X, W, gauss(`calibration:${set}:e`, n * m))
    const freshY = await respond(freshX, W, freshE)
    const a = await fit(halves, X, Y, freshX, freshY)
    const b = await fit(halves, halved(X, gauss(`calibration:${set}:other`, n * p)), Y, halved(freshX, freshOther), freshY)
    const crossValidated = await fit(fourFolds, X, Y, freshX, freshY)
    const difference = pairedDifferences(comparedOf(a.evaluation)!, comparedOf(b.evaluation)!)
    for (const score of scores) {
      covered.single[score] += covers(a.evaluation[score].interval, a.truth[score]) / SETS
      covered.difference[score] += covers(difference[score].interval, a.truth[score] - b.truth[score]) / SETS
      covered.folds[score] += covers(crossValidated.evaluation[score].interval, crossValidated.truth[score]) / SETS
    }
  }
  for (const score of scores) {
    // Over folds each one's held-out stimuli train the others' models, which no interval that is conditional on the models can see: it is
    // somewhat short for cross-validation (Bates, Hastie & Tibshirani 2023).
    for (const [what, { [score]: share }] of Object.entries(covered)) t.ok(share >= 0.9 && share <= 0.98, `${score}, ${what}: ${share.toFixed(3)}`)
  }
})

/** Largest distance of the shares of p-values up to each from those of a uniform distribution (Kolmogorov-Smirnov). */
const distanceToUniform = (values: readonly number[]): number => {
  const sorted = Float64Array.from(values).sort()
  return sorted.reduce((most, x, i) => Math.max(most, Math.abs((i + 1) / sorted.length - x), Math.abs(i / sorted.length - x)), 0)
}

/** Exceeded by chance in 1 of 100 sets of 200 p-values. */
const KS_1_PERCENT = 1.63 / Math.sqrt(SETS)

t.test('p is uniform where nothing is there: for a site named beforehand, for the maximum, and within sessions that differ', async (t) => {
  const stimuli = 40
  const count = 99
  const folds = kFold(stimuli, { folds: 4, shuffle: true, seed: 1 })
  const session = Array.from({ length: stimuli }, (_, i) => (i % 2 === 0 ? 'a' : 'b'))
  const found = { named: [] as number[], maximum: [] as number[], within: [] as number[], across: [] as number[] }
  for (let set = 0; set < SETS; set++) {
    const kernels = [0, 1].map((layer) => gram(gaussMatrix(`null:${set}:${layer}`, stimuli, 8)))
    const Y = gaussMatrix(`null:${set}:Y`, stimuli, 2)
    const p = async (K: readonly Matrix[], Y: Matrix, within?: string[]) => {
      const permutations = drawPermutations(stimuli, { count, seed: set, within })
      const fits = K.map((kernel) => ({ K: kernel, Y, splits: folds, alphas: folds.map(() => [2, 2]), permutations, statistic: 'correlation' as const }))
      return maximumStatistic(await Promise.all(fits.map(async (each) => summarisePermuted(await permutedScores(each, tools)))))
    }
    const plain = await p(kernels, Y)
    found.named.push(plain.uncorrected[0][0])
    found.maximum.push(plain.pOfMaximum)
    // Sessions shift both activations and responses: a dependence that is not the stimuli's.
    const shifted = ({ rows, cols, data }: Matrix, by: number): Matrix => ({ rows, cols, data: data.map((x, k) => x + (Math.floor(k / cols) % 2 === 0 ? by : 0)) })
    const confounded = gram(shifted(gaussMatrix(`null:${set}:0`, stimuli, 8), 1.5))
    found.within.push((await p([confounded], shifted(Y, 1.5), session)).pOfMaximum)
    if (set < 40) found.across.push((await p([confounded], shifted(Y, 1.5))).pOfMaximum)
  }
  for (const name of ['named', 'maximum', 'within'] as const) {
    const distance = distanceToUniform(found[name])
    t.ok(distance < KS_1_PERCENT, `${name}: ${distance.toFixed(3)} of ${KS_1_PERCENT.toFixed(3)}`)
  }
  t.ok(distanceToUniform(found.across) > 0.5, 'exchanged across sessions, the difference of sessions passes for an effect')
})

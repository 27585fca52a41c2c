import fc from 'fast-check'
import t from 'tap'
import type { Test } from 'tap'
import type { Matrix, NdArray } from '../../../src/domain/matrix.ts'
import { animalCeiling, splitHalfRdm } from '../../../src/encoding/rsa/ceiling.ts'
import { hsic, linearCka } from '../../../src/encoding/rsa/cka.ts'
import { compareRdms } from '../../../src/encoding/rsa/compare.ts'
import type { Comparison } from '../../../src/encoding/rsa/compare.ts'
import { crossnobis, runsOfTrials } from '../../../src/encoding/rsa/crossnobis.ts'
import { noiseCovariance, precisionOf } from '../../../src/encoding/rsa/noise-covariance.ts'
import { meanByGroup, zscoreColumns } from '../../../src/encoding/rsa/patterns.ts'
import { kendallTauA } from '../../../src/encoding/rsa/ranks.ts'
import { eachPair, percentiles, rdmFromGram, rdmOf, rdmOfSquare, squareOf } from '../../../src/encoding/rsa/rdm.ts'
import type { Distance, Rdm } from '../../../src/encoding/rsa/rdm.ts'
import { createLinearAlgebra } from '../../../src/numerics/linear-algebra.ts'
import { createProducts } from '../../../src/numerics/products.ts'
import { gauss } from '../../helper/generator.ts'
import { needs, sharedJson } from '../../helper/shared.ts'
import { column, gaussMatrix, gram, multiply, rowsOf, sameNumbers, sameSampled } from '../reference.ts'
import type { Sampled } from '../reference.ts'

const file = ['reference', 'encoding', 'rsa.json']
const tools = { la: await createLinearAlgebra(), products: await createProducts({ threads: 1 }) }
t.teardown(() => tools.products.close())

interface Covariance {
  cov: number[][]
  rdm: number[]
}
interface RsaFile {
  check_X: Sampled
  check_Y: Sampled
  rdm: Record<Distance | 'one_minus_pearson', number[]>
  object_level: { rdm_of_object_means: number[]; percentiles: number[]; tied_rounded_1dp: number[]; tied_percentiles: number[]; image_level_percentiles: Sampled }
  compare: Record<'untied' | 'tied_rounded_1dp', Record<string, number>> & { brainscore_RDMMetric_X_vs_all: number }
  noise_ceiling: {
    brainscore_rsa_ceiling: { upper: number; lower_loo: number }
    rsatoolbox_boot_noise_ceiling: Record<string, { lower: number; upper: number }>
  }
  cka: Record<string, number>
  crossnobis: Record<'full' | 'diag' | 'shrinkage_eye' | 'shrinkage_diag', Covariance> & { identity: number[]; identity_remove_mean: number[] }
}

const [n, p, m] = [24, 30, 18]
const latent = gaussMatrix('rsa:latent', n, 6)
const noise = gauss('rsa:xnoise', n * p)
const X: Matrix = { rows: n, cols: p, data: multiply(latent, gaussMatrix('rsa:A', 6, p)).data.map((x, k) => Math.max(x, 0) + 0.3 * noise[k]) }
const subjects = Array.from({ length: 5 }, (_, s): Matrix => {
  const e = gauss(`rsa:ynoise${s}`, n * m)
  return { rows: n, cols: m, data: multiply(latent, gaussMatrix(`rsa:B${s}`, 6, m)).data.map((y, k) => y + 1.5 * e[k]) }
})
const all: Matrix = { rows: n, cols: 5 * m, data: Float64Array.from({ length: n * 5 * m }, (_, k) => subjects[Math.floor((k % (5 * m)) / m)].data[Math.floor(k / (5 * m)) * m + (k % m)]) }
const round = (rdm: Rdm): Rdm => ({
  n: rdm.n,
  // NumPy rounds halves to even; none of these is a half to within rounding.
  values: rdm.values.map((x) => Math.round(x * 10) / 10),
})
const close = (t: Test, found: ArrayLike<number | null>, expected: number[], name: string): void => sameNumbers(t, found, expected, 1e-10, name)

t.test('RDMs equal to SciPy, from patterns and from the Gram matrix alone', needs(...file), async (t) => {
  const reference = sharedJson<RsaFile>(...file)
  sameSampled(t, X.data, reference.check_X, 1e-13, 'X')
  sameSampled(t, all.data, reference.check_Y, 1e-13, 'Y')
  const mean = Float64Array.from({ length: p }, (_, k) => column(X, k).reduce((a, b) => a + b, 0) / n + 0.1) // about any vector, not only the mean
  const sums = {
    K: gram(X, mean),
    dotMean: Float64Array.from({ length: n }, (_, i) => mean.reduce((sum, c, k) => sum + c * X.data[i * p + k], 0)),
    meanSquare: mean.reduce((sum, c) => sum + c * c, 0),
    sums: Float64Array.from({ length: n }, (_, i) => X.data.subarray(i * p, (i + 1) * p).reduce((a, b) => a + b, 0)),
    units: p,
  }
  for (const [distance, key] of [
    ['pearson', 'one_minus_pearson'],
    ['euclidean', 'euclidean'],
    ['cosine', 'cosine'],
  ] as const) {
    close(t, (await rdmOf(X, distance, tools.products)).values, reference.rdm[key], distance)
    close(t, rdmFromGram(sums, distance).values, reference.rdm[key], `${distance} from K`)
  }
  const { object_level } = reference
  const objects = meanByGroup(X, Array.from({ length: n }, (_, i) => i % 8))
  t.strictSame(objects.groups, [0, 1, 2, 3, 4, 5, 6, 7])
  const byObject = await rdmOf(objects.patterns, 'pearson', tools.products)
  close(t, byObject.values, object_level.rdm_of_object_means, 'by object')
  close(t, percentiles(byObject).values, object_level.percentiles, 'percentiles')
  close(t, round(byObject).values, object_level.tied_rounded_1dp, 'rounded')
  close(t, percentiles(round(byObject)).values, object_level.tied_percentiles, 'percentiles with ties')
  sameSampled(t, percentiles(await rdmOf(X, 'pearson', tools.products)).values, object_level.image_level_percentiles, 1e-10, 'by stimulus')
})

t.test('comparisons and ceilings equal to SciPy, rsatoolbox and Brain-Score', needs(...file), async (t) => {
  const { compare, noise_ceiling } = sharedJson<RsaFile>(...file)
  const ofX = await rdmOf(X, 'pearson', tools.products)
  const rdms = await Promise.all(subjects.map((subject) => rdmOf(subject, 'pearson', tools.products)))
  for (const [name, key] of [
    ['pearson', 'scipy_pearson'],
    ['spearman', 'scipy_spearman'],
    ['kendall', 'own_tau_a'],
  ] as const) {
    close(t, [compareRdms(ofX, rdms[0], name)], [compare.untied[key]], name)
    close(t, [compareRdms(round(ofX), round(rdms[0]), name)], [compare.tied_rounded_1dp[key]], `${name} with ties`)
  }
  close(t, [compareRdms(ofX, await rdmOf(all, 'pearson', tools.products), 'spearman')], [compare.brainscore_RDMMetric_X_vs_all], "Brain-Score's")
  const { upper, lower_loo } = noise_ceiling.brainscore_rsa_ceiling
  const raw = animalCeiling(rdms, { comparison: 'spearman', pool: 'raw' })
  close(t, [raw.lower, raw.upper], [lower_loo, upper], 'ceiling of raw RDMs')
  for (const [comparison, key] of [
    ['pearson', 'corr'],
    ['spearman', 'spearman'],
    ['kendall', 'tau-a'],
  ] as const) {
    const found = animalCeiling(rdms, { comparison })
    const expected = noise_ceiling.rsatoolbox_boot_noise_ceiling[key]
    close(t, [found.lower, found.upper], [expected.lower, expected.upper], `ceiling by ${comparison}`)
  }
  t.strictSame(animalCeiling(rdms.slice(0, 2), { comparison: 'spearman' }), { lower: null, upper: null })
})

t.test("CKA equal to Brain-Score's", needs(...file), async (t) => {
  const { cka } = sharedJson<RsaFile>(...file)
  const [K, L, A] = [gram(X, X.data.slice(0, p)), gram(subjects[0]), gram(all)]
  close(t, [linearCka(K, L, 'biased'), linearCka(K, L, 'unbiased')], [cka.biased, cka.unbiased], 'one subject')
  close(t, [linearCka(K, A, 'biased'), linearCka(K, A, 'unbiased')], [cka.biased_X_all, cka.unbiased_X_all], 'all')
  const [N1, N2] = [gram(gaussMatrix('rsa:n1', n, 100)), gram(gaussMatrix('rsa:n2', n, 100))]
  close(t, [linearCka(N1, N2, 'biased'), linearCka(N1, N2, 'unbiased')], [cka.biased_noise, cka.unbiased_noise], 'noise')
  close(t, [hsic(K, K, 'unbiased')], [cka.hsic_unbiased_xx], 'unbiased HSIC')
  t.equal(linearCka(K, gram({ rows: n, cols: 2, data: new Float64Array(2 * n).fill(3) }), 'biased'), null, 'nothing varies')
  t.ok(Number.isNaN(hsic(gram(rowsOf(X, [0, 1, 2])), gram(rowsOf(X, [0, 1, 2])), 'unbiased')))
  t.throws(() => hsic(K, gram(rowsOf(X, [0, 1])), 'biased'), /cannot be compared/)
})

t.test('crossnobis equal to rsatoolbox, with its noise covariances', needs(...file), async (t) => {
  const { crossnobis: reference } = sharedJson<RsaFile>(...file)
  const pattern = gauss('rsa:pattern', 60)
  const runs: NdArray = { shape: [4, 6, 10], data: Float64Array.from([0, 1, 2, 3].flatMap((k) => Array.from(gauss(`rsa:run${k}`, 60), (e, i) => pattern[i] + 0.8 * e))) }
  close(t, (await crossnobis(runs, {}, tools)).values, reference.identity, 'identity')
  close(t, (await crossnobis(runs, { removeMean: true }, tools)).values, reference.identity_remove_mean, 'means removed')
  for (const [estimate, key] of [
    ['full', 'full'],
    ['diagonal', 'diag'],
    ['shrunkToSphere', 'shrinkage_eye'],
    ['shrunkToDiagonal', 'shrinkage_diag'],
  ] as const) {
    const covariance = await noiseCovariance(runs, estimate, tools, 4 * 5)
    close(t, covariance.data, reference[key].cov.flat(), `${estimate}: covariance`)
    close(t, (await crossnobis(runs, { precision: precisionOf(covariance, tools) }, tools)).values, reference[key].rdm, `${estimate}: distances`)
  }
  const own = await noiseCovariance(runs, 'full', tools)
  close(t, own.data, Array.from((await noiseCovariance(runs, 'full', tools, 1)).data, (x) => x / 18), '6 stimuli in 4 runs leave 18 degrees of freedom')
  // The same measurements as trials, one missing in the middle: the valid ones are the runs.
  const trials: NdArray = { shape: [6, 10, 5], data: Float64Array.from({ length: 300 }, (_, k) => (k % 5 === 2 ? NaN : runs.data[[0, 1, NaN, 2, 3][k % 5] * 60 + Math.floor(k / 5)])) }
  t.strictSame(runsOfTrials(trials), runs)
  trials.data.fill(NaN, 1, 5)
  t.equal(runsOfTrials(trials), null)
  await t.rejects(crossnobis({ shape: [1, 6, 10], data: runs.data.subarray(0, 60) }, {}, tools), /at least 2 runs/)
})

t.test('crossnobis is 0 on average between equal patterns, the Euclidean distance is not', async (t) => {
  const count = 300
  const runs = { shape: [6, count, 20], data: gauss('null:runs', 6 * count * 20) }
  const found = await crossnobis(runs, {}, tools)
  const mean = found.values.reduce((a, b) => a + b, 0) / found.values.length
  t.ok(Math.abs(mean) < 0.002 && found.values.some((x) => x < 0), String(mean))
})

t.test("Kendall's τ-a by its definition, whatever the ties", async (t) => {
  const values = fc.array(fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -3, max: 3 })), { minLength: 2, maxLength: 40 })
  fc.assert(
    fc.property(values, (pairs) => {
      let sum = 0
      eachPair(pairs.length, (i, j) => (sum += Math.sign(pairs[i][0] - pairs[j][0]) * Math.sign(pairs[i][1] - pairs[j][1])))
      const expected = sum / ((pairs.length * (pairs.length - 1)) / 2)
      return Math.abs(kendallTauA(Float64Array.from(pairs, ([a]) => a), Float64Array.from(pairs, ([, b]) => b)) - expected) < 1e-12
    }),
  )
  t.pass('held for all')
})

t.test('what a distance does not see does not change it; missing values stay missing', async (t) => {
  const turned = { ...X, data: X.data.map((x, k) => 5 * x + Math.floor(k / p)) } // each pattern moved, all scaled
  close(t, (await rdmOf(turned, 'pearson', tools.products)).values, [...(await rdmOf(X, 'pearson', tools.products)).values], 'mean and scale of patterns')
  const scaled = { ...X, data: X.data.map((x, k) => x * (1 + (k % p)) + 3) }
  for (const distance of ['pearson', 'euclidean', 'cosine'] as const)
    close(t, (await rdmOf(zscoreColumns(scaled), distance, tools.products)).values, [...(await rdmOf(zscoreColumns(X), distance, tools.products)).values], `z-scored sites: ${distance}`)
  const order = Array.from({ length: n }, (_, i) => (7 * i) % n)
  const square = squareOf(await rdmOf(X, 'pearson', tools.products))
  const permuted = squareOf(await rdmOf(rowsOf(X, order), 'pearson', tools.products))
  close(t, permuted.data, Array.from({ length: n * n }, (_, k) => square.data[order[Math.floor(k / n)] * n + order[k % n]]), 'stimuli in another order')
  t.strictSame(squareOf(rdmOfSquare(square)), square)
  t.throws(() => rdmOfSquare({ rows: 2, cols: 3, data: new Float64Array(6) }), /square/)

  const holes = { ...X, data: X.data.slice() }
  holes.data.fill(2.5, 0, p)
  holes.data[p] = NaN
  const rdm = await rdmOf(holes, 'pearson', tools.products)
  eachPair(n, (i, _, place) => Number.isNaN(rdm.values[place]) === i < 2 || t.fail(`pair ${place}`))
  const shown = percentiles(rdm).values.filter((x) => !Number.isNaN(x))
  t.strictSame([Math.min(...shown), Math.max(...shown)], [0, 1])
  const rest = await rdmOf(rowsOf(X, Array.from({ length: n - 2 }, (_, i) => i + 2)), 'pearson', tools.products)
  const other = await rdmOf(subjects[0], 'pearson', tools.products)
  const restOther = await rdmOf(rowsOf(subjects[0], Array.from({ length: n - 2 }, (_, i) => i + 2)), 'pearson', tools.products)
  for (const comparison of ['spearman', 'pearson', 'kendall'] as Comparison[]) close(t, [compareRdms(rdm, other, comparison)], [compareRdms(rest, restOther, comparison)!], comparison)
  t.equal(compareRdms({ n: 2, values: Float64Array.of(1) }, { n: 2, values: Float64Array.of(2) }, 'spearman'), null)
  t.throws(() => compareRdms(rdm, rest, 'pearson'), /cannot be compared/)
})

t.test("split halves tell a population's RDM from noise", async (t) => {
  const [stimuli, sites, repetitions] = [30, 25, 6]
  const signal = gauss('half:s', stimuli * sites)
  const trials = (size: number): NdArray => ({ shape: [stimuli, sites, repetitions], data: gauss('half:e', stimuli * sites * repetitions).map((e, k) => e + size * signal[Math.floor(k / repetitions)]) })
  const options = { distance: 'pearson', comparison: 'spearman', draws: 20 } as const
  const strong = await splitHalfRdm(trials(2), options, tools.products)
  const none = await splitHalfRdm(trials(0), options, tools.products)
  t.ok(strong.rho! > 0.85 && Math.abs(none.rho!) < 0.3, `${strong.rho} and ${none.rho}`)
  t.equal(strong.stimuli, stimuli)
  t.strictSame(await splitHalfRdm(trials(2), options, tools.products), strong)
  const few = trials(2)
  few.data.fill(NaN, 1, 28 * sites * repetitions)
  t.strictSame(await splitHalfRdm(few, options, tools.products), { rho: null, stimuli: 2 })
})

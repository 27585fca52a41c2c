import fs from 'node:fs'
import t from 'tap'
import type { Matrix } from '../../../src/domain/matrix.ts'
import { linearScores, logisticObjective, logisticProblem, softmax } from '../../../src/encoding/logistic/logistic.ts'
import type { LogisticProblem } from '../../../src/encoding/logistic/logistic.ts'
import { createLinearAlgebra } from '../../../src/numerics/linear-algebra.ts'
import { createProducts } from '../../../src/numerics/products.ts'
import { gauss } from '../../helper/generator.ts'
import { needs, sharedJson } from '../../helper/shared.ts'
import { gaussMatrix, sameNumbers, sameSampled } from '../reference.ts'
import type { Sampled } from '../reference.ts'

interface Fit {
  C: number
  coefficients: number[]
  intercepts: number[]
  default?: { coefficients: number[]; intercept: number }
}

interface Case {
  tag: string
  n: number
  p: number
  classes: number
  spread: number
  scale: number
  shift: number
  one?: boolean
  sumX: number
  fits: Fit[]
}

const { cases } = JSON.parse(fs.readFileSync(new URL('../../reference/logistic/logistic.json', import.meta.url), 'utf8')) as { cases: Case[] }

const dataOf = ({ tag, n, p, classes, spread, scale, shift, one = false }: Case): { X: Matrix; labels: Int32Array } => {
  const labels = Int32Array.from({ length: n }, (_, i) => (!one ? i % classes : i === n - 1 ? classes - 1 : i % (classes - 1)))
  const [centre, noise] = [gauss(`${tag}:centre`, classes * p), gauss(`${tag}:noise`, n * p)]
  const data = noise.map((e, at) => (spread * centre[labels[Math.floor(at / p)] * p + (at % p)] + e) * 10 ** (scale * ((at % p % 3) - 1)) + shift)
  return { X: { rows: n, cols: p, data }, labels }
}

const products = await createProducts({ threads: 1 })
const tools = { la: await createLinearAlgebra(), products }
t.teardown(() => products.close())

const problemOf = (one: Case): Promise<LogisticProblem> => {
  const { X, labels } = dataOf(one)
  return logisticProblem(X, labels, one.classes, tools)
}

t.test('coefficients are those of scikit-learn’s objective: more units than rows, separable, two classes, a class of one row, units of all scales', async (t) => {
  for (const one of cases) {
    t.ok(Math.abs(dataOf(one).X.data.reduce((a, b) => a + b, 0) - one.sumX) < 1e-6, `${one.tag}: the same data`)
    const problem = await problemOf(one)
    for (const { C, coefficients, intercepts } of one.fits) {
      const fit = await problem.fit(C, { tolerance: 1e-11 })
      sameNumbers(t, fit.coefficients.data, coefficients, 1e-7, `${one.tag}, C ${C}, coefficients`)
      sameNumbers(t, fit.intercepts, intercepts, 1e-6, `${one.tag}, C ${C}, intercepts`)
      t.ok(fit.converged && fit.evaluations < 200, `${one.tag}, C ${C}: ${fit.evaluations} evaluations`)
    }
  }
})

t.test('two classes: scikit-learn’s single vector is the difference of the two at half of C', async (t) => {
  const two = cases.find(({ tag }) => tag === 'two')!
  const problem = await problemOf(two)
  for (const { C, default: single } of two.fits) {
    const { coefficients, intercepts } = await problem.fit(C / 2, { tolerance: 1e-11 })
    sameNumbers(t, coefficients.data.slice(two.p).map((w, j) => w - coefficients.data[j]), single!.coefficients, 1e-7, `C ${C}, coefficients`)
    sameNumbers(t, [intercepts[1] - intercepts[0]], [single!.intercept], 1e-7, `C ${C}, intercept`)
  }
})

t.test('probabilities of held-out rows', needs('reference', 'encoding', 'behaviour.json'), async (t) => {
  interface Golden {
    n_train: number
    n_test: number
    p: number
    check_X: Sampled
    lbfgs: { C: number; own_newton_polished: { proba: Sampled }; tight_proba: Sampled }[]
  }
  const { logistic } = sharedJson<{ logistic: Golden }>('reference', 'encoding', 'behaviour.json')
  const { n_train, n_test, p } = logistic
  const n = n_train + n_test
  const [centre, noise] = [gauss('log:centre', 8 * p), gauss('log:noise', n * p)]
  const X = noise.map((e, at) => (at % p === 4 ? 3 : Math.max(0, 0.9 * centre[(Math.floor(at / p) % 8) * p + (at % p)] + 1.2 * e + 0.2) * (0.5 + (at % p) / 30)))
  sameSampled(t, X, logistic.check_X, 1e-13, 'the same data')
  const train = X.subarray(0, n_train * p)
  const mean = Float64Array.from({ length: p }, (_, j) => train.reduce((sum, x, at) => (at % p === j ? sum + x : sum), 0) / n_train)
  const sd = mean.map((m, j) => Math.sqrt(train.reduce((sum, x, at) => (at % p === j ? sum + (x - m) ** 2 : sum), 0) / n_train) || 1)
  const scaled = X.map((x, at) => (x - mean[at % p]) / sd[at % p])
  const labels = Int32Array.from({ length: n_train }, (_, i) => i % 8)
  const problem = await logisticProblem({ rows: n_train, cols: p, data: scaled.slice(0, n_train * p) }, labels, 8, tools)
  for (const { C, own_newton_polished, tight_proba } of logistic.lbfgs) {
    const fit = await problem.fit(C, { tolerance: 1e-12 })
    const { data } = softmax(await linearScores({ rows: n_test, cols: p, data: scaled.slice(n_train * p) }, fit, products))
    sameSampled(t, data, own_newton_polished.proba, 1e-9, `C ${C}: the polished minimum`)
    if (C <= 0.01) sameSampled(t, data, tight_proba, 1e-5, `C ${C}: scikit-learn's lbfgs, which its ftol stops`)
  }
})

t.test('the gradient is that of the value', async (t) => {
  const [n, p, classes] = [17, 5, 3]
  const Z = gaussMatrix('slope:Z', n, p)
  const labels = Int32Array.from({ length: n }, (_, i) => (i * i) % classes)
  const scales = Float64Array.from({ length: p + 1 }, (_, j) => 0.5 + j)
  const objective = logisticObjective({ Z }, labels, classes, 0.7, scales, products)
  const x = gauss('slope:x', classes * (p + 1))
  const gradient = new Float64Array(x.length)
  await objective(x, gradient)
  const at = async (i: number, h: number): Promise<number> => objective(x.map((z, j) => (j === i ? z + h : z)), new Float64Array(x.length))
  for (const i of x.keys()) {
    const slope = ((await at(i, 1e-4)) - (await at(i, -1e-4))) / 2e-4
    t.ok(Math.abs(slope - gradient[i]) < 1e-6, `entry ${i}`)
  }
})

t.test('a fit along a path of C is the one from scratch, in fewer steps, and leaves its inputs alone', async (t) => {
  const one = cases.find(({ tag }) => tag === 'usual')!
  const { X, labels } = dataOf(one)
  const before = X.data.slice()
  const path = await logisticProblem(X, labels, one.classes, tools)
  await path.fit(0.9)
  const warm = await path.fit(1)
  const cold = await (await logisticProblem({ ...X, data: Float32Array.from(X.data) }, labels, one.classes, tools)).fit(1)
  sameNumbers(t, warm.coefficients.data, [...cold.coefficients.data], 1e-6, 'coefficients, also of rows in float32')
  t.ok(warm.evaluations < cold.evaluations, `${warm.evaluations} evaluations after a neighbour, ${cold.evaluations} without`)
  t.same(X.data, before)
})

t.test('a class without a row is refused', async (t) => {
  await t.rejects(logisticProblem(gaussMatrix('absent', 4, 2), Int32Array.of(0, 2, 0, 2), 3, tools), { message: /class 1/ })
})

import fs from 'node:fs'
import t from 'tap'
import { lapackErrors } from '../../../src/numerics/lapack/lapack.ts'
import { createMeter, EPS, lapack, solve, verifyPairs } from './checks.ts'
import { families, gramOf, randomSymmetric, vector, wilkinson } from './matrices.ts'

const reference = JSON.parse(fs.readFileSync(new URL('../../reference/lapack/ref.json', import.meta.url), 'utf8')) as { name: string; n: number; w: number[] }[]

for (const n of [1, 2, 3, 5, 21, 33, 64, 130]) {
  t.test(`eigenpairs of order ${n}`, async (t) => {
    const meter = createMeter()
    for (const [name, make] of Object.entries(families)) {
      const a = make(n)
      const diagonal = vector(n, (i) => a[i + i * n])
      const solved = solve(n, a)
      verifyPairs(meter, name, n, a, solved)
      if (name === 'zero') meter.check(solved.w.every((x) => x === 0), 'zero: all zero')
      if (name === 'identity') meter.check(solved.w.every((x) => x === 1), 'identity: all one')
      if (name === 'diagonal' && n <= 64) meter.check(solved.w.every((x, i) => x === diagonal.toSorted()[i]), 'diagonal: its entries, sorted')
      if (name === 'rank one') {
        const trace = diagonal.reduce((sum, x) => sum + x, 0)
        meter.below(Math.abs(solved.w[n - 1] - trace) / (n * EPS * (solved.w[n - 1] || 1)), 3, 'rank-one eigenvalue', name)
      }
      const k = Math.max(1, Math.floor(n / 3))
      const top = solve(n, a, k)
      verifyPairs(meter, `${k} largest, ${name}`, n, a, top, k)
      meter.check(top.w.every((x, i) => x === solved.w[n - k + i]), `${name}: the same eigenvalues with and without the rest`)
    }
    meter.report(t)
  })
}

t.test('eigenpairs of order 500', async (t) => {
  const meter = createMeter()
  for (const name of ['random', 'gram of p < n', 'two clusters']) verifyPairs(meter, name, 500, families[name](500), solve(500, families[name](500)))
  meter.report(t)
})

t.test("eigenvalues are NumPy's", async (t) => {
  const meter = createMeter()
  const made: Record<string, Float64Array> = {
    'random 64': randomSymmetric(64, 1),
    'random 200': randomSymmetric(200, 2),
    'gram 40x7': gramOf(40, 7, 3),
    'wilkinson 21': wilkinson(21),
    'graded 33': randomSymmetric(33, 4).map((x, q) => x * 2 ** (-3 * (q % 33)) * 2 ** (-3 * Math.floor(q / 33))),
    'tiny 50': randomSymmetric(50, 5).map((x) => x * 2 ** -660),
    'huge 50': randomSymmetric(50, 6).map((x) => x * 2 ** 660),
  }
  t.same(reference.map(({ name }) => name).sort(), Object.keys(made).sort())
  for (const { name, n, w } of reference) {
    const solved = solve(n, made[name])
    const size = Math.max(...w.map(Math.abs))
    verifyPairs(meter, name, n, made[name], solved)
    meter.below(Math.max(...w.map((x, i) => Math.abs(x - solved.w[i]) / size)) / (n * EPS), 1, 'eigenvalues/(n eps |A|)', name)
  }
  meter.report(t)
})

t.test('NaN and infinity are refused and the matrix is left alone', async (t) => {
  const meter = createMeter()
  for (const bad of [NaN, Infinity, -Infinity])
    for (const n of [1, 2, 5, 64])
      for (const at of new Set([0, n - 1, n * n - 1])) {
        const a = randomSymmetric(n, 3)
        a[at] = bad
        const what = `${bad} at ${at} of order ${n}`
        const refused = solve(n, a)
        meter.check(refused.info === lapackErrors.nonFinite, `eigh, ${what}`)
        meter.check(refused.v.every((x, q) => Object.is(x, a[q])), `eigh changes nothing, ${what}`)
        meter.check(solve(n, a, 1).info === lapackErrors.nonFinite, `eigh_top, ${what}`)
        const p = lapack.put(a)
        meter.check(lapack.cholesky(n, p) === lapackErrors.nonFinite, `cholesky, ${what}`)
        lapack.free(p)
      }
  meter.report(t)
})

t.test('arguments out of range give a code', async (t) => {
  const p = lapack.put(new Float64Array(4))
  t.equal(lapack.eigh(0, p, p), 0)
  t.equal(lapack.eigh(-1, p, p), lapackErrors.badArgument)
  t.equal(lapack.eigh_top(2, 3, p, p, p), lapackErrors.badArgument)
  t.equal(lapack.cholesky(0, p), 0)
  t.equal(lapack.cholesky(-1, p), lapackErrors.badArgument)
  t.equal(lapack.cholesky_solve(2, -1, p, p), lapackErrors.badArgument)
  t.equal(lapack.dgemm(0, 0, -1, 1, 1, 1, p, p, 0, p), lapackErrors.badArgument)
  t.equal(lapack.sgram(-1, 1, p, 1, 1, p), lapackErrors.badArgument)
  t.equal(lapack.dsyrk(0, 1, -1, 1, p, 0, p), lapackErrors.badArgument)
  t.equal(lapack.xerbla_info(), 0, 'no routine was called with a wrong argument')
  lapack.free(p)
})

// Address space, not memory, is what these take: nothing of it is touched.
t.test('a lack of memory is a code, and addresses above 2 GiB work', async (t) => {
  const meter = createMeter()
  t.throws(() => lapack.malloc(2 ** 32 - 1), RangeError)
  const n = 15000
  const [p, w] = [lapack.malloc(8 * n * n), lapack.malloc(8 * n)]
  t.equal(lapack.eigh(n, p, w), lapackErrors.noMemory, 'three matrices of order 15,000')
  const more = lapack.malloc(2 ** 29)
  const probe = lapack.malloc(8 * 150 * 150)
  t.ok(probe >= 2 ** 31, `allocated at ${probe}`)
  const a = randomSymmetric(150, 33)
  verifyPairs(meter, 'above 2 GiB', 150, a, solve(150, a))
  for (const pointer of [p, w, more, probe]) lapack.free(pointer)
  verifyPairs(meter, 'after a failed allocation', 150, a, solve(150, a))
  meter.report(t)
})

import t from 'tap'
import { createMeter, EPS, lapack, multiplyT, norm1 } from './checks.ts'
import { gramOf, lcg, symmetric, vector } from './matrices.ts'

for (const n of [1, 2, 3, 5, 24, 33, 64, 193, 300]) {
  t.test(`Cholesky of order ${n}`, async (t) => {
    const meter = createMeter()
    for (const scale of [1, 1e-200, 1e200]) {
      const a = gramOf(n, n + 5, 21 + n).map((x, q) => (x + (q % (n + 1) === 0 ? n : 0)) * scale)
      const p = lapack.put(a)
      const info = lapack.cholesky(n, p)
      meter.check(info === 0, `scale ${scale}: info ${info}`)
      const factor = lapack.f64(p, n * n).slice()
      const lower = new Float64Array(n * n) // L', so that multiplyT gives LL'
      for (let j = 0; j < n; j++)
        for (let i = 0; i < n; i++) {
          if (i >= j) lower[j + i * n] = factor[i + j * n] / Math.sqrt(scale)
          else meter.check(factor[i + j * n] === a[i + j * n], `scale ${scale}: the upper triangle is left alone`)
        }
      const unit = a.map((x) => x / scale)
      const difference = multiplyT(lower, lower, n, n, n).map((x, q) => x - unit[q])
      meter.below(norm1(difference, n, n) / (n * EPS * norm1(unit, n, n)), 1, "|A-LL'|/(n eps |A|)", `scale ${scale}`)
      for (const nrhs of [1, 3, 40]) {
        const b = vector(n * nrhs, lcg(nrhs))
        const pb = lapack.put(b)
        meter.check(lapack.cholesky_solve(n, nrhs, p, pb) === 0, 'cholesky_solve returns 0')
        const x = lapack.f64(pb, n * nrhs).map((value) => value * scale)
        const residual = multiplyT(unit, x, n, nrhs, n).map((value, q) => value - b[q])
        meter.below(norm1(residual, n, nrhs) / (n * EPS * norm1(unit, n, n) * norm1(x, n, nrhs)), 2, '|AX-B|/(n eps |A||X|)', `scale ${scale}, ${nrhs} right sides`)
        lapack.free(pb)
      }
      lapack.free(p)
    }
    for (const at of new Set([0, n >> 1, n - 1])) {
      const p = lapack.put(symmetric(n, (i, j) => (i === j ? (i === at ? -1 : 2) : 0.5 / n)))
      const info = lapack.cholesky(n, p)
      meter.check(info === at + 1, `leading minor of order ${at + 1}: info ${info}`)
      lapack.free(p)
    }
    const zero = lapack.put(new Float64Array(n * n))
    meter.check(lapack.cholesky(n, zero) === 1, 'zero is not positive definite')
    lapack.free(zero)
    meter.report(t)
  })
}

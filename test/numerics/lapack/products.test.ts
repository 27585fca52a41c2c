import t from 'tap'
import { createMeter, EPS, lapack } from './checks.ts'
import { lcg, vector } from './matrices.ts'

const free = (...pointers: number[]): void => pointers.forEach(lapack.free)

t.test('dgemm, all transposes and factors', async (t) => {
  const meter = createMeter()
  const sizes = [[1, 1, 1], [2, 3, 1], [3, 5, 7], [4, 4, 4], [17, 9, 33], [65, 130, 257], [131, 66, 515], [5, 1030, 3], [1, 7, 300], [200, 1, 1]]
  const factors = [[1, 0], [-0.7, 1], [2, -0.3], [0, 0.5], [0, 0]]
  for (const [m, n, k] of sizes) {
    const g = lcg(m + n + k)
    const [A, B, C] = [vector(m * k, g), vector(k * n, g), vector(m * n, g)]
    for (const ta of [0, 1])
      for (const tb of [0, 1])
        for (const [alpha, beta] of factors) {
          const [pa, pb, pc] = [A, B, beta === 0 ? C.map(() => NaN) : C].map(lapack.put)
          meter.check(lapack.dgemm(ta, tb, m, n, k, alpha, pa, pb, beta, pc) === 0, 'dgemm returns 0')
          const out = lapack.f64(pc, m * n)
          let worst = 0
          for (let j = 0; j < n; j++)
            for (let i = 0; i < m; i++) {
              let sum = 0
              for (let p = 0; p < k; p++) sum += (ta ? A[p + i * k] : A[i + p * m]) * (tb ? B[j + p * n] : B[p + j * k])
              const error = Math.abs(out[i + j * m] - (alpha * sum + (beta === 0 ? 0 : beta * C[i + j * m])))
              if (!(error <= worst)) worst = error
            }
          meter.below(worst / (EPS * (k + 1)), 1, 'dgemm error/(k eps)', `${m} x ${n} x ${k} ta=${ta} tb=${tb} alpha=${alpha} beta=${beta}`)
          free(pa, pb, pc)
        }
  }
  meter.report(t)
})

t.test('dgemm: NaN and infinity reach their row and nothing else', async (t) => {
  const n = 9
  const [A, B] = [vector(n * n, lcg(1)), vector(n * n, lcg(2))]
  A[3] = NaN
  A[5 + n] = Infinity
  const [pa, pb, pc] = [A, B, new Float64Array(n * n)].map(lapack.put)
  lapack.dgemm(0, 0, n, n, n, 1, pa, pb, 0, pc)
  const rows = Array.from({ length: n }, (_, i) => vector(n, (j) => lapack.f64(pc, n * n)[i + j * n]))
  t.ok(rows[3].every(Number.isNaN))
  t.notOk(rows[5].some(Number.isFinite))
  t.ok(rows.every((row, i) => i === 3 || i === 5 || row.every(Number.isFinite)))
  free(pa, pb, pc)
})

t.test('dsyrk fills the lower triangle and leaves the upper', async (t) => {
  const meter = createMeter()
  for (const [n, k] of [[1, 1], [5, 3], [33, 70], [130, 300], [200, 1]])
    for (const trans of [0, 1]) {
      const A = vector(n * k, lcg(n))
      const [pa, pc] = [A, new Float64Array(n * n).fill(7)].map(lapack.put)
      lapack.dsyrk(trans, n, k, 0.7, pa, 0.3, pc)
      const c = lapack.f64(pc, n * n)
      let worst = 0
      for (let j = 0; j < n; j++)
        for (let i = 0; i < n; i++) {
          if (i < j) meter.check(c[i + j * n] === 7, `upper triangle of ${n} x ${k}`)
          else {
            let sum = 0
            for (let p = 0; p < k; p++) sum += trans ? A[p + i * k] * A[p + j * k] : A[i + p * n] * A[j + p * n]
            worst = Math.max(worst, Math.abs(c[i + j * n] - (0.7 * sum + 2.1)))
          }
        }
      meter.below(worst / (EPS * (k + 4)), 3, 'dsyrk error/(k eps)', `${n} x ${k} trans=${trans}`)
      lapack.symmetrize(n, pc)
      meter.check(c.every((x, q) => x === c[Math.floor(q / n) + (q % n) * n]), `symmetrize ${n}`)
      free(pa, pc)
    }
  meter.report(t)
})

t.test('sgram adds f32 products in f64, also block by block', async (t) => {
  const meter = createMeter()
  for (const [n, p] of [[1, 1], [3, 5], [13, 100], [64, 256], [101, 700], [300, 1031], [1100, 40]])
    for (const rowMajor of [true, false]) {
      const A = Float32Array.from({ length: n * p }, lcg(n + p))
      const [rs, cs] = rowMajor ? [p, 1] : [1, n]
      const [pa, pc] = [lapack.put(A), lapack.put(new Float64Array(n * n))]
      if (n > 1) lapack.f64(pc, n * n)[n] = 42
      const half = p >> 1
      lapack.sgram(n, half, pa, rs, cs, pc)
      lapack.sgram(n, p - half, pa + 4 * half * cs, rs, cs, pc)
      const c = lapack.f64(pc, n * n)
      const step = n > 400 ? 7 : 1
      let worst = 0
      for (let j = 0; j < n; j += step)
        for (let i = j; i < n; i += step) {
          let [sum, size] = [0, 0]
          for (let k = 0; k < p; k++) {
            const term = A[i * rs + k * cs] * A[j * rs + k * cs]
            sum += term
            size += Math.abs(term)
          }
          const error = Math.abs(c[i + j * n] - sum) / (size || 1)
          if (!(error <= worst)) worst = error
        }
      meter.below(worst / 2 ** -24, 16, 'sgram error/(eps32 sum|a||b|)', `${n} x ${p} ${rowMajor ? 'row' : 'column'}-major`)
      if (n > 1) meter.check(c[n] === 42, 'sgram leaves the upper triangle')
      free(pa, pc)
    }
  meter.report(t)
})

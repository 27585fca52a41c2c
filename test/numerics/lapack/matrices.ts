// Test matrices, column-major; symmetric ones are filled on both sides. make_ref.py in test/reference/lapack builds some of them too.

/** Exact multiples of 2^-23 in [-1, 1). */
export const lcg = (seed: number) => {
  let state = seed >>> 0
  return (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (state >>> 8) / 2 ** 23 - 1
  }
}

export const vector = (n: number, value: (i: number) => number): Float64Array => Float64Array.from({ length: n }, (_, i) => value(i))

export const symmetric = (n: number, entry: (i: number, j: number) => number): Float64Array => {
  const a = new Float64Array(n * n)
  for (let j = 0; j < n; j++) for (let i = j; i < n; i++) a[i + j * n] = a[j + i * n] = entry(i, j)
  return a
}

export const randomSymmetric = (n: number, seed: number): Float64Array => {
  const g = lcg(seed)
  return symmetric(n, () => g())
}

/** H2 H1 diag(values) H1 H2 with two random Householder reflections. */
export const withSpectrum = (values: Float64Array, seed: number): Float64Array => {
  const n = values.length
  const g = lcg(seed)
  let a = symmetric(n, (i, j) => (i === j ? values[i] : 0))
  for (let pass = 0; pass < 2; pass++) {
    const u = vector(n, g)
    const norm = Math.hypot(...u) || 1
    for (let i = 0; i < n; i++) u[i] /= norm
    const au = new Float64Array(n)
    for (let j = 0; j < n; j++) for (let i = 0; i < n; i++) au[i] += a[i + j * n] * u[j]
    const uau = u.reduce((sum, x, i) => sum + x * au[i], 0)
    const b = a
    a = symmetric(n, (i, j) => b[i + j * n] - 2 * (u[i] * au[j] + au[i] * u[j]) + 4 * uau * u[i] * u[j])
  }
  return a
}

/** XX' of small integers (n x p), exact. */
export const gramOf = (n: number, p: number, seed: number): Float64Array => {
  const g = lcg(seed)
  const x = vector(n * p, () => Math.floor(8 * g()))
  return symmetric(n, (i, j) => {
    let sum = 0
    for (let k = 0; k < p; k++) sum += x[i * p + k] * x[j * p + k]
    return sum
  })
}

export const wilkinson = (n: number): Float64Array => symmetric(n, (i, j) => (i === j ? Math.abs(i - (n - 1) / 2) : i === j + 1 ? 1 : 0))

/** Wilkinson blocks of 21 joined by 1e-8: many eigenvalues that agree to rounding. */
const gluedWilkinson = (n: number): Float64Array => symmetric(n, (i, j) => (i === j ? Math.abs((i % 21) - 10) : i === j + 1 ? (i % 21 === 0 ? 1e-8 : 1) : 0))

/** D R D with powers of ten from `from` to `to` in D. */
const graded = (n: number, from: number, to: number, seed: number): Float64Array => {
  const d = vector(n, (i) => 10 ** (n > 1 ? from + ((to - from) * i) / (n - 1) : to))
  const g = lcg(seed)
  return symmetric(n, (i, j) => g() * d[i] * d[j])
}

const changed = (a: Float64Array, change: (a: Float64Array) => void): Float64Array => {
  change(a)
  return a
}

/** What eigensolvers stumble over: gradings, clusters, deficient rank, the ends of the range of float64. */
export const families: Record<string, (n: number) => Float64Array> = {
  random: (n) => randomSymmetric(n, n + 1),
  'graded 1e-300..1e300': (n) => graded(n, -150, 150, n),
  'graded reversed': (n) => graded(n, 150, -150, n + 2),
  'spectrum 1e-12..1e12': (n) => withSpectrum(vector(n, (i) => 10 ** (n > 1 ? -12 + (24 * i) / (n - 1) : 0)), 5),
  'two clusters': (n) => {
    const g = lcg(9)
    return withSpectrum(vector(n, (i) => (i % 2 ? 2 : 1 + 1e-10 * g())), 6)
  },
  'cluster at 0 within eps': (n) => withSpectrum(vector(n, (i) => (i === 0 ? 1 : i * 1e-17)), 7),
  zero: (n) => new Float64Array(n * n),
  identity: (n) => symmetric(n, (i, j) => (i === j ? 1 : 0)),
  'rank one': (n) => {
    const v = vector(n, lcg(11))
    return symmetric(n, (i, j) => v[i] * v[j])
  },
  diagonal: (n) => {
    const g = lcg(12)
    return symmetric(n, (i, j) => (i === j ? Math.round(20 * g()) : 0))
  },
  'gram of p < n': (n) => gramOf(n, Math.max(1, Math.floor(n / 3)), 13),
  'wilkinson+': wilkinson,
  'glued wilkinson': gluedWilkinson,
  'tiny 1e-200': (n) => randomSymmetric(n, 14).map((x) => x * 1e-200),
  'huge 1e200': (n) => randomSymmetric(n, 15).map((x) => x * 1e200),
  subnormal: (n) => randomSymmetric(n, 16).map((x) => x * 1e-310),
  'near overflow': (n) => randomSymmetric(n, 17).map((x) => x * 1e305),
  'one huge entry': (n) => changed(randomSymmetric(n, 18), (a) => (a[0] = 1e300)),
  'one large off-diagonal': (n) => changed(randomSymmetric(n, 19), (a) => (n > 1 ? (a[n - 1] = a[(n - 1) * n] = 1e8) : 0)),
}

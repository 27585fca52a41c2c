import type { Test } from 'tap'
import { loadLapack } from '../../../src/numerics/lapack/lapack.ts'

export const lapack = await loadLapack()
export const EPS = 2 ** -52

/** Collects thousands of checks into one assertion for each kind: the worst value against its limit. */
export const createMeter = () => {
  const worst = new Map<string, { value: number; limit: number; what: string }>()
  const failures: string[] = []
  return {
    check: (ok: boolean, what: string): void => {
      if (!ok) failures.push(what)
    },
    below: (value: number, limit: number, kind: string, what: string): void => {
      // Written so that NaN is the worst of all.
      if (!(value <= (worst.get(kind)?.value ?? -1))) worst.set(kind, { value, limit, what })
    },
    report: (t: Pick<Test, 'ok' | 'same'>): void => {
      t.same(failures, [], 'no check failed')
      for (const [kind, { value, limit, what }] of worst) t.ok(value <= limit, `${kind}: worst ${value.toFixed(3)} of ${limit}, ${what}`)
    },
  }
}
export type Meter = ReturnType<typeof createMeter>

/** Largest column sum of column-major a. NaN is not lost. */
export const norm1 = (a: Float64Array, rows: number, cols: number): number => {
  let max = 0
  for (let j = 0; j < cols; j++) {
    let sum = 0
    for (let i = 0; i < rows; i++) sum += Math.abs(a[i + j * rows])
    if (!(sum <= max)) max = sum
  }
  return max
}

/** A'B for column-major A (k x m), B (k x n): plain up to k = 200, above by dgemm, which has tests of its own. */
export const multiplyT = (a: Float64Array, b: Float64Array, m: number, n: number, k: number): Float64Array => {
  if (k > 200) {
    const [pa, pb, pc] = [lapack.put(a), lapack.put(b), lapack.malloc(8 * m * n)]
    lapack.dgemm(1, 0, m, n, k, 1, pa, pb, 0, pc)
    const c = lapack.f64(pc, m * n).slice()
    for (const pointer of [pa, pb, pc]) lapack.free(pointer)
    return c
  }
  const c = new Float64Array(m * n)
  for (let j = 0; j < n; j++)
    for (let i = 0; i < m; i++) {
      let sum = 0
      for (let p = 0; p < k; p++) sum += a[p + i * k] * b[p + j * k]
      c[i + j * m] = sum
    }
  return c
}

/** Two exact powers of two whose product brings the largest entry near 1; one alone may overflow. */
const unitScale = (a: Float64Array): [number, number] => {
  const max = a.reduce((m, x) => Math.max(m, Math.abs(x)), 0)
  if (max === 0) return [1, 1]
  const exponent = -Math.floor(Math.log2(max))
  const half = Math.trunc(exponent / 2)
  return [2 ** half, 2 ** (exponent - half)]
}

export interface Solved {
  info: number
  w: Float64Array
  v: Float64Array
}

/** Eigenpairs by the module itself: all, or the k largest. */
export const solve = (n: number, a: Float64Array, k?: number): Solved => {
  const count = k ?? n
  const [pa, pw] = [lapack.put(a), lapack.malloc(8 * n)]
  const pz = k === undefined ? pa : lapack.malloc(8 * n * k)
  const info = k === undefined ? lapack.eigh(n, pa, pw) : lapack.eigh_top(n, k, pa, pw, pz)
  const solved = { info, w: lapack.f64(pw, count).slice(), v: lapack.f64(pz, n * count).slice() }
  for (const pointer of new Set([pa, pw, pz])) lapack.free(pointer)
  return solved
}

/** Residual and orthogonality of eigenpairs, in units of n eps. */
export const verifyPairs = (meter: Meter, what: string, n: number, a: Float64Array, { info, w, v }: Solved, k = n): void => {
  meter.check(info === 0, `${what}: info ${info}`)
  meter.check(w.every((x, i) => Number.isFinite(x) && (i === 0 || x >= w[i - 1])), `${what}: ascending and finite`)
  const [f, g] = unitScale(a)
  const scaled = a.map((x) => x * f * g)
  const values = w.map((x) => x * f * g)
  const residual = multiplyT(scaled, v, n, k, n)
  for (let j = 0; j < k; j++) for (let i = 0; i < n; i++) residual[i + j * n] -= v[i + j * n] * values[j]
  // Subnormal eigenvalues cannot be more exact than their spacing.
  const grid = 2 ** -1074 * f * g
  meter.below(norm1(residual, n, k) / (n * (EPS * (norm1(scaled, n, n) || 1) + grid)), 3, 'residual |AV-VW|/(n eps |A|)', what)
  const vv = multiplyT(v, v, k, k, n)
  for (let j = 0; j < k; j++) vv[j + j * k] -= 1
  meter.below(norm1(vv, k, k) / (n * EPS), 6, "orthogonality |V'V-I|/(n eps)", what)
}

import { VentralError } from '../domain/errors.ts'
import type { Matrix } from '../domain/matrix.ts'
import { backTransform } from './back-transform.ts'
import type { Lapack } from './lapack/lapack.ts'
import { lapackErrors, loadLapack } from './lapack/lapack.ts'
import type { Products } from './products.ts'
import { transpose } from './transpose.ts'

/** Eigenvalues of a symmetric matrix, ascending, and its orthonormal eigenvectors. */
export interface Eigen {
  values: Float64Array
  /** (eigenvector x component): row j is the eigenvector of values[j]. Products with it are cheapest as the second factor with transB. */
  vectorsT: Matrix
}

/** Thrown by choleskySolve: the leading minor of order `minor` is not positive definite to working precision. */
export class NotPositiveDefinite extends Error {
  readonly minor: number

  constructor(minor: number) {
    super(`the matrix is not positive definite: its leading minor of order ${minor} is not`)
    this.minor = minor
  }
}

/**
 * Symmetric problems on this thread's LAPACK. All inputs are (n x n) symmetric, one triangle of which is read, and finite (else an
 * Error); none is changed; results are fresh arrays. Calls block the thread: n = 2560 takes about 3.5 s for eigh, 2.5 s for eighWith, 0.3 s for Cholesky.
 * VentralError does-not-fit when n is beyond what 4 GiB hold (about 13,000 for eigh).
 */
export interface LinearAlgebra {
  eigh: (a: Matrix) => Eigen
  /** The k largest eigenvalues and their vectors, in ascending order. Not many times cheaper than all of them. */
  eighTop: (a: Matrix, k: number) => Eigen
  /** The same in half the time for orders of hundreds and more, by faster products for the last step; to rounding, not to the bit. */
  eighWith: (products: Pick<Products, 'f64'>, a: Matrix, k: number) => Promise<Eigen>
  /** X of a X = b for positive definite a, b and X (n x m). Throws NotPositiveDefinite. */
  choleskySolve: (a: Matrix, b: Matrix) => Matrix
  /** Lower triangular L of a = LL', (n x n) with zeros above. Throws NotPositiveDefinite. */
  cholesky: (a: Matrix) => Matrix
}

/** Loads LAPACK, once per thread. */
export const createLinearAlgebra = async (): Promise<LinearAlgebra> => {
  const lapack = await loadLapack()
  return {
    eigh: (a) => eigh(lapack, a, order(a)),
    eighTop: (a, k) => {
      if (!Number.isInteger(k) || k < 0 || k > order(a)) throw new Error(`${k} eigenvectors of a matrix of order ${a.rows}`)
      return eigh(lapack, a, k)
    },
    eighWith: (products, a, k) => {
      if (!Number.isInteger(k) || k < 0 || k > order(a)) throw new Error(`${k} eigenvectors of a matrix of order ${a.rows}`)
      return order(a) < LEAST_BLOCKED ? Promise.resolve(eigh(lapack, a, k)) : eighWith(lapack, products, a, k)
    },
    choleskySolve: (a, b) => choleskySolve(lapack, a, b),
    cholesky: (a) => cholesky(lapack, a),
  }
}

const order = ({ rows, cols, data }: Matrix): number => {
  if (rows !== cols || data.length !== rows * cols) throw new Error(`a square matrix is needed, not ${rows} x ${cols} with ${data.length} values`)
  return rows
}

const eigh = (lapack: Lapack, a: Matrix, k: number): Eigen => {
  const n = order(a)
  return withMemory(lapack, n, (keep) => {
    const A = keep(lapack.put(a.data))
    const w = keep(lapack.malloc(8 * n))
    const Z = k === n ? A : keep(lapack.malloc(8 * n * k))
    const info = k === n ? lapack.eigh(n, A, w) : lapack.eigh_top(n, k, A, w, Z)
    if (info > 0) throw new Error(`the eigenvalues of a matrix of order ${n} did not converge (LAPACK's INFO ${info})`)
    check(info, n)
    return { values: lapack.f64(w, k).slice(), vectorsT: { rows: k, cols: n, data: lapack.f64(Z, k * n).slice() } }
  })
}

/** Below, the calls cost more than the products save. */
const LEAST_BLOCKED = 256

const eighWith = async (lapack: Lapack, products: Pick<Products, 'f64'>, a: Matrix, k: number): Promise<Eigen> => {
  const n = order(a)
  const kept: number[] = []
  const allocate = (bytes: number): number => {
    const pointer = lapack.malloc(bytes)
    kept.push(pointer)
    return pointer
  }
  try {
    const A = lapack.put(a.data)
    kept.push(A)
    const [w, tau, Z] = [8 * n, 8 * (n - 1), 8 * n * n].map(allocate)
    const info = lapack.eigh_reduced(n, A, w, tau, Z)
    if (info > 0) throw new Error(`the eigenvalues of a matrix of order ${n} did not converge (LAPACK's INFO ${info})`)
    check(info, n)
    const values = lapack.f64(w, n).slice(n - k)
    const vectors = (): Float64Array => lapack.f64(Z, n * n).subarray((n - k) * n)
    await backTransform({ order: n, reflectors: () => lapack.f64(A, n * n), tau: lapack.f64(tau, n - 1).slice(), vectors }, products)
    return { values, vectorsT: { rows: k, cols: n, data: vectors().slice() } }
  } catch (error) {
    throw error instanceof RangeError ? tooLarge(n) : error
  } finally {
    kept.forEach(lapack.free)
  }
}

const choleskySolve = (lapack: Lapack, a: Matrix, b: Matrix): Matrix => {
  const n = order(a)
  if (b.rows !== n || b.data.length !== n * b.cols) throw new Error(`right sides of ${b.rows} rows do not fit a matrix of order ${n}`)
  return withMemory(lapack, n, (keep) => {
    const A = keep(lapack.put(a.data))
    factorise(lapack, n, A)
    // LAPACK's column-major (n x m) is (m x n) row by row.
    const B = keep(lapack.put(transpose(b).data))
    check(lapack.cholesky_solve(n, b.cols, A, B), n)
    return transpose({ rows: b.cols, cols: n, data: lapack.f64(B, n * b.cols) })
  })
}

const cholesky = (lapack: Lapack, a: Matrix): Matrix => {
  const n = order(a)
  return withMemory(lapack, n, (keep) => {
    const A = keep(lapack.put(a.data))
    factorise(lapack, n, A)
    const factor = transpose({ rows: n, cols: n, data: lapack.f64(A, n * n) })
    for (let i = 0; i < n; i++) factor.data.fill(0, i * n + i + 1, (i + 1) * n)
    return factor
  })
}

const factorise = (lapack: Lapack, n: number, A: number): void => {
  const info = lapack.cholesky(n, A)
  if (info > 0) throw new NotPositiveDefinite(info)
  check(info, n)
}

/** Runs work on LAPACK's memory and frees what it keeps, whatever happens. */
const withMemory = <T>(lapack: Lapack, n: number, work: (keep: (pointer: number) => number) => T): T => {
  const kept: number[] = []
  try {
    return work((pointer) => {
      kept.push(pointer)
      return pointer
    })
  } catch (error) {
    throw error instanceof RangeError ? tooLarge(n) : error
  } finally {
    kept.forEach(lapack.free)
  }
}

const check = (info: number, n: number): void => {
  if (info === lapackErrors.nonFinite) throw new Error(`a matrix of order ${n} holds NaN or infinity`)
  if (info === lapackErrors.noMemory) throw tooLarge(n)
  if (info !== 0) throw new Error(`LAPACK failed with ${info} on a matrix of order ${n}`)
}

const tooLarge = (n: number): VentralError =>
  new VentralError('does-not-fit', `A symmetric matrix of order ${n} is too large to decompose in 4 GiB. Use fewer stimuli.`, [
    { pointer: 'stimuli', expected: 'a Gram matrix that 4 GiB hold thrice (about 13,000 stimuli)', found: String(n) },
  ])

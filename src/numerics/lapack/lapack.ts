import fs from 'node:fs/promises'

/** Return codes of lapack.wasm. 0 is success; above 0 it is LAPACK's INFO. */
export const lapackErrors = { noMemory: -1001, nonFinite: -1002, badArgument: -1003, internal: -1004 } as const

/** What lapack.wasm exports (recipe/README.md). Pointers are byte offsets into memory; matrices are column-major and contiguous. */
interface LapackExports {
  memory: WebAssembly.Memory
  malloc: (bytes: number) => number
  free: (pointer: number) => void
  /** eigenvalues ascending into w; A (its lower triangle read) becomes the eigenvectors, vector j at A + 8jn */
  eigh: (n: number, A: number, w: number) => number
  /** the k largest eigenvalues, ascending, and their vectors in Z (n x k); destroys A */
  eigh_top: (n: number, k: number, A: number, w: number, Z: number) => number
  /** eigenvalues ascending into w; those of a tridiagonal T = Q'AQ as vectors into Z (n x n); Q's reflectors into A, their factors into tau (n - 1) */
  eigh_reduced: (n: number, A: number, w: number, tau: number, Z: number) => number
  /** A = LL', L in the lower triangle; above 0: order of the leading minor that is not positive definite */
  cholesky: (n: number, A: number) => number
  /** with that factor, B (n x nrhs) becomes the solution */
  cholesky_solve: (n: number, nrhs: number, A: number, B: number) => number
  /** C := alpha op(A) op(B) + beta C, op(A) m x k, op(B) k x n */
  dgemm: (transA: number, transB: number, m: number, n: number, k: number, alpha: number, A: number, B: number, beta: number, C: number) => number
  /** lower triangle of alpha AA' + beta C (trans 0, A n x k) or alpha A'A + beta C (trans 1, A k x n) */
  dsyrk: (trans: number, n: number, k: number, alpha: number, A: number, beta: number, C: number) => number
  /** lower triangle of the f64 C += AA' for f32 A (n x p), element (i, k) at A[i rowStride + k columnStride] */
  sgram: (n: number, p: number, A: number, rowStride: number, columnStride: number, C: number) => number
  /** copies the lower triangle to the upper */
  symmetrize: (n: number, C: number) => void
  /** number of the argument that a LAPACK routine last rejected; 0: none */
  xerbla_info: () => number
}

export interface Lapack extends Omit<LapackExports, 'memory'> {
  /** a view of `length` float64 at a pointer. Dies when memory grows: take it again after every call. */
  f64: (pointer: number, length: number) => Float64Array<ArrayBuffer>
  f32: (pointer: number, length: number) => Float32Array<ArrayBuffer>
  /** a copy of an array in new memory */
  put: (array: Float64Array | Float32Array) => number
}

let loaded: Promise<Lapack> | undefined

/**
 * This thread's LAPACK: WebAssembly, so that digits are the same on every machine. One instance per thread, loaded once; calls
 * block the thread and are not re-entrant. `malloc` throws a RangeError when memory (4 GiB at most) runs out.
 */
export const loadLapack = (): Promise<Lapack> => (loaded ??= instantiate())

const instantiate = async (): Promise<Lapack> => {
  const { instance } = await WebAssembly.instantiate(await fs.readFile(new URL('lapack.wasm', import.meta.url)), {})
  const { memory, ...functions } = instance.exports as unknown as LapackExports
  // Addresses from 2 GiB on arrive as negative numbers.
  const malloc = (bytes: number): number => {
    const pointer = functions.malloc(Math.max(8, bytes)) >>> 0
    if (pointer === 0) throw new RangeError(`LAPACK cannot allocate ${bytes} bytes`)
    return pointer
  }
  const f64 = (pointer: number, length: number) => new Float64Array(memory.buffer, pointer >>> 0, length)
  const f32 = (pointer: number, length: number) => new Float32Array(memory.buffer, pointer >>> 0, length)
  const put = (array: Float64Array | Float32Array): number => {
    const pointer = malloc(array.byteLength)
    const view = array instanceof Float64Array ? f64 : f32
    view(pointer, array.length).set(array)
    return pointer
  }
  return { ...functions, malloc, f64, f32, put }
}

/** A dense row-major matrix. Element (i, j) is data[i * cols + j]. */
export interface Matrix<T extends Float64Array | Float32Array = Float64Array> {
  readonly rows: number
  readonly cols: number
  readonly data: T
}

/** An n-dimensional array in C order. */
export interface NdArray<T extends Float64Array | Float32Array = Float64Array> {
  readonly shape: readonly number[]
  readonly data: T
}

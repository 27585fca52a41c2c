import type { Matrix } from '../../domain/matrix.ts'

/** Solves R x = b for upper triangular R, (p x p). */
export const solveUpper = ({ cols: p, data: R }: Matrix, b: Float64Array): Float64Array => {
  const x = b.slice()
  for (let i = p - 1; i >= 0; i--) {
    let sum = x[i]
    for (let k = i + 1; k < p; k++) sum -= R[i * p + k] * x[k]
    x[i] = sum / R[i * p + i]
  }
  return x
}

/** Solves R'x = b. */
const solveUpperTransposed = ({ cols: p, data: R }: Matrix, b: Float64Array): Float64Array => {
  const x = b.slice()
  for (let i = 0; i < p; i++) {
    x[i] /= R[i * p + i]
    for (let k = i + 1; k < p; k++) x[k] -= R[i * p + k] * x[i]
  }
  return x
}

const STEPS = 12

/** Estimate of the condition number of an upper triangular matrix, from below, by power iterations on R'R and its inverse; infinite where R has a 0 on its diagonal. */
export const conditionOfUpper = (R: Matrix): number => {
  const p = R.cols
  for (let i = 0; i < p; i++) if (R.data[i * p + i] === 0) return Infinity
  const times = (x: Float64Array): Float64Array => {
    const y = new Float64Array(p)
    for (let i = 0; i < p; i++) for (let k = i; k < p; k++) y[i] += R.data[i * p + k] * x[k]
    const z = new Float64Array(p)
    for (let i = 0; i < p; i++) for (let k = i; k < p; k++) z[k] += R.data[i * p + k] * y[i]
    return z
  }
  const largest = growth(p, times)
  const smallest = growth(p, (x) => solveUpper(R, solveUpperTransposed(R, x)))
  return Math.sqrt(largest * smallest)
}

/** Growth of a vector of fixed, unequal entries under repeated multiplication: the largest eigenvalue of a symmetric matrix, from below. */
const growth = (p: number, times: (x: Float64Array) => Float64Array): number => {
  let x: Float64Array = Float64Array.from({ length: p }, (_, i) => 1 + ((i * 0.6180339887) % 1))
  let factor = 0
  for (let step = 0; step < STEPS; step++) {
    const norm = Math.sqrt(x.reduce((sum, value) => sum + value * value, 0))
    const next = times(x.map((value) => value / norm))
    factor = Math.sqrt(next.reduce((sum, value) => sum + value * value, 0))
    if (!Number.isFinite(factor)) return Infinity
    x = next
  }
  return factor
}

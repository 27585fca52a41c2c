import type { Matrix } from '../../domain/matrix.ts'
import { centredBlock, gramCentre } from '../gram.ts'

/** Biased HSIC grows with the number of units even between noise; the unbiased estimate is about 0 there. */
export type HsicEstimate = 'biased' | 'unbiased'

/**
 * Hilbert-Schmidt independence criterion of two sets of activations from their Gram matrices over the same stimuli, about any vectors:
 * `biased` tr(Kc Lc), not divided by (n - 1)²; `unbiased` of Song et al. (2012), which needs 4 stimuli (NaN under that).
 */
export const hsic = (K: Matrix, L: Matrix, estimate: HsicEstimate): number => {
  const n = K.rows
  if (L.rows !== n || K.cols !== n || L.cols !== n) throw new Error(`Gram matrices of ${K.rows} and ${L.rows} stimuli cannot be compared`)
  const [A, B] = [centred(K), centred(L)]
  return estimate === 'biased' ? innerProduct(A, B) : unbiased(A, B, n)
}

/**
 * Linear CKA (Kornblith et al. 2019): HSIC(K, L) / √(HSIC(K, K) HSIC(L, L)). Null where either set does not vary, or where the unbiased
 * estimates leave nothing over 0 to divide by.
 */
export const linearCka = (K: Matrix, L: Matrix, estimate: HsicEstimate): number | null => {
  const square = hsic(K, K, estimate) * hsic(L, L, estimate)
  return square > 0 ? hsic(K, L, estimate) / Math.sqrt(square) : null
}

/** Centring changes neither estimate, and keeps the digits of both. */
const centred = (K: Matrix): Float64Array => centredBlock(K, gramCentre(K, Int32Array.from({ length: K.rows }, (_, i) => i))).data

const innerProduct = (a: Float64Array, b: Float64Array): number => {
  let sum = 0
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k]
  return sum
}

const unbiased = (a: Float64Array, b: Float64Array, n: number): number => {
  if (n < 4) return NaN
  let [product, sumA, sumB, cross] = [0, 0, 0, 0]
  for (let i = 0; i < n; i++) {
    let [rowA, rowB] = [0, 0]
    for (let j = 0; j < n; j++) {
      if (i === j) continue
      const k = i * n + j
      product += a[k] * b[k]
      rowA += a[k]
      rowB += b[k]
    }
    sumA += rowA
    sumB += rowB
    cross += rowA * rowB
  }
  return (product + (sumA * sumB) / ((n - 1) * (n - 2)) - (2 * cross) / (n - 2)) / (n * (n - 3))
}

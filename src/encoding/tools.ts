import type { LinearAlgebra } from '../numerics/linear-algebra.ts'
import type { Products } from '../numerics/products.ts'

/** The engines that the fits run on: one eigensolver and one product runtime per thread of work. */
export interface Tools {
  la: Pick<LinearAlgebra, 'eighTop' | 'eighWith' | 'choleskySolve'>
  products: Pick<Products, 'f64' | 'addGram'>
}

import type { Matrix } from '../../domain/matrix.ts'

/** Rates of a set of stimuli, site by site. */
export interface RateMoments {
  count: number
  means: Float64Array
  /** sum of squares about the mean */
  squares: Float64Array
}

/** Means and centred sums of squares of the sites over some stimuli, in two passes; a site that does not vary has 0 squares to the bit. */
export const rateMoments = (Y: Matrix, rows: Int32Array): RateMoments => {
  const m = Y.cols
  const [means, squares] = [new Float64Array(m), new Float64Array(m)]
  const varies = new Uint8Array(m)
  for (const row of rows)
    for (let j = 0; j < m; j++) {
      means[j] += Y.data[row * m + j]
      if (Y.data[row * m + j] !== Y.data[rows[0] * m + j]) varies[j] = 1
    }
  for (let j = 0; j < m; j++) means[j] = varies[j] === 1 ? means[j] / rows.length : Y.data[rows[0] * m + j]
  for (const row of rows) for (let j = 0; j < m; j++) squares[j] += (Y.data[row * m + j] - means[j]) ** 2
  return { count: rows.length, means, squares }
}

import type { Labels } from '../splits/split.ts'
import { uniqueSorted } from '../splits/unique.ts'
import type { GramSums } from './rdm.ts'

/**
 * Gram sums of the groups' mean activations, groups in ascending order, from those of the stimuli. With A (group x stimulus) the averaging
 * matrix, whose rows add up to 1, A·X - μ = A·(X - μ): so K becomes A·K·A', X·μ and X·1 become A times themselves, and μ'μ stays.
 */
export const meanGramByGroup = ({ K, dotMean, meanSquare, sums, units }: GramSums, labels: Labels): { groups: (string | number)[]; gram: GramSums } => {
  const { values, inverse, counts } = uniqueSorted(labels)
  const g = values.length
  const average = (x: ArrayLike<number>): Float64Array => {
    const out = new Float64Array(g)
    inverse.forEach((group, i) => (out[group] += x[i] / counts[group]))
    return out
  }
  const n = K.rows
  const data = new Float64Array(g * g) // (group x group)
  for (let i = 0; i < n; i++) {
    const row = average(K.data.subarray(i * n, (i + 1) * n))
    for (let b = 0; b < g; b++) data[inverse[i] * g + b] += row[b] / counts[inverse[i]]
  }
  return { groups: values, gram: { K: { rows: g, cols: g, data }, dotMean: average(dotMean), meanSquare, sums: average(sums), units } }
}

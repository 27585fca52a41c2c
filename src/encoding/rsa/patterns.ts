import type { Matrix } from '../../domain/matrix.ts'
import type { Labels } from '../splits/split.ts'
import { uniqueSorted } from '../splits/unique.ts'

/** Each column less its mean over its standard deviation (ddof 0), so that no site counts more for its scale; constant columns become 0. */
export const zscoreColumns = ({ rows, cols, data }: Matrix): Matrix => {
  const out = new Float64Array(data.length)
  for (let j = 0; j < cols; j++) {
    let sum = 0
    for (let i = 0; i < rows; i++) sum += data[i * cols + j]
    const mean = sum / rows
    let squares = 0
    for (let i = 0; i < rows; i++) squares += (data[i * cols + j] - mean) ** 2
    const constant = !(squares > rows * (4 * Number.EPSILON * mean) ** 2) && !Number.isNaN(squares)
    for (let i = 0; i < rows; i++) out[i * cols + j] = constant ? 0 : (data[i * cols + j] - mean) / Math.sqrt(squares / rows)
  }
  return { rows, cols, data: out }
}

/** Mean pattern of each group of stimuli, groups in ascending order: for RDMs by object. */
export const meanByGroup = ({ cols, data }: Matrix, labels: Labels): { groups: (string | number)[]; patterns: Matrix } => {
  const { values, inverse, counts } = uniqueSorted(labels)
  const out = new Float64Array(values.length * cols)
  inverse.forEach((group, i) => {
    for (let k = 0; k < cols; k++) out[group * cols + k] += data[i * cols + k] / counts[group]
  })
  return { groups: values, patterns: { rows: values.length, cols, data: out } }
}

import type { Matrix } from '../../domain/matrix.ts'
import type { Labels } from '../splits/split.ts'
import { uniqueSorted } from '../splits/unique.ts'

/** Mean and standard deviation (ddof 0) of each column; 0 where rounding is all that it varies by. */
export const columnScales = ({ rows, cols, data }: Matrix): { means: Float64Array; sds: Float64Array } => {
  const [means, sds] = [new Float64Array(cols), new Float64Array(cols)]
  for (let j = 0; j < cols; j++) {
    let sum = 0
    for (let i = 0; i < rows; i++) sum += data[i * cols + j]
    const mean = sum / rows
    let squares = 0
    for (let i = 0; i < rows; i++) squares += (data[i * cols + j] - mean) ** 2
    const constant = !(squares > rows * (4 * Number.EPSILON * mean) ** 2) && !Number.isNaN(squares)
    means[j] = mean
    sds[j] = constant ? 0 : Math.sqrt(squares / rows)
  }
  return { means, sds }
}

/** Each column less its mean over its standard deviation (ddof 0), so that no site counts more for its scale; constant columns become 0. */
export const zscoreColumns = (patterns: Matrix): Matrix => {
  const { cols, data } = patterns
  const { means, sds } = columnScales(patterns)
  return { ...patterns, data: data.map((x, k) => (sds[k % cols] === 0 ? 0 : (x - means[k % cols]) / sds[k % cols])) }
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

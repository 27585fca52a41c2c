import type { Labels } from './split.ts'

/** Code points, not UTF-16 units, so that strings come in the order of Python and NumPy. */
const compareStrings = (a: string, b: string): number => {
  const [x, y] = [Array.from(a), Array.from(b)]
  for (let i = 0; i < x.length && i < y.length; i++) if (x[i] !== y[i]) return x[i].codePointAt(0)! - y[i].codePointAt(0)!
  return x.length - y.length
}

const compare = (a: string | number, b: string | number): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : compareStrings(String(a), String(b))

/** Distinct values and, for each stimulus, the index of its value among them. */
export interface Unique {
  values: (string | number)[]
  inverse: Int32Array
  counts: Int32Array
}

const number = (labels: Labels, values: (string | number)[]): Unique => {
  const index = new Map(values.map((value, k) => [value, k]))
  const inverse = Int32Array.from({ length: labels.length }, (_, i) => index.get(labels[i])!)
  const counts = new Int32Array(values.length)
  for (const k of inverse) counts[k]++
  return { values, inverse, counts }
}

/** Distinct values in ascending order (numbers by size, strings by code point), as numpy.unique. */
export const uniqueSorted = (labels: Labels): Unique => number(labels, [...new Set(Array.from(labels))].sort(compare))

/** Distinct values in the order of their first appearance. */
export const uniqueByAppearance = (labels: Labels): Unique => number(labels, [...new Set(Array.from(labels))])

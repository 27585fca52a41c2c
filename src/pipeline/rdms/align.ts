import { VentralError } from '../../domain/errors.ts'
import { eachPair } from '../../encoding/rsa/rdm.ts'
import type { Rdm } from '../../encoding/rsa/rdm.ts'

const some = (names: readonly string[]): string => `${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`

/**
 * Where each of some labels stands among others. Rows are aligned by their labels, never by position: throws `count-mismatch` when the
 * two are not the same set, with the names that one lacks.
 */
export const alignLabels = (labels: readonly string[], others: readonly string[], pointer: string, what: string): number[] => {
  const place = new Map(others.map((label, i) => [label, i]))
  const lacking = labels.filter((label) => !place.has(label))
  const known = new Set(labels)
  const strange = others.filter((label) => !known.has(label))
  if (lacking.length + strange.length > 0) {
    const parts = [lacking.length > 0 ? `lacks ${some(lacking)}` : '', strange.length > 0 ? `has ${some(strange)} beyond them` : '']
    throw new VentralError('count-mismatch', `${what} ${parts.filter((part) => part !== '').join(' and ')}: only RDMs and activations over the same rows can be compared.`, [
      { pointer, expected: `the ${labels.length} rows of the first`, found: `${others.length} rows, ${labels.length - lacking.length} of them the same` },
    ])
  }
  return labels.map((label) => place.get(label)!)
}

/** An RDM with its rows in another order: row i is what stood at order[i]. */
export const reordered = ({ n, values }: Rdm, order: readonly number[]): Rdm => {
  const out = new Float64Array(values.length)
  eachPair(n, (i, j, place) => {
    const [a, b] = order[i] < order[j] ? [order[i], order[j]] : [order[j], order[i]]
    out[place] = values[a * n - (a * (a + 1)) / 2 + b - a - 1]
  })
  return { n, values: out }
}

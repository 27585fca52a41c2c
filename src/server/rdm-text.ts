import type { Rdm } from '../encoding/rsa/rdm.ts'
import { cell } from './csv-cell.ts'

/** A symmetric matrix row by row, so that one of thousands of rows is never held as text. */
function* rowsOf({ n, values }: Rdm, diagonal: number): Generator<Float64Array> {
  const place = (i: number, j: number): number => i * n - (i * (i + 1)) / 2 + j - i - 1
  for (let i = 0; i < n; i++) yield Float64Array.from({ length: n }, (_, j) => (i === j ? diagonal : values[i < j ? place(i, j) : place(j, i)]))
}

export interface ShownRdm {
  id: string
  by: string
  labels: readonly string[]
  rdm: Rdm
  /** whether the values are percentiles, which the diagonal has none of */
  percentiles: boolean
}

const diagonalOf = ({ percentiles }: ShownRdm): number => (percentiles ? NaN : 0)

export function* rdmJson(shown: ShownRdm): Generator<string> {
  const { id, by, labels, percentiles, rdm } = shown
  yield `${JSON.stringify({ id, by, labels, percentiles }).slice(0, -1)},"values":[`
  let first = true
  for (const row of rowsOf(rdm, diagonalOf(shown))) {
    // NaN becomes null.
    yield `${first ? '' : ','}${JSON.stringify(Array.from(row))}`
    first = false
  }
  yield ']}'
}

/** A header of labels, then a row per label; what is undefined is empty. */
export function* rdmCsv(shown: ShownRdm): Generator<string> {
  yield `${[shown.by === 'stimulus' ? 'stimulus_id' : shown.by, ...shown.labels].map(cell).join(',')}\n`
  let i = 0
  for (const row of rowsOf(shown.rdm, diagonalOf(shown))) yield `${cell(shown.labels[i++])},${Array.from(row, (x) => (Number.isNaN(x) ? '' : String(x))).join(',')}\n`
}

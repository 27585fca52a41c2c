import { VentralError } from '../domain/errors.ts'
import { filenameColumns, stimulusIdColumns } from './metadata.ts'
import type { RowNames } from './stimulus-names.ts'
import { quoted } from './source-file.ts'

/** What the columns of a responses table are: names and repetition of each row, and the sites. -1: there is none. */
export interface ResponseColumns {
  names: string[]
  id: number
  filename: number
  repetition: number
  sites: number[]
}

/** The naming cells of every row, collected while the values stream by. */
export interface PresentationKeys {
  lines: number[]
  ids: string[]
  filenames: string[]
  repetitions: string[]
}

/** Which presentation each row is. `rowOf[stimulus * repetitions + repetition]` is the row, or -1 where that repetition is missing. */
export interface PresentationPlan {
  names: RowNames | null
  stimuli: number
  repetitions: number
  rowOf: Int32Array
}

const firstColumn = (columns: readonly string[], names: readonly string[]): number => names.map((name) => columns.indexOf(name)).find((i) => i >= 0) ?? -1

/** Finds the columns by their names; every column that names nothing is a site, one without a name is left out. */
export const findResponseColumns = (file: string, names: string[]): ResponseColumns => {
  const id = firstColumn(names, stimulusIdColumns)
  const filename = firstColumn(names, filenameColumns)
  const repetition = names.indexOf('repetition')
  const sites = names.flatMap((name, i) => (i === id || i === filename || i === repetition || name === '' ? [] : [i]))
  if (sites.length === 0) {
    throw new VentralError('missing-field', `${file} has no site columns. Give every site a column of numbers.`, [
      { pointer: `${file}: header`, expected: 'a column per site', found: names.join(', ').slice(0, 200) },
    ])
  }
  if (id < 0 && filename < 0 && repetition >= 0) {
    throw new VentralError(
      'missing-field',
      `${file} has a column "repetition" but neither stimulus_id nor filename, so the presentations belong to no stimulus. Add one of them.`,
      [{ pointer: `${file}: header`, expected: 'stimulus_id or filename', found: 'neither' }],
    )
  }
  return { names, id, filename, repetition, sites }
}

/** Index of each row's stimulus, in order of first appearance. */
const groupRows = (file: string, column: string, given: readonly string[], keys: PresentationKeys): { stimulusOfRow: number[]; firstRows: number[] } => {
  const indexOf = new Map<string, number>()
  const firstRows: number[] = []
  const stimulusOfRow = given.map((name, row) => {
    if (name === '') {
      throw new VentralError('missing-field', `${file}: line ${keys.lines[row]} has no ${column}. Fill it in.`, [
        { pointer: `${file}: ${column}, line ${keys.lines[row]}`, expected: 'a name', found: 'an empty cell' },
      ])
    }
    const known = indexOf.get(name)
    if (known !== undefined && keys.repetitions.length === 0) {
      throw new VentralError(
        'duplicate-id',
        `${file}: ${column} ${quoted(name)} occurs on lines ${keys.lines[firstRows[known]]} and ${keys.lines[row]}. ` +
          'For one row per presentation add a column "repetition"; else keep one row per stimulus.',
        [{ pointer: `${file}: ${column}, line ${keys.lines[row]}`, expected: 'unique values, or a column "repetition"', found: quoted(name) }],
      )
    }
    if (known !== undefined) return known
    indexOf.set(name, firstRows.length)
    firstRows.push(row)
    return firstRows.length - 1
  })
  return { stimulusOfRow, firstRows }
}

const repetitionNumbers = (file: string, keys: PresentationKeys): number[] =>
  keys.repetitions.map((text, row) => {
    if (!/^-?\d{1,15}(\.0*)?$/.test(text)) {
      throw new VentralError('invalid-value', `${file}: line ${keys.lines[row]} has the repetition ${quoted(text)}; expected a whole number.`, [
        { pointer: `${file}: repetition, line ${keys.lines[row]}`, expected: 'a whole number', found: quoted(text) },
      ])
    }
    return Number(text)
  })

/** The rows of each stimulus in the order of their repetition numbers, which may start anywhere and leave gaps. */
const orderRepetitions = (file: string, stimulusOfRow: readonly number[], stimuli: number, keys: PresentationKeys): number[][] => {
  const rowsOf: number[][] = Array.from({ length: stimuli }, () => [])
  stimulusOfRow.forEach((stimulus, row) => rowsOf[stimulus].push(row))
  if (keys.repetitions.length === 0) return rowsOf
  const numbers = repetitionNumbers(file, keys)
  for (const rows of rowsOf) {
    rows.sort((a, b) => numbers[a] - numbers[b] || a - b)
    const twice = rows.findIndex((row, rank) => rank > 0 && numbers[row] === numbers[rows[rank - 1]])
    if (twice < 0) continue
    const [one, other] = [keys.lines[rows[twice - 1]], keys.lines[rows[twice]]]
    throw new VentralError('duplicate-id', `${file}: lines ${one} and ${other} are the same repetition (${numbers[rows[twice]]}) of one stimulus.`, [
      { pointer: `${file}: repetition, line ${other}`, expected: 'each repetition once', found: String(numbers[rows[twice]]) },
    ])
  }
  return rowsOf
}

/** Which column names the rows, and how many values each has. */
type PlannedColumns = Pick<ResponseColumns, 'names' | 'id' | 'filename'> & { sites: { length: number } }

/** Finds the stimulus and the repetition of every row. `bytes`, the file's size, bounds what the dense form may take. */
export const planPresentations = (file: string, columns: PlannedColumns, keys: PresentationKeys, bytes: number): PresentationPlan => {
  const rows = keys.lines.length
  if (rows === 0) {
    throw new VentralError('damaged-file', `${file} has a header and no rows.`, [{ pointer: file, expected: 'a row per stimulus', found: 'none' }])
  }
  const column = columns.id >= 0 ? columns.id : columns.filename
  const { stimulusOfRow, firstRows } =
    column >= 0
      ? groupRows(file, columns.names[column], columns.id >= 0 ? keys.ids : keys.filenames, keys)
      : { stimulusOfRow: keys.lines.map((_, row) => row), firstRows: [] }
  const stimuli = column >= 0 ? firstRows.length : rows
  const rowsOf = orderRepetitions(file, stimulusOfRow, stimuli, keys)
  const repetitions = rowsOf.reduce((most, { length }) => Math.max(most, length), 0)
  const dense = stimuli * repetitions * columns.sites.length * 8
  if (dense > Math.max(1e9, 64 * bytes)) {
    throw new VentralError(
      'does-not-fit',
      `${file}: one stimulus has ${repetitions} repetitions and most have few; as stimulus x site x repetition that takes ${dense} bytes. ` +
        'Leave some repetitions of that stimulus out, or average them.',
    )
  }
  const rowOf = new Int32Array(stimuli * repetitions).fill(-1)
  rowsOf.forEach((own, stimulus) => own.forEach((row, rank) => (rowOf[stimulus * repetitions + rank] = row)))
  const pick = (values: readonly string[]): string[] | null => (values.length === 0 ? null : firstRows.map((row) => values[row]))
  return { names: column < 0 ? null : { file, stimulusIds: pick(keys.ids), filenames: pick(keys.filenames) }, stimuli, repetitions, rowOf }
}

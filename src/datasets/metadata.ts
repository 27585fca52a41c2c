import { VentralError } from '../domain/errors.ts'
import { columnOf } from './csv.ts'
import type { Table } from './csv.ts'
import type { RowNames } from './stimulus-names.ts'

/** Columns that name a stimulus; the later ones are those of older Brain-Score files. */
export const stimulusIdColumns = ['stimulus_id', 'image_id'] as const
export const filenameColumns = ['filename', 'image_file_name'] as const

const nameColumns: readonly string[] = [...stimulusIdColumns, ...filenameColumns]

/** The names that a table gives to its rows; missing-field when it has none of the columns for them. */
export const namesInTable = (table: Table): RowNames & { rows: number } => {
  const stimulusIds = columnOf(table, stimulusIdColumns)
  const filenames = columnOf(table, filenameColumns)
  if (stimulusIds === null && filenames === null) {
    throw new VentralError(
      'missing-field',
      `${table.file.name} has neither a column stimulus_id nor filename, so its rows belong to no stimulus. Add one of them.`,
      [{ pointer: `${table.file.name}: header`, expected: 'stimulus_id or filename', found: table.columns.join(', ') }],
    )
  }
  const empty = [stimulusIds, filenames].find((column) => column?.values.includes(''))
  if (empty != null) {
    const line = table.rows[empty.values.indexOf('')].line
    throw new VentralError('missing-field', `${table.file.name}: line ${line} has no ${empty.name}. Fill it in.`, [
      { pointer: `${table.file.name}: ${empty.name}, line ${line}`, expected: 'a name', found: 'an empty cell' },
    ])
  }
  return { file: table.file.name, rows: table.rows.length, stimulusIds: stimulusIds?.values ?? null, filenames: filenames?.values ?? null }
}

/** The columns that describe stimuli (all but the naming ones). */
export const metadataColumns = (table: Table): string[] => table.columns.filter((name) => !nameColumns.includes(name))

/** The metadata of one row, without the naming columns. */
export const metadataOfRow = (table: Table, row: number): Record<string, string> =>
  Object.fromEntries(table.columns.flatMap((name, i) => (nameColumns.includes(name) ? [] : [[name, table.rows[row].cells[i]] as const])))

const isNumber = (text: string): boolean => text !== '' && Number.isFinite(Number(text))
const codesAName = /object|category|class|identity|group|scene|family/i

/**
 * Columns by which folds can be grouped: at least two values, each on two stimuli on average. Left out are `split` (it names folds, not things)
 * and numeric columns (position, size), unless their name says that the numbers are codes of things (`object_id`).
 */
export const groupingColumns = (columns: readonly string[], stimuli: readonly { metadata: Record<string, string> }[]): string[] =>
  columns.filter((name) => {
    const values = new Set(stimuli.map(({ metadata }) => metadata[name]))
    const recurs = values.size >= 2 && values.size * 2 <= stimuli.length && !values.has('')
    const isNumeric = [...values].every(isNumber)
    return name !== 'split' && recurs && (!isNumeric || codesAName.test(name))
  })

import { VentralError } from '../../domain/errors.ts'
import type { Hdf5File } from '../hdf5/client.ts'
import { readTextColumn } from '../hdf5/columns.ts'
import { filenameColumns, stimulusIdColumns } from '../metadata.ts'
import type { PresentationColumns } from '../presentation-table.ts'
import { quoted, some } from '../source-file.ts'
import { findTable, numberColumn, plainColumns } from './table.ts'

/** What the user says of the table of presentations. Null: not given. */
export interface NwbFields {
  intervals: string | null
  onsetColumn: string | null
  stimulusColumn: string | null
}

export interface NwbPresentations {
  /** in seconds */
  onsets: Float64Array
  /** of the presentations that have an onset and a stimulus */
  columns: PresentationColumns
  /** the column of the stimuli's names */
  named: string
  warnings: string[]
}

/** The name of the table: a path, or a table under /intervals; by default trials, or the only one. */
const tablePath = async (h5: Hdf5File, stated: string | null): Promise<string> => {
  if (stated !== null) return stated.includes('/') ? stated.replace(/^\/+/, '') : `intervals/${stated}`
  const tables = h5.groups.includes('intervals') ? (await h5.list('intervals')).groups : []
  const useful = tables.filter((path) => path !== 'intervals/invalid_times' && path !== 'intervals/epochs')
  const found = tables.find((path) => path === 'intervals/trials') ?? (useful.length === 1 ? useful[0] : undefined)
  if (found !== undefined) return found
  const names = some(tables.map((path) => path.slice('intervals/'.length)), 12) || 'none'
  throw new VentralError('missing-field', `${h5.file.name} has no trials, and its tables of intervals are: ${names}. Say which one lists the presentations with "intervals".`, [{ pointer: '/intervals', expected: names, found: 'nothing' }])
}

const chooseStimulusColumn = (file: string, columns: PresentationColumns, stated: string | null): string => {
  const named = stated ?? [...stimulusIdColumns, ...filenameColumns].find((name) => columns.has(name))
  if (named !== undefined && columns.has(named)) return named
  const names = some([...columns.keys()], 20) || 'none'
  throw new VentralError(
    'missing-field',
    `${file}: ${stated === null ? 'no column of the presentations is named stimulus_id: say which one names the stimulus with "stimulusColumn"' : `the presentations have no column ${quoted(stated)} of names`}. The columns are ${names}.`,
    [{ pointer: '/stimulusColumn', expected: names, found: stated ?? 'nothing' }],
  )
}

const isBlank = (text: string): boolean => text === '' || text === 'NaN'

/** The presentations of a TimeIntervals table. Those without an onset or a stimulus are left out, and told. Errors: missing-field, damaged-file. */
export const readPresentations = async (h5: Hdf5File, { intervals, onsetColumn, stimulusColumn }: NwbFields): Promise<NwbPresentations> => {
  const file = h5.file.name
  const table = await findTable(h5, await tablePath(h5, intervals), '/intervals')
  const onsets = await numberColumn(h5, table, onsetColumn ?? 'start_time', '/onsetColumn')
  const columns = new Map<string, string[]>()
  for (const [name, object] of plainColumns(table, onsets.length)) {
    const values = await readTextColumn(h5, object)
    if (values !== null) columns.set(name, values)
  }
  const named = chooseStimulusColumn(file, columns, stimulusColumn)
  const kept = [...onsets.keys()].filter((i) => Number.isFinite(onsets[i]) && !isBlank(columns.get(named)![i]))
  if (kept.length === 0)
    throw new VentralError('count-mismatch', `${file}: no row of ${table.path} has both an onset (${onsetColumn ?? 'start_time'}) and a stimulus (${named}).`, [{ pointer: `${file}: ${table.path}`, expected: 'presentations', found: `${onsets.length} rows without` }])
  const leftOut = onsets.length - kept.length
  return {
    onsets: Float64Array.from(kept, (i) => onsets[i]),
    columns: new Map([...columns].filter(([name]) => !['id', 'start_time', 'stop_time', onsetColumn].includes(name)).map(([name, values]) => [name, kept.map((i) => values[i])])),
    named,
    warnings: leftOut === 0 ? [] : [`${file}: ${leftOut} of ${onsets.length} rows of ${table.path} have no onset or no stimulus, and were left out.`],
  }
}

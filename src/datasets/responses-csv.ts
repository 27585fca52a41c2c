import fs from 'node:fs'
import path from 'node:path'
import { VentralError } from '../domain/errors.ts'
import { openCsv } from './csv.ts'
import { filenameColumns, stimulusIdColumns } from './metadata.ts'
import type { RowNames } from './pairing.ts'
import type { OpenResponses } from './responses.ts'
import { quoted, reportFullDisk } from './source-file.ts'
import type { SourceFile } from './source-file.ts'

/** What the first pass over the file finds: the table's plan, without any value. */
interface Plan {
  idColumn: number
  filenameColumn: number
  repetitionColumn: number
  siteColumns: number[]
  siteIds: string[]
  /** stimulus and repetition (both as indices) of each row */
  stimulusOfRow: number[]
  repetitionOfRow: number[]
  names: RowNames | null
  stimuli: number
  repetitions: number
  warnings: string[]
}

interface RowKeys {
  ids: string[]
  filenames: string[]
  repetitions: { text: string; line: number }[]
  lines: number[]
}

const missing = new Set(['', 'nan', 'na', 'n/a', 'null', 'none'])

/** A response in a cell: empty and NaN are a missing repetition; undefined when the text is no number. */
export const parseResponse = (text: string): number | undefined => {
  const value = Number(text)
  if (text !== '' && !Number.isNaN(value)) return /^[+-]?0[xob]/i.test(text) ? undefined : value
  if (missing.has(text.toLowerCase())) return NaN
  const infinity = /^([+-]?)inf(inity)?$/i.exec(text)
  return infinity === null ? undefined : infinity[1] === '-' ? -Infinity : Infinity
}

const firstColumn = (columns: readonly string[], names: readonly string[]): number => names.map((name) => columns.indexOf(name)).find((i) => i >= 0) ?? -1

const readKeys = async (file: SourceFile, columns: { id: number; filename: number; repetition: number }, signal?: AbortSignal): Promise<RowKeys> => {
  const keys: RowKeys = { ids: [], filenames: [], repetitions: [], lines: [] }
  const { rows } = await openCsv(file, signal)
  for await (const { line, cells } of rows) {
    keys.lines.push(line)
    if (columns.id >= 0) keys.ids.push(cells[columns.id].normalize('NFC'))
    if (columns.filename >= 0) keys.filenames.push(cells[columns.filename].normalize('NFC'))
    if (columns.repetition >= 0) keys.repetitions.push({ text: cells[columns.repetition], line })
  }
  return keys
}

/** Index of each row's stimulus, in order of first appearance. */
const groupRows = (file: SourceFile, keys: RowKeys, column: string, given: readonly string[]): { stimulusOfRow: number[]; firstRows: number[] } => {
  const indexOf = new Map<string, number>()
  const firstRows: number[] = []
  const stimulusOfRow = given.map((name, row) => {
    if (name === '') throw new VentralError('missing-field', `${file.name}: line ${keys.lines[row]} has no ${column}. Fill it in.`, [{ pointer: `${file.name}: ${column}, line ${keys.lines[row]}`, expected: 'a name', found: 'an empty cell' }])
    const known = indexOf.get(name)
    if (known !== undefined && keys.repetitions.length === 0) {
      throw new VentralError('duplicate-id', `${file.name}: ${column} ${quoted(name)} occurs on lines ${keys.lines[firstRows[known]]} and ${keys.lines[row]}. For one row per presentation add a column "repetition"; else keep one row per stimulus.`, [
        { pointer: `${file.name}: ${column}, line ${keys.lines[row]}`, expected: 'unique values, or a column "repetition"', found: quoted(name) },
      ])
    }
    if (known !== undefined) return known
    indexOf.set(name, firstRows.length)
    firstRows.push(row)
    return firstRows.length - 1
  })
  return { stimulusOfRow, firstRows }
}

/** Rank of each row's repetition number among those of its stimulus: numbers may start anywhere and leave gaps. */
const rankRepetitions = (file: SourceFile, keys: RowKeys, stimulusOfRow: readonly number[], stimuli: number): { repetitionOfRow: number[]; repetitions: number } => {
  const rowsOf: number[][] = Array.from({ length: stimuli }, () => [])
  stimulusOfRow.forEach((stimulus, row) => rowsOf[stimulus].push(row))
  const numbers = keys.repetitions.map(({ text, line }) => {
    if (!/^-?\d{1,15}(\.0*)?$/.test(text)) throw new VentralError('invalid-value', `${file.name}: line ${line} has the repetition ${quoted(text)}; expected a whole number.`, [{ pointer: `${file.name}: repetition, line ${line}`, expected: 'a whole number', found: quoted(text) }])
    return Number(text)
  })
  const repetitionOfRow = new Array<number>(stimulusOfRow.length).fill(0)
  for (const rows of rowsOf) {
    rows.sort((a, b) => numbers[a] - numbers[b])
    rows.forEach((row, rank) => {
      if (rank > 0 && numbers[row] === numbers[rows[rank - 1]]) {
        const [one, other] = [keys.lines[rows[rank - 1]], keys.lines[row]].sort((a, b) => a - b)
        throw new VentralError('duplicate-id', `${file.name}: lines ${one} and ${other} are the same repetition (${numbers[row]}) of one stimulus.`, [{ pointer: `${file.name}: repetition, line ${other}`, expected: 'each repetition once', found: String(numbers[row]) }])
      }
      repetitionOfRow[row] = rank
    })
  }
  return { repetitionOfRow, repetitions: rowsOf.reduce((most, rows) => Math.max(most, rows.length), 0) }
}

const planTable = async (file: SourceFile, signal?: AbortSignal): Promise<Plan> => {
  const { columns, rows } = await openCsv(file, signal)
  await rows.return(undefined)
  const id = firstColumn(columns, stimulusIdColumns)
  const filename = firstColumn(columns, filenameColumns)
  const repetition = columns.indexOf('repetition')
  const siteColumns = columns.flatMap((name, i) => (i === id || i === filename || i === repetition || name === '' ? [] : [i]))
  if (siteColumns.length === 0) throw new VentralError('missing-field', `${file.name} has no site columns. Give every site a column of numbers.`, [{ pointer: `${file.name}: header`, expected: 'a column per site', found: columns.join(', ').slice(0, 200) }])
  const keys = await readKeys(file, { id, filename, repetition }, signal)
  const count = keys.lines.length
  if (count === 0) throw new VentralError('damaged-file', `${file.name} has a header and no rows.`, [{ pointer: file.name, expected: 'a row per stimulus', found: 'none' }])
  const isNamed = id >= 0 || filename >= 0
  if (!isNamed && repetition >= 0) {
    throw new VentralError('missing-field', `${file.name} has a column "repetition" but neither stimulus_id nor filename, so the presentations belong to no stimulus. Add one of them.`, [
      { pointer: `${file.name}: header`, expected: 'stimulus_id or filename', found: 'neither' },
    ])
  }
  const given = id >= 0 ? keys.ids : keys.filenames
  const { stimulusOfRow, firstRows } = isNamed ? groupRows(file, keys, columns[id >= 0 ? id : filename], given) : { stimulusOfRow: keys.lines.map((_, row) => row), firstRows: keys.lines.map((_, row) => row) }
  const { repetitionOfRow, repetitions } = repetition >= 0 ? rankRepetitions(file, keys, stimulusOfRow, firstRows.length) : { repetitionOfRow: keys.lines.map(() => 0), repetitions: 1 }
  const pick = (values: readonly string[]): string[] | null => (values.length === 0 ? null : firstRows.map((row) => values[row]))
  return {
    idColumn: id,
    filenameColumn: filename,
    repetitionColumn: repetition,
    siteColumns,
    siteIds: siteColumns.map((i) => columns[i]),
    stimulusOfRow,
    repetitionOfRow,
    names: isNamed ? { file: file.name, stimulusIds: pick(keys.ids), filenames: pick(keys.filenames) } : null,
    stimuli: firstRows.length,
    repetitions,
    warnings: columns.includes('') ? [`${file.name}: a column without a name was left out.`] : [],
  }
}

const refuseSparse = async (file: SourceFile, plan: Plan): Promise<void> => {
  const { size } = await fs.promises.stat(file.path)
  const bytes = plan.stimuli * plan.repetitions * plan.siteIds.length * 8
  if (bytes > Math.max(1e9, 64 * size)) {
    throw new VentralError('does-not-fit', `${file.name}: one stimulus has ${plan.repetitions} repetitions and the others few; stored as stimulus x site x repetition that takes ${bytes} bytes. Leave the repetitions of that stimulus out, or average them.`)
  }
}

/** Writes the values as raw float64, stimulus x repetition x site, NaN where there is no row: a form that slabs can be read from. */
const writeValues = async (file: SourceFile, plan: Plan, target: fs.promises.FileHandle, signal?: AbortSignal): Promise<void> => {
  const sites = plan.siteColumns.length
  const blank = new Float64Array(sites).fill(NaN)
  const rowsTotal = plan.stimuli * plan.repetitions
  if (rowsTotal > plan.stimulusOfRow.length) for (let i = 0; i < rowsTotal; i++) await target.write(blank, 0, blank.byteLength, i * blank.byteLength)
  const values = new Float64Array(sites)
  const { rows, columns } = await openCsv(file, signal)
  let index = 0
  for await (const { line, cells } of rows) {
    plan.siteColumns.forEach((column, site) => {
      const value = parseResponse(cells[column])
      if (value === undefined) {
        throw new VentralError('unsupported-dtype', `${file.name}: line ${line}, column ${quoted(columns[column])} holds ${quoted(cells[column])}, which is no number. Site columns hold numbers, empty for a missing repetition; what describes stimuli belongs into the metadata file.`, [
          { pointer: `${file.name}: ${columns[column]}, line ${line}`, expected: 'a number, or an empty cell', found: quoted(cells[column]) },
        ])
      }
      values[site] = value
    })
    const row = plan.stimulusOfRow[index] * plan.repetitions + plan.repetitionOfRow[index]
    await target.write(values, 0, values.byteLength, row * values.byteLength)
    index++
  }
}

/**
 * Opens responses in a CSV file: a row per stimulus, or per presentation with a column `repetition`; rows are named by `stimulus_id` or
 * `filename`, or in the stimuli's order; every other column is a site. Read twice as a stream; the values go to `workFolder` as float64.
 * Errors: damaged-file, missing-field, duplicate-id, unsupported-dtype, invalid-value, does-not-fit.
 */
export const openCsvResponses = async (file: SourceFile, workFolder: string, signal?: AbortSignal): Promise<OpenResponses> => {
  const plan = await planTable(file, signal)
  await refuseSparse(file, plan)
  const handle = await fs.promises.open(path.join(workFolder, 'csv-values.f64'), 'wx+')
  try {
    await reportFullDisk(() => writeValues(file, plan, handle, signal))
  } catch (error) {
    await handle.close()
    throw error
  }
  return {
    file: file.name,
    array: {
      file: file.name,
      axes: ['stimulus', 'repetition', 'site'],
      shape: [plan.stimuli, plan.repetitions, plan.siteIds.length],
      itemBytes: 8,
      read: async (from, count) => {
        const values = new Float64Array(count)
        await readFully(handle, new Uint8Array(values.buffer), from * 8)
        return values
      },
    },
    stimulusNames: plan.names,
    siteIds: plan.siteIds,
    regions: null,
    dtype: 'f8',
    axesAssumed: false,
    warnings: plan.warnings,
    close: () => handle.close(),
  }
}

/** Fills `bytes` from the file; a short file is a defect, since we wrote it. */
const readFully = async (handle: fs.promises.FileHandle, bytes: Uint8Array, position: number): Promise<void> => {
  for (let done = 0; done < bytes.length; ) {
    const { bytesRead } = await handle.read(bytes, done, bytes.length - done, position + done)
    if (bytesRead === 0) throw new Error('the values of a CSV file end early')
    done += bytesRead
  }
}

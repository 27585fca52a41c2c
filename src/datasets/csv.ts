import fs from 'node:fs'
import { CsvError, parse } from 'csv-parse'
import { VentralError } from '../domain/errors.ts'
import { firstBytes, quoted } from './source-file.ts'
import type { SourceFile } from './source-file.ts'

/** A row of a CSV file: its line (1-based, the header's is 1) and its cells, as many as the header has. */
export interface CsvRow {
  line: number
  cells: string[]
}

export interface CsvStream {
  columns: string[]
  rows: AsyncGenerator<CsvRow>
}

/** A whole table in memory, for files that are small by nature (metadata, sites). */
export interface Table {
  file: SourceFile
  columns: string[]
  rows: CsvRow[]
}

const maxColumns = 100_000
const maxLineBytes = 64e6
const maxTableBytes = 256e6

const damaged = (file: SourceFile, what: string, expected: string, found: string): VentralError =>
  new VentralError('damaged-file', `${file.name}: ${what}.`, [{ pointer: file.name, expected, found }])

/** A comma, unless the header has none and a semicolon (spreadsheets of many countries) or a tab instead. */
const delimiterOf = (header: string): string => (header.includes(',') ? ',' : header.includes(';') ? ';' : header.includes('\t') ? '\t' : ',')

const checkHeader = (file: SourceFile, columns: readonly string[]): void => {
  if (columns.length > maxColumns) throw damaged(file, `it has ${columns.length} columns`, `at most ${maxColumns} columns`, String(columns.length))
  const seen = new Set<string>()
  for (const name of columns) {
    if (seen.has(name) && name !== '') {
      throw new VentralError('duplicate-id', `${file.name}: the column ${quoted(name)} occurs twice in the header. Give every column its own name.`, [
        { pointer: `${file.name}: header`, expected: 'unique column names', found: quoted(name) },
      ])
    }
    seen.add(name)
  }
}

/** The rows of a CSV file as they are, of whatever width. Errors: unsupported-format, damaged-file. */
export async function* readRecords(file: SourceFile, signal?: AbortSignal): AsyncGenerator<CsvRow> {
  const start = (await firstBytes(file.path, 1 << 20)).toString('utf8')
  if (start.includes('\0'))
    throw new VentralError('unsupported-format', `${file.name} is not a CSV text file.`, [
      { pointer: file.name, expected: 'CSV text in UTF-8', found: 'binary data' },
    ])
  const input = fs.createReadStream(file.path, { signal, highWaterMark: 1 << 18 })
  const parser = parse({
    bom: true,
    info: true,
    trim: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: maxLineBytes,
    delimiter: delimiterOf(start.split(/\r?\n/, 1)[0]),
  })
  input.on('error', (error) => parser.destroy(error))
  input.pipe(parser)
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      if (record.some((cell) => cell.includes('\ufffd')))
        throw damaged(file, `line ${info.lines} is not valid UTF-8. Save it as UTF-8`, 'UTF-8 text', 'other bytes')
      yield { line: info.lines, cells: record }
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    throw damaged(file, `it cannot be read as CSV (${error.message})`, 'comma-separated values', error.code)
  } finally {
    input.destroy()
    parser.destroy()
  }
}

async function* checkedRows(file: SourceFile, records: AsyncGenerator<CsvRow>, width: number): AsyncGenerator<CsvRow> {
  for await (const row of records) {
    if (row.cells.length !== width)
      throw damaged(file, `line ${row.line} has ${row.cells.length} cells and the header has ${width}`, `${width} cells`, `${row.cells.length} cells`)
    yield row
  }
}

/** Opens a CSV file (UTF-8, comma, semicolon or tab) as a stream of rows of constant width. Errors: unsupported-format, damaged-file, duplicate-id. */
export const openCsv = async (file: SourceFile, signal?: AbortSignal): Promise<CsvStream> => {
  const records = readRecords(file, signal)
  const header = await records.next()
  if (header.done === true) throw damaged(file, 'it is empty', 'a header and rows', 'no line')
  const columns = header.value.cells.map((name) => name.normalize('NFC'))
  checkHeader(file, columns)
  return { columns, rows: checkedRows(file, records, columns.length) }
}

/** Reads a whole small table. Columns without a name (such as pandas' index) are left out. */
export const readTable = async (file: SourceFile, signal?: AbortSignal): Promise<Table> => {
  const { size } = await fs.promises.stat(file.path)
  if (size > maxTableBytes) throw new VentralError('body-too-large', `${file.name} has ${size} bytes; a table may have ${maxTableBytes}.`)
  const { columns, rows } = await openCsv(file, signal)
  const kept = columns.flatMap((name, i) => (name === '' ? [] : [i]))
  const table: Table = { file, columns: kept.map((i) => columns[i]), rows: [] }
  for await (const { line, cells } of rows) table.rows.push({ line, cells: kept.map((i) => cells[i]) })
  return table
}

/** The values of a column by the first of some names that the table has; null when it has none. Values are NFC. */
export const columnOf = (table: Table, names: readonly string[]): { name: string; values: string[] } | null => {
  const index = names.map((name) => table.columns.indexOf(name)).find((i) => i >= 0)
  return index === undefined ? null : { name: table.columns[index], values: table.rows.map((row) => row.cells[index].normalize('NFC')) }
}

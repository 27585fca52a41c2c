import fs from 'node:fs'
import type { Axis } from '../domain/dataset.ts'
import { VentralError } from '../domain/errors.ts'
import { agreeOnAxes } from './axes.ts'
import { openCsv } from './csv.ts'
import { findResponseColumns, planPresentations } from './presentations.ts'
import type { PresentationKeys, ResponseColumns } from './presentations.ts'
import { nothingImplied } from './responses.ts'
import type { OpenResponses } from './responses.ts'
import { quoted } from './source-file.ts'
import type { SourceFile } from './source-file.ts'
import { openValueFile, presentationArray } from './value-file.ts'
import type { ValueFile } from './value-file.ts'

const missing = new Set(['', 'nan', 'na', 'n/a', 'null', 'none'])

/** A response in a cell: empty and NaN are a missing repetition; undefined when the text is no number. */
export const parseResponse = (text: string): number | undefined => {
  const value = Number(text)
  if (text !== '' && !Number.isNaN(value)) return /^[+-]?0[xob]/i.test(text) ? undefined : value
  if (missing.has(text.toLowerCase())) return NaN
  const infinity = /^([+-]?)inf(inity)?$/i.exec(text)
  return infinity === null ? undefined : infinity[1] === '-' ? -Infinity : Infinity
}

const notANumber = (file: SourceFile, line: number, column: string, cell: string): VentralError =>
  new VentralError(
    'unsupported-dtype',
    `${file.name}: line ${line}, column ${quoted(column)} holds ${quoted(cell)}, which is no number. ` +
      'Site columns hold numbers, empty for a missing repetition; what describes stimuli belongs into the metadata file.',
    [{ pointer: `${file.name}: ${column}, line ${line}`, expected: 'a number, or an empty cell', found: quoted(cell) }],
  )

const batchRows = 512

/** Writes the site columns as raw float64, a record per row as they come, and returns the rows' keys. */
const copyValues = async (
  file: SourceFile,
  rows: AsyncIterable<{ line: number; cells: string[] }>,
  columns: ResponseColumns,
  target: ValueFile,
): Promise<PresentationKeys> => {
  const keys: PresentationKeys = { lines: [], ids: [], filenames: [], repetitions: [] }
  const width = columns.sites.length
  const batch = new Float64Array(batchRows * width)
  const flush = async (count: number): Promise<void> => {
    if (count > 0) await target.append(batch.subarray(0, count * width))
  }
  let held = 0
  for await (const { line, cells } of rows) {
    for (let site = 0; site < width; site++) {
      const cell = cells[columns.sites[site]]
      const value = parseResponse(cell)
      if (value === undefined) throw notANumber(file, line, columns.names[columns.sites[site]], cell)
      batch[held * width + site] = value
    }
    keys.lines.push(line)
    if (columns.id >= 0) keys.ids.push(cells[columns.id].normalize('NFC'))
    if (columns.filename >= 0) keys.filenames.push(cells[columns.filename].normalize('NFC'))
    if (columns.repetition >= 0) keys.repetitions.push(cells[columns.repetition])
    if (++held === batchRows) {
      await flush(held)
      held = 0
    }
  }
  await flush(held)
  return keys
}

/**
 * Opens responses in a CSV file: a row per stimulus, or per presentation with a column `repetition`; rows are named by `stimulus_id` or
 * `filename`, or in the stimuli's order; every other column is a site. Streamed once; the values go to `workFolder` as float64.
 * Errors: damaged-file, missing-field, duplicate-id, unsupported-dtype, unknown-axes, invalid-value, does-not-fit.
 */
export const openCsvResponses = async (file: SourceFile, stated: readonly Axis[] | null, workFolder: string, signal?: AbortSignal): Promise<OpenResponses> => {
  const { columns: names, rows } = await openCsv(file, signal)
  const columns = findResponseColumns(file.name, names)
  const values = await openValueFile(workFolder)
  try {
    const keys = await copyValues(file, rows, columns, values)
    const plan = planPresentations(file.name, columns, keys, (await fs.promises.stat(file.path)).size)
    agreeOnAxes(file, stated, plan.repetitions > 1 && stated?.length === 3 ? ['stimulus', 'site', 'repetition'] : ['stimulus', 'site'])
    return {
      ...nothingImplied,
      reader: 'csv',
      file: file.name,
      axes: plan.repetitions > 1 ? ['stimulus', 'site', 'repetition'] : ['stimulus', 'site'],
      array: presentationArray(file.name, values, plan, columns.sites.length, 1),
      stimulusNames: plan.names,
      siteIds: columns.sites.map((i) => names[i]),
      dtype: 'f8',
      axesAssumed: false,
      warnings: names.includes('') ? [`${file.name}: a column without a name was left out.`] : [],
      close: () => values.close(),
    }
  } catch (error) {
    await values.close()
    throw error
  }
}

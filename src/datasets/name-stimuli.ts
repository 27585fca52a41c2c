import { VentralError } from '../domain/errors.ts'
import { quoted, some } from './source-file.ts'
import { refuseRepeats, stemOf } from './stimulus-names.ts'
import type { RowNames } from './stimulus-names.ts'

/** A stimulus whose image is not here. */
export interface NamedStimulus {
  stimulusId: string
  /** '' where nothing says it */
  filename: string
  metadataRow: number | null
}

export interface Naming {
  stimuli: NamedStimulus[]
  by: 'names in the responses' | 'order of the metadata' | 'numbers of the rows'
  warnings: string[]
}

export interface NamingRequest {
  responses: { file: string; rows: number; names: RowNames | null }
  metadata: (RowNames & { rows: number }) | null
}

const mismatch = (detail: string, pointer: string, expected: string, found: string): VentralError => new VentralError('count-mismatch', detail, [{ pointer, expected, found }])

/** Ids of rows: their stimulus_id, else their file names without extension (whole, where that would make two alike). */
const idsOf = ({ stimulusIds, filenames }: RowNames): string[] => {
  if (stimulusIds !== null) return stimulusIds
  const stems = filenames!.map(stemOf)
  return new Set(stems).size === stems.length ? stems : filenames!
}

/** The metadata row of each named stimulus. */
const join = (names: RowNames, metadata: RowNames & { rows: number }): { rows: number[]; extra: number } => {
  const key = names.stimulusIds !== null && metadata.stimulusIds !== null ? 'stimulusIds' : names.filenames !== null && metadata.filenames !== null ? 'filenames' : null
  const [own, theirs] = key === null ? [idsOf(names), idsOf(metadata)] : [names[key]!, metadata[key]!]
  const rowOf = new Map(theirs.map((name, row) => [name, row]))
  const missing = own.filter((name) => !rowOf.has(name))
  if (missing.length > 0)
    throw mismatch(
      `${metadata.file} has no row for ${missing.length} of the ${own.length} stimuli of ${names.file}, among them ${some(missing.slice(0, 3).map(quoted))}. Give every stimulus a row.`,
      metadata.file,
      `a row for each of ${own.length} stimuli`,
      `${own.length - missing.length} rows that match`,
    )
  return { rows: own.map((name) => rowOf.get(name)!), extra: metadata.rows - own.length }
}

/**
 * Who the rows of the responses are, of a dataset without images: by the responses' own names, else in the order of the metadata, else
 * by their numbers, counted from 0. Errors: count-mismatch, duplicate-id.
 */
export const nameStimuli = ({ responses, metadata }: NamingRequest): Naming => {
  const { file, rows, names } = responses
  for (const table of [names, metadata])
    if (table !== null) {
      refuseRepeats(table.file, 'stimulus_id', table.stimulusIds)
      if (table.stimulusIds === null) refuseRepeats(table.file, 'filename', table.filenames)
    }
  if (names !== null) {
    const joined = metadata === null ? null : join(names, metadata)
    const stimuli = idsOf(names).map((stimulusId, i) => {
      const metadataRow = joined?.rows[i] ?? null
      return { stimulusId, filename: names.filenames?.[i] ?? (metadataRow === null ? '' : (metadata?.filenames?.[metadataRow] ?? '')), metadataRow }
    })
    return { stimuli, by: 'names in the responses', warnings: joined !== null && joined.extra > 0 ? [`${metadata!.file} has ${joined.extra} rows that belong to no stimulus; they were left out.`] : [] }
  }
  if (metadata !== null) {
    if (metadata.rows !== rows)
      throw mismatch(`${file} has ${rows} stimuli without names and ${metadata.file} has ${metadata.rows} rows. They must be equal: check the axes, or name the rows of the responses.`, metadata.file, `${rows} rows`, `${metadata.rows} rows`)
    return {
      stimuli: idsOf(metadata).map((stimulusId, i) => ({ stimulusId, filename: metadata.filenames?.[i] ?? '', metadataRow: i })),
      by: 'order of the metadata',
      warnings: [`The rows of ${file} carry no names: they were taken to be in the order of ${metadata.file}.`],
    }
  }
  return {
    stimuli: Array.from({ length: rows }, (_, i) => ({ stimulusId: String(i), filename: '', metadataRow: null })),
    by: 'numbers of the rows',
    warnings: [`The rows of ${file} carry no names and no metadata was sent: the stimuli are named by their row, 0 to ${rows - 1}.`],
  }
}

import { VentralError } from '../domain/errors.ts'
import { quoted, some } from './source-file.ts'

/**
 * For each of the dataset's stimuli, in its order, the row that bears its id. Every stimulus has a row and every row a stimulus, else
 * the first few are named: count-mismatch, and duplicate-id where an id occurs twice.
 */
export const alignRows = ({ file, given, stimulusIds }: { file: string; given: readonly string[]; stimulusIds: readonly string[] }): Int32Array => {
  const where = `${file}: stimulus_id`
  const rowOf = new Map<string, number>()
  for (const [row, id] of given.entries()) {
    if (rowOf.has(id))
      throw new VentralError('duplicate-id', `${file}: the stimulus ${quoted(id)} has rows ${rowOf.get(id)} and ${row} (counted from 0). Give every stimulus one row; average repetitions first.`, [
        { pointer: where, expected: 'unique ids', found: quoted(id) },
      ])
    rowOf.set(id, row)
  }
  const known = new Set(stimulusIds)
  const missing = stimulusIds.filter((id) => !rowOf.has(id))
  const extra = given.filter((id) => !known.has(id))
  if (missing.length === 0 && extra.length === 0) return Int32Array.from(stimulusIds, (id) => rowOf.get(id)!)
  const wrong = [
    ...(missing.length > 0 ? [`${missing.length} of the dataset's ${stimulusIds.length} stimuli have no row (${list(missing)})`] : []),
    ...(extra.length > 0 ? [`${extra.length} rows belong to no stimulus of the dataset (${list(extra)})`] : []),
  ]
  throw new VentralError('count-mismatch', `${file}: ${wrong.join(', and ')}. Save a row for each stimulus of the dataset and no other, named as the dataset names it.`, [
    ...(missing.length > 0 ? [{ pointer: where, expected: `a row for ${list(missing)}`, found: 'none' }] : []),
    ...(extra.length > 0 ? [{ pointer: where, expected: 'ids of the dataset', found: list(extra) }] : []),
  ])
}

const list = (ids: readonly string[]): string => some(ids.slice(0, 3).map(quoted).concat(ids.slice(3)))

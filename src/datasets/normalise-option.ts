import type { NormaliseOption } from '../domain/dataset.ts'
import { VentralError } from '../domain/errors.ts'
import type { ImportFields } from './import-fields.ts'
import { quoted, some } from './source-file.ts'

/**
 * How fits are to normalise the responses, with every stimulus in a session; null: not at all. Errors: invalid-value for a session column
 * without `normalise`, missing-field for a column that the metadata lack or leave empty.
 */
export const readNormaliseOption = (
  { normalise, sessionColumn }: Pick<ImportFields, 'normalise' | 'sessionColumn'>,
  stimuli: readonly { stimulusId: string; metadata: Record<string, string> }[],
  columns: readonly string[],
): NormaliseOption | null => {
  if (normalise === null) {
    if (sessionColumn === null) return null
    throw new VentralError('invalid-value', 'sessionColumn says which stimuli are normalised together: it needs normalise=zscore or normalise=baseline.', [
      { pointer: '/sessionColumn', expected: 'normalise beside it', found: quoted(sessionColumn) },
    ])
  }
  if (sessionColumn === null) return { method: normalise, sessionColumn }
  if (!columns.includes(sessionColumn))
    throw new VentralError('missing-field', `The metadata of the stimuli have no column ${quoted(sessionColumn)}, which sessionColumn names.`, [
      { pointer: '/sessionColumn', expected: columns.join(' | ') || 'a metadata column', found: quoted(sessionColumn) },
    ])
  const without = stimuli.filter(({ metadata }) => (metadata[sessionColumn] ?? '') === '').map(({ stimulusId }) => stimulusId)
  if (without.length > 0)
    throw new VentralError('missing-field', `${without.length} stimuli have no value in the column ${quoted(sessionColumn)}, so their session is not known: ${some(without)}.`, [
      { pointer: `metadata/${sessionColumn}`, expected: 'a session for every stimulus', found: `${without.length} without one` },
    ])
  return { method: normalise, sessionColumn }
}

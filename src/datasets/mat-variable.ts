import { VentralError } from '../domain/errors.ts'
import { quoted, some } from './source-file.ts'

/** No variable, or more than one, can be the responses; or none has the name that the user gave. `arrays` are those that could be. */
export const variableNotFound = (file: string, variable: string | null, arrays: readonly string[]): VentralError =>
  new VentralError(
    'missing-field',
    variable === null
      ? `${file} holds ${arrays.length === 0 ? 'no array of numbers with several axes' : `several arrays (${some(arrays, 8)})`}. Say which one holds the responses with "variable".`
      : `${file} holds no array ${quoted(variable)}. It holds ${some(arrays, 8) || 'none'}.`,
    [{ pointer: '/variable', expected: some(arrays, 8) || 'an array', found: variable ?? 'nothing' }],
  )

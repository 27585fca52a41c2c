import { VentralError } from '../domain/errors.ts'

/** A value of a request that is not allowed: where, what was expected, what was found. */
export const invalid = (pointer: string, expected: string, found: unknown, detail?: string): VentralError => {
  const shown = typeof found === 'string' ? found : (JSON.stringify(found) ?? 'nothing')
  return new VentralError('invalid-value', detail ?? `${pointer.slice(1)} must be ${expected}, not ${shown}.`, [{ pointer, expected, found: shown }])
}

/** An option that the choice beside it gives no meaning is refused: whoever wrote it expects something of it. */
export const refuseOthers = (pointer: string, said: object, allowed: readonly string[], of: string): void => {
  for (const [option, value] of Object.entries(said)) {
    if (value === undefined || allowed.includes(option)) continue
    throw new VentralError('unknown-field', `${pointer.slice(1)}/${option} means nothing for ${of}: leave it out.`, [
      { pointer: `${pointer}/${option}`, expected: allowed.join(', '), found: option },
    ])
  }
}

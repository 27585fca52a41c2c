import { VentralError } from '../domain/errors.ts'

interface CodedError {
  code?: unknown
  message?: unknown
}

// Server shut down, crashed, cannot accept connections yet, too many connections; sockets that are missing, refuse or break.
const connectionCodes = new Set(['57P01', '57P02', '57P03', '53300', 'ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH'])
const connectionTexts = [/connection terminated/i, /timeout exceeded when trying to connect/i, /client has encountered a connection error/i, /not queryable/i]

/** Whether the database was out of reach, so that the same work may succeed in a moment. It says nothing of whether a statement took effect. */
export const isConnectionError = (error: unknown): boolean => {
  const { code, message } = (error ?? {}) as CodedError
  if (typeof code === 'string' && (connectionCodes.has(code) || code.startsWith('08'))) return true
  return typeof message === 'string' && connectionTexts.some((text) => text.test(message))
}

/** PostgreSQL's SQLSTATE of an error, or null. */
export const sqlState = (error: unknown): string | null => {
  const { code } = (error ?? {}) as CodedError
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : null
}

/** The error to throw on: a VentralError where the user can do something about it, else the error itself. */
export const translateDatabaseError = (error: unknown): unknown => {
  if (error instanceof VentralError) return error
  const state = sqlState(error)
  const message = error instanceof Error ? error.message : ''
  if (state === '53100' || /No space left on device/.test(message))
    return new VentralError('disk-full', 'The disk that holds the database is full. Free some space and try again.')
  // PostgreSQL stores no NUL characters and no lone surrogates; a name or metadata value may carry them.
  if (state === '22021' || state === '22P05' || (state === '22P02' && /json/.test(message)))
    return new VentralError('invalid-value', 'A text contains a character that cannot be stored (NUL or half of a surrogate pair). Remove it and try again.')
  if (isConnectionError(error)) return new VentralError('busy', 'The database is not reachable at the moment. Try again in a few seconds.')
  return error
}

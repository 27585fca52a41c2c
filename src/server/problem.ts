import { problemCodes, VentralError } from '../domain/errors.ts'
import type { ProblemCode, ProblemDetail } from '../domain/errors.ts'

export interface Problem {
  type: string
  title: string
  status: number
  detail: string
  code: ProblemCode
  errors: ProblemDetail[]
}

// Errors of the HTTP layer, by their codes.
const httpCodes: Record<string, { code: ProblemCode; detail: string }> = {
  FST_ERR_CTP_INVALID_JSON_BODY: { code: 'invalid-json', detail: 'The body is not valid JSON.' },
  FST_ERR_CTP_EMPTY_JSON_BODY: { code: 'invalid-json', detail: 'The body is empty, but its content type says JSON.' },
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'body-too-large', detail: 'The body is larger than this route takes.' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { code: 'unsupported-format', detail: 'This route does not take a body of that content type. /docs tells which it takes.' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: { code: 'invalid-request', detail: 'The body is not as long as its Content-Length says.' },
  FST_INVALID_MULTIPART_CONTENT_TYPE: { code: 'unsupported-format', detail: 'This route takes multipart/form-data.' },
  FST_REQ_FILE_TOO_LARGE: { code: 'body-too-large', detail: 'A file of the body is larger than this route takes.' },
  FST_PARTS_LIMIT: { code: 'body-too-large', detail: 'The body has more parts than this route takes.' },
  FST_FILES_LIMIT: { code: 'body-too-large', detail: 'The body has more files than this route takes.' },
  FST_FIELDS_LIMIT: { code: 'body-too-large', detail: 'The body has more fields than this route takes.' },
  FST_PROTO_VIOLATION: { code: 'unknown-field', detail: 'A field has a name that is not allowed.' },
  FST_MP_PREMATURE_CLOSE: { code: 'invalid-request', detail: 'The body ended before its last part.' },
  FST_INVALID_JSON_FIELD_ERROR: { code: 'invalid-json', detail: 'A field of the body says that it is JSON and is not.' },
  ENOSPC: { code: 'disk-full', detail: 'The disk that holds the data folder is full. Free some space and try again; nothing was kept.' },
  EDQUOT: { code: 'disk-full', detail: 'The disk quota is used up. Free some space and try again; nothing was kept.' },
}

/** Any thrown value as an error for the user. What is not meant for one becomes `internal`, without its text. */
export const publicError = (error: unknown): VentralError => {
  if (error instanceof VentralError) return error
  const { code, statusCode, message } = (error ?? {}) as { code?: unknown; statusCode?: unknown; message?: unknown }
  const known = typeof code === 'string' ? httpCodes[code] : undefined
  if (known !== undefined) return new VentralError(known.code, known.detail)
  if (statusCode === 400 || (typeof message === 'string' && /multipart|Part terminated early/i.test(message)))
    return new VentralError('invalid-request', `The request is malformed: ${typeof message === 'string' ? message : 'no reason known'}.`)
  return new VentralError('internal', 'Something went wrong inside Ventral. The log has the details under this request id.')
}

/** RFC 9457. `type` leads to the code in the served documentation. */
export const toProblem = (error: VentralError): Problem => ({
  type: `/docs#problem-${error.code}`,
  title: problemCodes[error.code].title,
  status: problemCodes[error.code].status,
  detail: error.message,
  code: error.code,
  errors: error.errors,
})

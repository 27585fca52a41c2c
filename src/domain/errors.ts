/**
 * Every code of the contract's problem+json answers, with its HTTP status and title. This is the one table:
 * the server turns it into answers and documentation, the command line into exit messages.
 */
export const problemCodes = {
  'invalid-json': { status: 400, title: 'The body is not valid JSON' },
  'invalid-request': { status: 400, title: 'The request is malformed' },
  'key-required': { status: 401, title: 'An API key is required' },
  forbidden: { status: 403, title: 'Not allowed' },
  'cross-site': { status: 403, title: 'Cross-site request refused' },
  'not-found': { status: 404, title: 'Not found' },
  'weights-missing': { status: 409, title: 'The weights are not here' },
  'dataset-in-use': { status: 409, title: 'The dataset is in use' },
  'activations-in-use': { status: 409, title: 'The activations are in use' },
  'backbone-in-use': { status: 409, title: 'The backbone is in use' },
  'fit-not-finished': { status: 409, title: 'The fit has not finished' },
  'already-finished': { status: 409, title: 'Already finished' },
  'home-in-use': { status: 409, title: 'The data folder is in use' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'archive-bomb': { status: 413, title: 'The archive unpacks to too much' },
  'image-too-large': { status: 413, title: 'The image has too many pixels' },
  'not-an-image': { status: 415, title: 'Not an image' },
  'unsupported-format': { status: 415, title: 'Unsupported format' },
  'wrong-host': { status: 421, title: 'Wrong host' },
  'invalid-value': { status: 422, title: 'A value is not allowed' },
  'unknown-field': { status: 422, title: 'Unknown field' },
  'missing-field': { status: 422, title: 'A field is missing' },
  'truncated-image': { status: 422, title: 'The image is truncated or damaged' },
  'unsafe-path': { status: 422, title: 'Unsafe path in the archive' },
  'damaged-file': { status: 422, title: 'The file is damaged' },
  'count-mismatch': { status: 422, title: 'Counts do not agree' },
  'duplicate-id': { status: 422, title: 'An id occurs twice' },
  'unknown-axes': { status: 422, title: 'Unknown axes' },
  'unsupported-dtype': { status: 422, title: 'Unsupported dtype' },
  'non-finite-rates': { status: 422, title: 'Rates must be finite' },
  'non-finite-activations': { status: 422, title: 'Activations must be finite' },
  'negative-rates': { status: 422, title: 'Counts and rates cannot be negative' },
  'unknown-backbone': { status: 422, title: 'Unknown backbone' },
  'unknown-layer': { status: 422, title: 'Unknown layer' },
  'checkpoint-mismatch': { status: 422, title: 'The checkpoint is of another architecture' },
  'unsafe-checkpoint': { status: 422, title: 'The checkpoint was refused' },
  'too-few-stimuli': { status: 422, title: 'Too few stimuli' },
  'choose-sites': { status: 422, title: 'Choose the sites' },
  'ambiguous-order': { status: 422, title: 'The order of the stimuli is ambiguous' },
  'does-not-fit': { status: 422, title: 'The work does not fit this machine' },
  'idempotency-key-reused': { status: 422, title: 'The Idempotency-Key was used with another body' },
  'rate-limited': { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Internal error' },
  busy: { status: 503, title: 'Busy' },
  'disk-full': { status: 507, title: 'The disk is full' },
} as const

export type ProblemCode = keyof typeof problemCodes

/** One thing that is wrong: where (JSON pointer or file and field), what was expected, what was found. */
export interface ProblemDetail {
  pointer: string
  expected: string
  found: string
}

/** An error whose text is meant for the user. Everything else that is thrown is a defect and stays hidden. */
export class VentralError extends Error {
  readonly code: ProblemCode
  readonly errors: ProblemDetail[]

  constructor(code: ProblemCode, detail: string, errors: ProblemDetail[] = []) {
    super(detail)
    this.name = 'VentralError'
    this.code = code
    this.errors = errors
  }
}

/** Rebuilds a VentralError that crossed a process or thread border as plain data. */
export const errorFromPlain = (plain: { code: ProblemCode; message: string; errors?: ProblemDetail[] }): VentralError =>
  new VentralError(plain.code, plain.message, plain.errors)

/** The plain form of any error, for a process or thread border. A defect becomes `internal`, its text kept for the log. */
export const errorToPlain = (error: unknown): { code: ProblemCode; message: string; errors: ProblemDetail[]; stack?: string } =>
  error instanceof VentralError
    ? { code: error.code, message: error.message, errors: error.errors }
    : { code: 'internal', message: error instanceof Error ? error.message : String(error), errors: [], stack: error instanceof Error ? error.stack : undefined }

import { VentralError } from './errors.ts'

/** A layer of activations from elsewhere, as it is stored: an .npy (stimulus x shape) with its rows in the dataset's order. */
export interface StoredLayer {
  name: string
  /** without the stimulus axis */
  shape: number[]
  units: number
  type: 'f4' | 'f8'
  /** of the .npy file, by which the blob is found */
  sha256: string
  bytes: number
}

/** One version of activations from elsewhere: what PUT /activations/{name} stored for a dataset. */
export interface ActivationsVersion {
  name: string
  dataset: string
  /** over names, shapes and bytes of all layers: other activations are another version */
  sha256: string
  layers: StoredLayer[]
  /** where the file came from, and the sha256 of it as it was sent */
  source: string
  uploadSha256: string
  createdAt: string
}

const PREFIX = 'activations:'

/** The name in `"backbone":"activations:NAME"`; null where a backbone is meant. */
export const activationsName = (backbone: string): string | null => (backbone.startsWith(PREFIX) ? backbone.slice(PREFIX.length) : null)

export const activationsBackbone = (name: string): string => `${PREFIX}${name}`

const EXPECTED = 'letters, digits, "_", "-" and ".", at most 100, the first a letter or a digit'

/** A name as a user gave it, in NFC. Throws `invalid-value`. */
export const checkActivationsName = (text: string): string => {
  const name = text.normalize('NFC')
  if (/^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]{0,99}$/u.test(name)) return name
  throw new VentralError('invalid-value', `${JSON.stringify(text.slice(0, 120))} cannot be a name of activations: it takes ${EXPECTED}.`, [{ pointer: '/name', expected: EXPECTED, found: text.slice(0, 120) }])
}

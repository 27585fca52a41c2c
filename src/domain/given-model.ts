import { VentralError } from './errors.ts'

const PREFIX = 'onnx:'

/** The name in `"backbone":"onnx:NAME"`, a user's own model; null where another backbone is meant. */
export const modelName = (backbone: string): string | null => (backbone.startsWith(PREFIX) ? backbone.slice(PREFIX.length) : null)

export const modelBackbone = (name: string): string => `${PREFIX}${name}`

const EXPECTED = 'letters, digits, "_", "-" and ".", at most 100, the first a letter or a digit'

/** Throws `invalid-value`. */
export const checkModelName = (name: string): string => {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(name)) return name
  throw new VentralError('invalid-value', `${JSON.stringify(name.slice(0, 120))} cannot be a name of a model: it takes ${EXPECTED}.`, [{ pointer: '/name', expected: EXPECTED, found: name.slice(0, 120) }])
}

/** Where a fact comes from: the user said it, the file states it, or nobody did and it is what most networks take. */
export type Origin = 'user' | 'file' | 'assumed'

/** What a user says of a model where its file does not; mean and std are of pixels in [0, 1]. */
export interface ModelSettings {
  inputSize?: number
  mean?: [number, number, number]
  std?: [number, number, number]
}

/** What is told of a user's model besides what every backbone has. */
export interface ModelFacts {
  /** as the file states it */
  producer: string
  opsets: Record<string, number>
  origin: { inputSize: Origin; normalisation: Origin }
}

/** Three numbers as text, `0.485,0.456,0.406`, in brackets or not; null where it is something else. */
export const numberTriple = (text: string): [number, number, number] | null => {
  const numbers = text.replace(/^\s*\[|\]\s*$/g, '').split(',').map((part) => (part.trim() === '' ? NaN : Number(part)))
  return numbers.length === 3 && numbers.every(Number.isFinite) ? (numbers as [number, number, number]) : null
}

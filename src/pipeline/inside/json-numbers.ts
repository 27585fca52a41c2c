/** Digits that tell any two numbers of float32 apart. */
const DIGITS = 9

export type Nested = (number | null)[] | Nested[]

/** Values as nested arrays of that shape. What is not finite is null, since JSON has no such numbers. */
export const nested = (values: Float32Array, shape: readonly number[]): Nested => {
  if (shape.length <= 1) return Array.from(values, (value) => (Number.isFinite(value) ? Number(value.toPrecision(DIGITS)) : null))
  const [count, ...rest] = shape
  const each = values.length / count
  return Array.from<unknown, Nested>({ length: count }, (_, i) => nested(values.subarray(i * each, (i + 1) * each), rest))
}

export const jsonBytes = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value))

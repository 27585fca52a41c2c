import { createHash } from 'node:crypto'

/** sha256 of a value's canonical JSON: object keys in code-point order at every depth. */
export const sha256OfJson = (value: unknown): string => createHash('sha256').update(canonicalJson(value)).digest('hex')

export const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  const entries = Object.entries(value).filter(([, v]) => v !== undefined)
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return `{${entries.map(([key, v]) => `${JSON.stringify(key)}:${canonicalJson(v)}`).join(',')}}`
}

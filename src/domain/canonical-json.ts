/**
 * JSON in the one form that equal values have (RFC 8785): keys in order of their UTF-16 code units, numbers and strings as ECMAScript
 * writes them, no white space. Fields that are undefined are left out, as JSON.stringify does; null stands for no value at all.
 */
export const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  const fields = Object.entries(value).filter(([, inner]) => inner !== undefined)
  const ordered = fields.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${ordered.map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`).join(',')}}`
}

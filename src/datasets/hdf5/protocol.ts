/** What the parent asks of the child, and what it gets. `from` and `to` are rows along the first axis. */
export type Hdf5Request = { op: 'list' } | { op: 'numbers' | 'strings'; name: string; from: number; to: number }

/** A dataset in the file's root. */
export interface ListedObject {
  name: string
  shape: number[]
  chunks: number[] | null
  type: 'integer' | 'float' | 'string' | 'other'
  /** bytes per value */
  size: number
  signed: boolean
  variableLength: boolean
  utf8: boolean
  /** ids of the filters that its chunks passed through */
  filters: number[]
}

export interface Hdf5Listing {
  objects: ListedObject[]
}

export const maxNames = 10_000
export const maxStringBytes = 1024

const isSide = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0
const isSides = (value: unknown): boolean => Array.isArray(value) && value.length <= 32 && value.every(isSide)

const isListedObject = (value: unknown): value is ListedObject => {
  if (typeof value !== 'object' || value === null) return false
  const o = value as Record<keyof ListedObject, unknown>
  return (
    typeof o.name === 'string' &&
    isSides(o.shape) &&
    (o.chunks === null || isSides(o.chunks)) &&
    ['integer', 'float', 'string', 'other'].includes(o.type as string) &&
    isSide(o.size) &&
    typeof o.signed === 'boolean' &&
    typeof o.variableLength === 'boolean' &&
    typeof o.utf8 === 'boolean' &&
    isSides(o.filters)
  )
}

/** Whether an answer of the child is a listing; it may be anything once a hostile file has taken the child over. */
export const isListing = (value: unknown): value is Hdf5Listing =>
  typeof value === 'object' &&
  value !== null &&
  Array.isArray((value as Hdf5Listing).objects) &&
  (value as Hdf5Listing).objects.length <= maxNames &&
  (value as Hdf5Listing).objects.every(isListedObject)

export const isStrings = (value: unknown, count: number): value is string[] =>
  Array.isArray(value) && value.length === count && value.every((text) => typeof text === 'string' && text.length <= maxStringBytes)

/** What the parent asks of the child, and what it gets: the content of a group ('' is the root), or a block of a dataset. */
export type Hdf5Request = { op: 'list'; group: string } | ({ op: 'numbers' | 'strings'; name: string } & Hdf5Block)

/** A block of a dataset: its first index and its extent along every axis. */
export interface Hdf5Block {
  offset: number[]
  count: number[]
}

/** What is read of the attributes: texts and single numbers. */
export type Hdf5Attributes = Record<string, string | number>

/** A dataset in a group. */
export interface ListedObject {
  /** with its groups, and without a slash before: units/spike_times */
  name: string
  shape: number[]
  /** name of the dimension scale attached to each axis (netCDF's dimensions); null where there is none */
  dimensions: (string | null)[]
  attributes: Hdf5Attributes
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
  /** names of the groups in this one, with its own name before */
  groups: string[]
  attributes: Hdf5Attributes
}

/** The attributes that mean something to a reader; no others are touched. */
export const readAttributes = [
  'coordinates', '_FillValue', 'scale_factor', 'add_offset', 'CLASS', 'NAME', 'identifier', 'stimulus_set_identifier', 'MATLAB_class', 'MATLAB_empty', 'nwb_version',
] as const // prettier-ignore

export const maxNames = 10_000
export const maxStringBytes = 1024
export const maxAttributeBytes = 16_384
const maxPathLength = 1024

const isSide = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0
const isSides = (value: unknown): boolean => Array.isArray(value) && value.length <= 32 && value.every(isSide)

const isName = (value: unknown): value is string => typeof value === 'string' && value.length <= maxPathLength
const isAttributes = (value: unknown): value is Hdf5Attributes =>
  typeof value === 'object' &&
  value !== null &&
  Object.entries(value).every(([name, one]) => (readAttributes as readonly string[]).includes(name) && (typeof one === 'number' || (typeof one === 'string' && one.length <= maxAttributeBytes)))

const isListedObject = (value: unknown): value is ListedObject => {
  if (typeof value !== 'object' || value === null) return false
  const o = value as Record<keyof ListedObject, unknown>
  return (
    isName(o.name) &&
    isSides(o.shape) &&
    Array.isArray(o.dimensions) &&
    o.dimensions.length === (o.shape as number[]).length &&
    o.dimensions.every((name) => name === null || isName(name)) &&
    isAttributes(o.attributes) &&
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
  (value as Hdf5Listing).objects.every(isListedObject) &&
  Array.isArray((value as Hdf5Listing).groups) &&
  (value as Hdf5Listing).groups.length <= maxNames &&
  (value as Hdf5Listing).groups.every(isName) &&
  isAttributes((value as Hdf5Listing).attributes)

export const isStrings = (value: unknown, count: number): value is string[] =>
  Array.isArray(value) && value.length === count && value.every((text) => typeof text === 'string' && text.length <= maxStringBytes)

import type { StoredArray } from './transpose.ts'
import type { RowNames } from './pairing.ts'

/** Responses as a reader of one format hands them on: the array where it lies, and what the file says about its rows and sites. */
export interface OpenResponses {
  /** for messages: the file, and within a container the array */
  file: string
  array: StoredArray
  /** names of the stimulus axis; null where the file has none */
  stimulusNames: RowNames | null
  /** names of the site axis; null where the file has none */
  siteIds: string[] | null
  regions: string[] | null
  /** dtype of the canonical file: f4 where that holds every value exactly */
  dtype: 'f4' | 'f8'
  /** whether `axes` was assumed, not stated by the user or the format */
  axesAssumed: boolean
  warnings: string[]
  close(): Promise<void>
}

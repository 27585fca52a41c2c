import type { Axis, Psth, ResponseUnit, TimeBin } from '../domain/dataset.ts'
import type { StoredArray } from './canonical-blocks.ts'
import type { RowNames } from './stimulus-names.ts'
import type { PackedImage } from './stimuli-pack.ts'

/** Images as an import sees them before they are paired with the responses. */
export interface ImageSource {
  /** for messages */
  name: string
  images: { path: string; baseName: string; metadata: Record<string, string> }[]
  /** columns of the images' own metadata */
  metadataColumns: string[]
  /** Writes the images of the given indices, in that order, as one pack. */
  writePack(order: readonly number[], path: string, signal?: AbortSignal): Promise<{ packed: PackedImage[]; warnings: string[] }>
}

/** Responses as the reader of one format hands them on: the array where it lies, and what the file says about its rows and sites. */
export interface OpenResponses {
  /** which reader it was, for the record */
  reader: 'npy' | 'npz' | 'csv' | 'nx414' | 'brainio' | 'mat5' | 'mat73' | 'nwb' | 'algonauts'
  /** for messages: the file, and within a container the array */
  file: string
  /** as the user or the format states them, from the first to the last */
  axes: Axis[]
  /** the array as it lies, in an order of its own */
  array: StoredArray
  /** names of the stimulus axis; null where the file has none */
  stimulusNames: RowNames | null
  /** names of the site axis; null where the file has none */
  siteIds: string[] | null
  regions: string[] | null
  animals: string[] | null
  /** what else the file says of its sites, in the order of their axis */
  siteMetadata: Record<string, string>[] | null
  /** what the file says of its stimuli beside their names, in the order of their axis */
  stimulusMetadata: { columns: string[]; rows: Record<string, string>[] } | null
  /** whether images without responses are to be expected (a set shared by several recordings): they are left out, with a warning */
  spareImages: boolean
  /** dtype of the canonical file: f4 where that holds every value exactly */
  dtype: 'f4' | 'f8'
  /** whether the axes were assumed, stated neither by the user nor by the format */
  axesAssumed: boolean
  /** what the format itself says when the user says nothing; a unit for values of 0 or more */
  impliedUnit: ResponseUnit | null
  impliedRegion: string | null
  timeBins: TimeBin[] | null
  /** where the reader binned spikes itself */
  psth: Psth | null
  /** the stimuli, where the file holds them too */
  images: ImageSource | null
  warnings: string[]
  close(): Promise<void>
}

/** What most formats leave open. */
export const nothingImplied = { regions: null, animals: null, siteMetadata: null, stimulusMetadata: null, spareImages: false, impliedUnit: null, impliedRegion: null, timeBins: null, psth: null, images: null } as const

import fs from 'node:fs'
import path from 'node:path'
import type { DatasetManifest } from '../../src/domain/dataset.ts'
import type { FitRequest, ResolvedFit } from '../../src/domain/fit.ts'
import { encodeNpy } from '../../src/numerics/npy.ts'
import { resolveFit } from '../../src/pipeline/resolve-fit.ts'
import type { StimulusFiles } from '../../src/pipeline/stimulus-files.ts'
import { zipBytes } from '../datasets/fixtures.ts'
import { uniforms } from '../helper/generator.ts'
import { colourType, png } from '../models/preprocess/image-builder.ts'

/** A picture of coarse noise that no other name has. */
export const noisePng = (name: string, side = 8): Buffer => {
  const noise = uniforms(name, side * side * 3)
  const rows = Array.from({ length: side }, (_, y) => [0, ...Array.from(noise.subarray(y * side * 3, (y + 1) * side * 3), (u) => Math.floor(256 * u))]).flat()
  return png({ width: side, height: side, depth: 8, type: colourType.rgb, rows })
}

export const stimulusName = (i: number): string => `s${String(i).padStart(3, '0')}.png`

export interface ManifestFacts {
  stimuli?: number
  /** metadata of the stimulus in a row */
  metadata?: (row: number) => Record<string, string>
  groupingColumns?: string[]
  /** region of each site */
  regions?: string[]
  /** reliability of each site; omitted: no repetitions */
  rho?: (number | null)[]
  duplicates?: DatasetManifest['report']['duplicates']
}

/** A dataset's manifest without a dataset behind it: stimuli s0, s1, …, sites a, b, …. */
export const manifestOf = ({ stimuli = 30, metadata = () => ({}), groupingColumns = [], regions = ['IT', 'IT'], rho, duplicates = { exact: [], near: [] } }: ManifestFacts = {}): DatasetManifest => {
  const sites = regions.map((region, j) => ({ siteId: String.fromCharCode(97 + j), region, metadata: {} }))
  return {
    name: 'made up',
    unit: 'other',
    axes: ['stimulus', 'site'],
    stimuli: Array.from({ length: stimuli }, (_, i) => ({
      stimulusId: `s${i}`, filename: `s${i}.png`, sha256: String(i), offset: 0, bytes: 0, width: 8, height: 8, metadata: metadata(i),
    })),
    sites,
    timeBins: null,
    visualDegrees: null,
    backgroundRgb: null,
    groupingColumns,
    report: {
      repetitions: { min: 1, max: 1 },
      missing: { cells: 0, repetitions: 0, total: stimuli * sites.length },
      constantSites: [],
      duplicates,
      reliability: rho === undefined ? null : { method: 'analytic', median: null, sites: sites.map(({ siteId }, j) => ({ siteId, rho: rho[j] })) },
    },
    warnings: [],
    source: {},
  } // prettier-ignore
}

/** The resolved form of a request on a manifest; SqueezeNet 1.1 unless the request says otherwise. */
export const resolved = (request: Partial<FitRequest> = {}, manifest = manifestOf()): ResolvedFit =>
  resolveFit({ dataset: 'd', backbone: 'squeezenet1_1', ...request }, manifest)

/** Images in memory as an extraction reads them. */
export const stimuliOf = (images: readonly Uint8Array[], sha256 = 'these'): StimulusFiles => ({ count: images.length, sha256, read: (i) => images[i], close: () => undefined })

export interface UploadFiles {
  stimuli: string
  responses: string
  metadata?: string
}

/** Writes what a user uploads: the images as a zip, the responses (in C order of `shape`), and metadata by filename. */
export const writeUpload = async (
  folder: string,
  { images, responses, shape, metadata }: { images: readonly Uint8Array[]; responses: Float64Array; shape: number[]; metadata?: Record<string, (row: number) => string> },
): Promise<UploadFiles> => {
  const at = (name: string): string => path.join(folder, name)
  fs.writeFileSync(at('stimuli.zip'), await zipBytes(images.map((bytes, i) => [stimulusName(i), bytes] as const)))
  fs.writeFileSync(at('responses.npy'), encodeNpy(responses, shape))
  if (metadata === undefined) return { stimuli: at('stimuli.zip'), responses: at('responses.npy') }
  const columns = Object.keys(metadata)
  const lines = images.map((_, i) => [stimulusName(i), ...columns.map((column) => metadata[column](i))].join(','))
  fs.writeFileSync(at('metadata.csv'), [['filename', ...columns].join(','), ...lines, ''].join('\n'))
  return { stimuli: at('stimuli.zip'), responses: at('responses.npy'), metadata: at('metadata.csv') }
}

/** What a test expects of an error; a code or a name is always stated. */
export type Refusal = ({ code: string } | { name: string }) & { message?: RegExp }

import type { EncodedStimulus } from './encode-stimulus.ts'
import { groundTruth } from './ground-truth.ts'
import { animals } from './simulate/sites.ts'
import type { SimulatedSite } from './simulate/record.ts'
import type { PlannedStimulus } from './stimulus-plan.ts'

/** The demo's responses are counts of the window [start, end) in ms, as in the studies it follows. */
export const window = { startMs: 70, endMs: 170 } as const

const csv = (columns: readonly string[], rows: readonly (string | number)[][]): string => [columns, ...rows].map((row) => row.join(',')).join('\n') + '\n'
const rounded = (value: number, digits = 4): number => Number(value.toFixed(digits))

/** metadata.csv: a row per stimulus, in the responses' order. */
export const metadataTable = (plan: readonly PlannedStimulus[], files: readonly EncodedStimulus[]): string =>
  csv(
    [
      'stimulus_id', 'filename', 'category_name', 'object_name', 'x', 'y', 'radius', 'yaw', 'pitch', 'roll', 'background_orientation',
      'background_slope', 'background_anisotropy',
    ],
    plan.map(({ stimulusId, category, object, pose, texture }, i) => [
      stimulusId, files[i].filename, category, `${category}-${object}`,
      ...[pose.x, pose.y, pose.radius, pose.yaw, pose.pitch, pose.roll, texture.orientation, texture.slope, texture.anisotropy].map((v) => rounded(v)),
    ]),
  )

/** sites.csv: a row per site, in the responses' order. The region says that no brain was recorded. */
export const sitesTable = (sites: readonly SimulatedSite[]): string =>
  csv(['site_id', 'region', 'animal', 'kind'], sites.map(({ siteId, animal, kind }) => [siteId, 'simulated', animal, kind]))

/** What truth.json says: how the sites came about and what a fit should find. */
export interface Truth {
  simulated: true
  unit: 'count'
  windowMs: [number, number]
  /** drives the sites of kind readout (linearly, all units) and product (two units) */
  network: typeof groundTruth
  animals: { name: string; repetitions: [number, number]; gainSd: number }[]
  duplicates: { stimulusId: string; of: string; kind: 'exact' | 'near' }[]
  sites: TrueSite[]
}

export interface TrueSite {
  siteId: string
  animal: string
  kind: SimulatedSite['kind']
  /** the layer that a linear mapping needs; null for the other kinds */
  layer: string | null
  /** reliability of the mean response (closed form); 0 for noise, null where responses never vary */
  rho: number | null
  fano: number
  drift: number
  /** mean over stimuli of the true mean count */
  meanCount: number
}

export const truthOf = (plan: readonly PlannedStimulus[], sites: readonly SimulatedSite[]): Truth => ({
  simulated: true,
  unit: 'count',
  windowMs: [window.startMs, window.endMs],
  network: groundTruth,
  animals: animals.map(({ name, repetitions, gainSd }) => ({ name, repetitions, gainSd })),
  duplicates: plan.flatMap(({ stimulusId, duplicate }) => (duplicate === null ? [] : [{ stimulusId, of: duplicate.of, kind: duplicate.kind }])),
  sites: sites.map(({ siteId, animal, kind, trueRho, fano, drift, means }) => ({
    siteId, animal, kind,
    layer: kind === 'readout' ? groundTruth.layer : null,
    rho: trueRho, fano, drift,
    meanCount: means.reduce((sum, v) => sum + v, 0) / means.length,
  })),
})

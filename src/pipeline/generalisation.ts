import type { DatasetManifest } from '../domain/dataset.ts'
import type { SplitRequest } from '../domain/fit.ts'

/** Up to so many groups each is left out by itself; more are put into as many folds. */
const MAX_SINGLE_GROUPS = 10

/** Fewer leave a training set of one group, which inner folds cannot divide by groups. */
const LEAST_GROUPS = 3

const groupCount = (manifest: DatasetManifest, column: string): number => new Set(manifest.stimuli.map((stimulus) => stimulus.metadata[column] ?? '')).size

/** Whether a column has groups enough for a grouped split with grouped inner folds. */
export const canHoldOut = (manifest: DatasetManifest, column: string): boolean => groupCount(manifest, column) >= LEAST_GROUPS

/** The split by which a fit also reports what holds for groups never seen: leave one group out, or GroupKFold where there are many. */
export const alsoByRequest = (manifest: DatasetManifest, column: string): SplitRequest =>
  groupCount(manifest, column) <= MAX_SINGLE_GROUPS ? { scheme: 'leaveonegroupout', by: column } : { scheme: 'groupkfold', folds: MAX_SINGLE_GROUPS, by: column }

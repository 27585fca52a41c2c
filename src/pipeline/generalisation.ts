import type { DatasetManifest } from '../domain/dataset.ts'
import type { SplitRequest } from '../domain/fit.ts'

/** Up to so many groups each is left out by itself; more are put into as many folds. */
const MAX_SINGLE_GROUPS = 10

/** The split by which a fit also reports what holds for groups never seen: leave one group out, or GroupKFold where there are many. */
export const alsoByRequest = (manifest: DatasetManifest, column: string): SplitRequest => {
  const groups = new Set(manifest.stimuli.map((stimulus) => stimulus.metadata[column] ?? '')).size
  return groups <= MAX_SINGLE_GROUPS ? { scheme: 'leaveonegroupout', by: column } : { scheme: 'groupkfold', folds: MAX_SINGLE_GROUPS, by: column }
}

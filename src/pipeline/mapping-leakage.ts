import type { DatasetManifest } from '../domain/dataset.ts'
import type { ResolvedFit } from '../domain/fit.ts'
import type { LeakageEntry } from '../domain/fit-scores.ts'
import { duplicateGroups } from './duplicate-groups.ts'

/** What the mapping itself lets see: which rows its penalties and its principal components rest on. */
export const mappingLeakage = ({ mapping }: ResolvedFit, manifest: DatasetManifest): LeakageEntry[] => [penaltyEntry(mapping), ...leftOutEntries(mapping, manifest), ...componentsEntries(mapping)]

const penaltyEntry = ({ method, inner }: ResolvedFit['mapping']): LeakageEntry => ({
  what: method === 'banded' || method === 'auto' ? 'centring, scale and weights of the bands, penalties and mapping' : 'centring, penalty and mapping',
  rows: `training rows of each outer fold; the ${method === 'banded' || method === 'auto' ? 'penalties and weights' : 'penalty'} ${inner === 'gcv' ? 'by generalised cross-validation of' : inner === 'loo' ? 'by leaving out one at a time of' : 'on inner folds of'} these`,
  severity: 'none',
})

/** A closed form leaves out single stimuli, whatever belongs together. */
const leftOutEntries = ({ inner }: ResolvedFit['mapping'], manifest: DatasetManifest): LeakageEntry[] => {
  if (typeof inner !== 'string') return []
  const sizes = new Map<number, number>()
  for (const group of duplicateGroups(manifest)) sizes.set(group, (sizes.get(group) ?? 0) + 1)
  const repeated = [...sizes.values()].filter((size) => size > 1).length
  const what = `near and exact duplicates under ${inner}`
  if (repeated === 0) return [{ what, rows: 'none', severity: 'none' }]
  const rows = `${repeated} groups: one of a group is left out while its likes are fitted, so the penalty comes out too small. Inner folds keep them together`
  return [{ what, rows, severity: 'warning' }]
}

const componentsEntries = ({ method, pca, inner }: ResolvedFit['mapping']): LeakageEntry[] => {
  if (pca === undefined) return []
  const what = 'principal components'
  if (typeof pca === 'object') return [{ what, rows: 'all stimuli, test rows included ("fitOn": "all")', severity: 'warning' }]
  if (method !== 'ridge') return [{ what, rows: 'training rows of each outer fold, and of each inner fold', severity: 'none' }]
  const sees = typeof inner === 'string' ? 'the stimuli left out' : 'the inner folds'
  return [{ what, rows: `training rows of each outer fold: ${sees}, by which the penalty is chosen, see them, as the field publishes it`, severity: 'note' }]
}

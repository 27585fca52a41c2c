import type { DatasetManifest } from '../domain/dataset.ts'
import { createDisjointSets } from './disjoint-sets.ts'

/** Group number of each stimulus: near and exact duplicates share one, transitively; the others stand alone. */
export const duplicateGroups = ({ stimuli, report }: DatasetManifest): Int32Array => {
  const index = new Map(stimuli.map((stimulus, i) => [stimulus.stimulusId, i]))
  const sets = createDisjointSets(stimuli.length)
  const { groups, exact, near } = report.duplicates
  // Manifests of before the groups were kept list all pairs.
  for (const group of groups ?? [...exact, ...near]) for (const id of group.slice(1)) sets.join(index.get(group[0])!, index.get(id)!)
  return sets.roots()
}

import type { DatasetManifest } from '../domain/dataset.ts'
import type { LeakageEntry, ResolvedFit } from '../domain/fit.ts'
import type { Division } from './condition.ts'
import { duplicateGroups } from './duplicate-groups.ts'

/** What was fitted on which rows, and every way in which test rows may have helped: overlaps, straddling groups and duplicates. */
export const leakageReport = (request: ResolvedFit, manifest: DatasetManifest, { splits }: Division): LeakageEntry[] => {
  const foldOf = new Int32Array(manifest.stimuli.length).fill(-1)
  let overlap = 0
  splits.forEach(({ test }, f) => {
    for (const row of test) {
      if (foldOf[row] !== -1) overlap++
      foldOf[row] = f
    }
  })
  const straddling = (groups: ArrayLike<number | string>): number => {
    const folds = new Map<number | string, Set<number>>()
    for (let i = 0; i < foldOf.length; i++) folds.set(groups[i], (folds.get(groups[i]) ?? new Set()).add(foldOf[i]))
    return [...folds.values()].filter((set) => set.size > 1).length
  }
  const duplicates = straddling(duplicateGroups(manifest))
  return [
    { what: 'centring, penalty and mapping', rows: 'training rows of each outer fold; the penalty on inner folds of these', severity: 'none' },
    { what: 'choice of layer (bestLayer.nested)', rows: 'inner folds of the training rows of each outer fold', severity: 'none' },
    { what: 'choice of layer (bestLayer.plainMax)', rows: 'the outer test rows themselves: optimistic', severity: 'note' },
    { what: 'encoder', rows: 'all stimuli: its held-out score is that of the outer folds', severity: 'note' },
    { what: 'overlap of test sets', rows: overlap === 0 ? 'none' : `${overlap} stimuli are tested more than once`, severity: overlap === 0 ? 'none' : 'warning' },
    {
      what: 'near and exact duplicates',
      rows: duplicates === 0 ? 'none on both sides of a fold' : `${duplicates} groups lie on both sides of a fold${request.groupDuplicates ? '' : ' (groupDuplicates is off)'}`,
      severity: duplicates === 0 ? 'none' : 'warning',
    },
    ...manifest.groupingColumns.map((column): LeakageEntry => {
      const count = straddling(manifest.stimuli.map((stimulus) => stimulus.metadata[column] ?? ''))
      const advice = request.alsoBy.includes(column) ? `: see generalisation.${column}` : ''
      return { what: `groups of ${column}`, rows: count === 0 ? 'none on both sides of a fold' : `${count} lie on both sides of a fold${advice}`, severity: count === 0 ? 'none' : 'note' }
    }),
  ]
}

import type { DatasetManifest } from '../domain/dataset.ts'
import type { LeakageEntry, ResolvedFit } from '../domain/fit.ts'
import type { Division } from './condition.ts'
import { duplicateGroups } from './duplicate-groups.ts'
import { mappingLeakage } from './mapping-leakage.ts'

/** What was fitted on which rows, and every way in which test rows may have helped: overlaps, straddling groups and duplicates. */
export const leakageReport = (request: ResolvedFit, manifest: DatasetManifest, { splits, rows }: Division): LeakageEntry[] => {
  const tests = new Int32Array(manifest.stimuli.length)
  for (const { test } of splits) for (const row of test) tests[row]++
  const overlap = tests.filter((count) => count > 1).length
  const straddling = (groups: ArrayLike<number | string>): number => {
    const found = new Set<number | string>()
    for (const { train, test } of splits) {
      const trained = new Set(Array.from(train, (row) => groups[row]))
      for (const row of test) if (trained.has(groups[row])) found.add(groups[row])
    }
    return found.size
  }
  const duplicates = straddling(duplicateGroups(manifest))
  return [
    ...mappingLeakage(request, manifest),
    { what: 'choice of layer (bestLayer.nested)', rows: `${typeof request.mapping.inner === 'string' ? 'left-out stimuli' : 'inner folds'} of the training rows of each outer fold`, severity: 'none' },
    { what: 'choice of layer (bestLayer.plainMax)', rows: 'the outer test rows themselves: optimistic', severity: 'note' },
    { what: 'encoder', rows: `${rows.length === manifest.stimuli.length ? 'all stimuli' : `the ${rows.length} stimuli of the given split`}: its held-out score is that of the outer folds`, severity: 'note' },
    overlapEntry(overlap, request.split.scheme),
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

/** Random divisions overlap by design; any others by mistake. */
const overlapEntry = (stimuli: number, scheme: ResolvedFit['split']['scheme']): LeakageEntry => {
  const what = 'overlap of test sets'
  if (stimuli === 0) return { what, rows: 'none', severity: 'none' }
  const rows = `${stimuli} stimuli are tested more than once`
  return scheme.includes('shufflesplit') ? { what, rows: `${rows}, as in all random divisions: the splits are not independent`, severity: 'note' } : { what, rows, severity: 'warning' }
}

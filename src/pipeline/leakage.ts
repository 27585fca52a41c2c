import type { DatasetManifest } from '../domain/dataset.ts'
import type { ResolvedFit } from '../domain/fit.ts'
import type { LeakageEntry } from '../domain/fit-scores.ts'
import type { Division } from './condition.ts'
import { canHoldOut } from './generalisation.ts'
import { duplicateGroups } from './duplicate-groups.ts'
import { mappingLeakage } from './mapping-leakage.ts'

/**
 * What was fitted or chosen on which rows, and every way in which test rows may have helped: overlaps, straddling groups and duplicates.
 * What a part of a fit does with rows of its own (its population, its protocol) is told by that part and put beside these.
 */
export const leakageReport = (request: ResolvedFit, manifest: DatasetManifest, division: Division): LeakageEntry[] => [
  ...responseEntries(manifest),
  ...mappingLeakage(request, manifest),
  ...choiceEntries(request),
  {
    what: 'encoder',
    rows: `${division.rows.length === manifest.stimuli.length ? 'all stimuli' : `the ${division.rows.length} stimuli of the given split`}: its held-out score is that of the outer folds`,
    severity: 'note',
  },
  ...crossings(manifest, division, request),
]

/** What the responses had seen before the fit, and what their reliability rests on. */
const responseEntries = ({ unit, report }: DatasetManifest): LeakageEntry[] => [
  ...(unit === 'zscore' || unit === 'baselineSubtracted'
    ? [{ what: `responses (${unit})`, rows: 'normalised before they were imported, by rows that this service does not know: test rows may have helped', severity: 'note' as const }]
    : []),
  ...(report.repetitions.max < 2 ? [] : [{ what: 'ceiling', rows: 'all stimuli with repetitions, test rows too; it scales the scores and decides nothing in the fit', severity: 'none' as const }]),
]

/** What each choice among layers looked at. */
const choiceEntries = ({ layers, alongside = [], mapping }: ResolvedFit): LeakageEntry[] => {
  const several = layers.length + alongside.reduce((sum, network) => sum + network.layers.length, 0) > 1
  const inner = `${typeof mapping.inner === 'string' ? 'left-out stimuli' : 'inner folds'} of the training rows of each outer fold`
  return [
    { what: 'choice of layer (bestLayer.nested)', rows: inner, severity: 'none' },
    ...(several ? [{ what: 'choice of layer per site (bestLayer.perSite)', rows: inner, severity: 'none' as const }] : []),
    { what: 'choice of layer (bestLayer.plainMax)', rows: 'the outer test rows themselves: optimistic', severity: 'note' },
  ]
}

/**
 * What a division lets pass between its training and test rows: stimuli tested twice, duplicates, and groups on both sides. With the
 * request where it is the fit's own division, what could be done about it.
 */
export const crossings = (manifest: DatasetManifest, { request: { scheme }, splits }: Division, own?: ResolvedFit): LeakageEntry[] => {
  const tests = new Int32Array(manifest.stimuli.length)
  for (const { test } of splits) for (const row of test) tests[row]++
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
    overlapEntry(tests.filter((count) => count > 1).length, scheme),
    manifest.images === false ? { what: 'near and exact duplicates', rows: 'not known: the dataset came without images', severity: 'note' } : {
      what: 'near and exact duplicates',
      rows: duplicates === 0 ? 'none on both sides of a fold' : `${duplicates} groups lie on both sides of a fold${own?.groupDuplicates === false ? ' (groupDuplicates is off)' : ''}`,
      severity: duplicates === 0 ? 'none' : 'warning',
    },
    ...manifest.groupingColumns.map((column): LeakageEntry => {
      const count = straddling(manifest.stimuli.map((stimulus) => stimulus.metadata[column] ?? ''))
      const advice = own === undefined ? '' : own.alsoBy.includes(column) ? `: see generalisation.${column}` : canHoldOut(manifest, column) ? '' : '; too few groups to be held out whole'
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

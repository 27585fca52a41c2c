import t from 'tap'
import type { FitRequest } from '../../src/domain/fit.ts'
import type { LeakageEntry } from '../../src/domain/fit-scores.ts'
import { divide } from '../../src/pipeline/condition.ts'
import type { Division } from '../../src/pipeline/condition.ts'
import { crossings, leakageReport } from '../../src/pipeline/leakage.ts'
import { manifestOf, resolved } from './fixtures.ts'

const manifest = manifestOf({
  stimuli: 20,
  metadata: (row) => ({ object_name: `o${row % 5}` }),
  groupingColumns: ['object_name'],
  duplicates: { exact: [['s0', 's10']], near: [['s3', 's19']] },
})
const entry = (report: LeakageEntry[], what: string): LeakageEntry => report.find((candidate) => candidate.what === what)!
const reportOf = (request: Parameters<typeof resolved>[0], change: (division: Division) => Division = (division) => division) => {
  const full = resolved({ split: { scheme: 'kfold', folds: 4, shuffle: false }, ...request }, manifest)
  return leakageReport(full, manifest, change(divide(full.split, manifest, full)))
}

t.test('duplicates are kept in one fold, or told of', (t) => {
  t.match(entry(reportOf({}), 'near and exact duplicates'), { rows: 'none on both sides of a fold', severity: 'none' })
  t.match(entry(reportOf({ groupDuplicates: false }), 'near and exact duplicates'), { rows: '2 groups lie on both sides of a fold (groupDuplicates is off)', severity: 'warning' })
  t.match(entry(reportOf({ split: { scheme: 'leaveonegroupout', by: 'object_name' } }), 'near and exact duplicates'), { rows: '1 groups lie on both sides of a fold', severity: 'warning' }, 's3 and s19 show two objects')
  t.end()
})

t.test('groups on both sides of a fold point to the scores without them', (t) => {
  t.match(entry(reportOf({}), 'groups of object_name'), { rows: '5 lie on both sides of a fold: see generalisation.object_name', severity: 'note' })
  t.match(entry(reportOf({ alsoBy: [] }), 'groups of object_name'), { rows: '5 lie on both sides of a fold', severity: 'note' }, 'unless there are none')
  t.match(entry(reportOf({ split: { scheme: 'leaveonegroupout', by: 'object_name' } }), 'groups of object_name'), { severity: 'none' })
  const two = manifestOf({ stimuli: 20, metadata: (row) => ({ familiar: `f${row % 2}` }), groupingColumns: ['familiar'] })
  const full = resolved({}, two)
  t.match(entry(leakageReport(full, two, divide(full.split, two, full)), 'groups of familiar'), { rows: '2 lie on both sides of a fold; too few groups to be held out whole' })
  t.end()
})

t.test('a closed form leaves duplicates on both sides', (t) => {
  t.match(entry(reportOf({ mapping: { inner: 'loo' } }), 'near and exact duplicates under loo'), { rows: /^2 groups: one of a group is left out/, severity: 'warning' })
  t.match(entry(reportOf({ mapping: { inner: 'gcv' } }), 'centring, penalty and mapping'), { rows: /generalised cross-validation/, severity: 'none' })
  t.notOk(reportOf({}).some(({ what }) => what.includes('under')), 'inner folds do not')
  t.end()
})

t.test('which rows the principal components rest on', (t) => {
  const of = (mapping: FitRequest['mapping']) => reportOf({ mapping }).find(({ what }) => what === 'principal components')
  t.equal(of({ method: 'ridge' }), undefined)
  t.match(of({ method: 'pls', pca: 5 }), { rows: 'training rows of each outer fold, and of each inner fold', severity: 'none' })
  t.match(of({ method: 'ridge', pca: 5 }), { severity: 'note' })
  t.match(of({ method: 'linear', pca: { components: 5, fitOn: 'all' } }), { severity: 'warning' })
  t.end()
})

t.test('test sets that overlap are a warning', (t) => {
  t.match(entry(reportOf({}), 'overlap of test sets'), { rows: 'none', severity: 'none' })
  const overlapping = reportOf({ groupDuplicates: false }, (division) => ({ ...division, splits: [...division.splits, division.splits[0]] }))
  t.match(entry(overlapping, 'overlap of test sets'), { rows: '5 stimuli are tested more than once', severity: 'warning' })
  t.end()
})

t.test('what was chosen on test rows is said', (t) => {
  const report = reportOf({})
  t.match(entry(report, 'choice of layer (bestLayer.nested)'), { severity: 'none' })
  t.match(entry(report, 'choice of layer (bestLayer.plainMax)'), { severity: 'note', rows: /optimistic/ })
  t.end()
})

t.test('every step says which rows it saw', (t) => {
  const whats = (report: LeakageEntry[]): string[] => report.map(({ what }) => what)
  t.strictSame(whats(reportOf({ layers: ['features.1'], alsoBy: [] })), [
    'centring, penalty and mapping',
    'choice of layer (bestLayer.nested)',
    'choice of layer (bestLayer.plainMax)',
    'encoder',
    'overlap of test sets',
    'near and exact duplicates',
    'groups of object_name',
  ])
  t.match(entry(reportOf({}), 'choice of layer per site (bestLayer.perSite)'), { severity: 'none' })
  t.end()
})

t.test('responses that came normalised, and what the ceiling rests on', (t) => {
  const full = resolved({}, manifest)
  const report = leakageReport(full, { ...manifest, unit: 'zscore', report: { ...manifest.report, repetitions: { min: 2, max: 5 } } }, divide(full.split, manifest, full))
  t.match(entry(report, 'responses (zscore)'), { severity: 'note', rows: /test rows may have helped/ })
  t.match(entry(report, 'ceiling'), { severity: 'none' })
  t.end()
})

t.test('each further division has its own crossings', (t) => {
  const full = resolved({ split: { scheme: 'kfold', folds: 4, shuffle: false } }, manifest)
  const grouped = divide({ scheme: 'leaveonegroupout', by: 'object_name' }, manifest, full)
  const report = crossings(manifest, grouped)
  t.match(entry(report, 'groups of object_name'), { rows: 'none on both sides of a fold', severity: 'none' })
  t.match(entry(report, 'near and exact duplicates'), { rows: '1 groups lie on both sides of a fold', severity: 'warning' }, 'whole objects are held out, and s3 looks like s19')
  t.end()
})

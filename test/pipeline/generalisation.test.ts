import t from 'tap'
import { innerSplitsOf } from '../../src/encoding/splits/inner-scheme.ts'
import { alsoByRequest, canHoldOut } from '../../src/pipeline/generalisation.ts'
import { divide } from '../../src/pipeline/condition.ts'
import { manifestOf, resolved } from './fixtures.ts'

const withGroups = (count: number) => manifestOf({ stimuli: 60, metadata: (row) => ({ object_name: `o${row % count}` }), groupingColumns: ['object_name'] })

t.test('up to ten groups are left out one by one, more in ten folds', (t) => {
  t.same(alsoByRequest(withGroups(3), 'object_name'), { scheme: 'leaveonegroupout', by: 'object_name' })
  t.same(alsoByRequest(withGroups(10), 'object_name'), { scheme: 'leaveonegroupout', by: 'object_name' })
  t.same(alsoByRequest(withGroups(11), 'object_name'), { scheme: 'groupkfold', folds: 10, by: 'object_name' })
  t.end()
})

t.test('a column can be held out exactly when its division can be made', (t) => {
  for (const count of [1, 2, 3, 4, 10, 11, 30]) {
    const manifest = withGroups(count)
    const make = () => divide(alsoByRequest(manifest, 'object_name'), manifest, resolved({}, manifestOf()))
    if (canHoldOut(manifest, 'object_name')) t.equal(make().splits.length, Math.min(count, 10), `${count} groups`)
    else t.throws(make, { code: 'too-few-stimuli' }, `${count} groups`)
  }
  t.end()
})

t.test('no group lies on both sides of an outer or inner fold', (t) => {
  const manifest = withGroups(12)
  const { splits, inner } = divide(alsoByRequest(manifest, 'object_name'), manifest, resolved({}, manifestOf()))
  for (const { train, test } of [...splits, ...splits.flatMap(({ train }) => innerSplitsOf(inner, train))]) {
    const trained = new Set([...train].map((row) => row % 12))
    t.notOk([...test].some((row) => trained.has(row % 12)))
  }
  t.end()
})

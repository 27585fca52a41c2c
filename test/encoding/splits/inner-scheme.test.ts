import t from 'tap'
import { innerOf, innerSplitsOf } from '../../../src/encoding/splits/inner-scheme.ts'
import type { InnerScheme } from '../../../src/encoding/splits/inner-scheme.ts'
import { stratifiedKFold } from '../../../src/encoding/splits/stratified-k-fold.ts'

const strata = Array.from({ length: 40 }, (_, i) => `o${i % 4}`)
const train = Int32Array.from({ length: 30 }, (_, i) => 39 - i)
const stratified: InnerScheme = { request: { scheme: 'given', by: 'split' }, by: { folds: 5, stratified: { by: 'object_name', seed: 42 } }, columns: { by: strata }, strata }

t.test('stratified inner folds are StratifiedKFold of the training rows', async (t) => {
  const expected = stratifiedKFold(Array.from(train, (row) => strata[row]), { folds: 5, shuffle: true, seed: 42 })
  t.strictSame(
    innerSplitsOf(stratified, train).map(({ test }) => [...test]),
    expected.map(({ test }) => Array.from(test, (i) => train[i])),
  )
  t.throws(() => innerOf(stratified, train.slice(0, 12)), { code: 'too-few-stimuli', errors: [{ pointer: '/mapping/inner/folds', expected: 'at most 3' }] })
})

t.test('where groups are held out whole, the inner folds hold them out too', async (t) => {
  const grouped: InnerScheme = { ...stratified, request: { scheme: 'leaveonegroupout', by: 'object_name' } }
  for (const { train: rows, test } of innerSplitsOf(grouped, train)) t.notOk(rows.some((row) => Array.from(test, (held) => strata[held]).includes(strata[row])))
})

t.test('a closed form needs two stimuli and is no division', async (t) => {
  const loo: InnerScheme = { ...stratified, by: 'loo' }
  t.equal(innerOf(loo, train), 'loo')
  t.throws(() => innerOf(loo, train.slice(0, 1)), { code: 'too-few-stimuli', errors: [{ pointer: '/mapping/inner' }] })
  t.throws(() => innerSplitsOf(loo, train), /closed form/)
})

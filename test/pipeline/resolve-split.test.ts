import t from 'tap'
import type { ProblemCode } from '../../src/domain/errors.ts'
import type { FitRequest, SplitRequest } from '../../src/domain/fit.ts'
import { divide } from '../../src/pipeline/condition.ts'
import { manifestOf, resolved } from './fixtures.ts'

const metadata = (row: number) => ({
  object_name: `object ${row % 6}`,
  size: String(row),
  split: row < 20 ? 'train' : row < 28 ? 'Test' : '',
  words: ['train', 'val', 'test'][row % 3],
  twice: `t${row >> 1}`,
  patchy: row === 7 ? '' : 'p',
  same: 'one',
})
const manifest = manifestOf({ metadata, groupingColumns: ['object_name'], duplicates: { exact: [['s0', 's21'], ['s1', 's14'], ['s2', 's9']], near: [] } })
const pairs = [[0, 21], [1, 14], [2, 9]] // prettier-ignore
type Asked = NonNullable<FitRequest['split']>
const split = (asked: Asked): SplitRequest => resolved({ split: asked }, manifest).split
const division = (asked: Asked, request: Partial<FitRequest> = {}) => {
  const full = resolved({ split: asked, ...request }, manifest)
  return divide(full.split, manifest, full)
}

t.test('every scheme with its defaults', (t) => {
  t.same(split({ scheme: 'kfold' }), { scheme: 'kfold', folds: 10, shuffle: true, seed: 1 })
  t.same(split({ scheme: 'stratifiedkfold', by: 'object_name', folds: 5 }), { scheme: 'stratifiedkfold', folds: 5, shuffle: true, seed: 1, by: 'object_name' })
  t.same(split({ scheme: 'shufflesplit' }), { scheme: 'shufflesplit', splits: 10, seed: 1 })
  t.same(split({ scheme: 'shufflesplit', splits: 3, trainSize: 0.5, testSize: 0.25, seed: 0 }), { scheme: 'shufflesplit', splits: 3, seed: 0, trainSize: 0.5, testSize: 0.25 })
  t.same(split({ scheme: 'stratifiedshufflesplit', by: 'object_name', testSize: 0.2 }), { scheme: 'stratifiedshufflesplit', splits: 10, seed: 1, testSize: 0.2, by: 'object_name' })
  t.same(split({ scheme: 'groupkfold', by: 'object_name', folds: 3 }), { scheme: 'groupkfold', folds: 3, by: 'object_name' })
  t.same(split({ scheme: 'groupshufflesplit', by: 'object_name' }), { scheme: 'groupshufflesplit', splits: 5, seed: 1, by: 'object_name' })
  t.same(split({ scheme: 'leaveonegroupout', by: 'object_name' }), { scheme: 'leaveonegroupout', by: 'object_name' })
  t.same(split({ scheme: 'given', by: 'split' }), { scheme: 'given', by: 'split' })
  t.end()
})

t.test('any metadata column with a value for every stimulus groups', (t) => {
  t.equal(division({ scheme: 'groupkfold', by: 'twice', folds: 5 }).splits.length, 5, 'though it is none of the columns that are grouped by unasked')
  t.equal(division({ scheme: 'leaveonegroupout', by: 'size' }, { mapping: { method: 'ridge', inner: { folds: 3 } } }).splits.length, 30)
  t.same(resolved({ alsoBy: ['twice'] }, manifest).alsoBy, ['twice'])
  t.end()
})

t.test('a stratified split holds out no group of its column, so that one is told beside it', (t) => {
  t.same(resolved({ split: { scheme: 'stratifiedkfold', by: 'object_name', folds: 5 } }, manifest).alsoBy, ['object_name'])
  t.same(resolved({ split: { scheme: 'groupshufflesplit', by: 'object_name' } }, manifest).alsoBy, [])
  t.end()
})

t.test('duplicates stay together in stratified and random divisions, and the bootstrap draws them whole', (t) => {
  for (const asked of [{ scheme: 'stratifiedkfold', by: 'object_name', folds: 5 }, { scheme: 'shufflesplit' }]) {
    const { splits, units } = division(asked)
    for (const { train } of splits) for (const [a, b] of pairs) t.equal(train.includes(a), train.includes(b), asked.scheme)
    t.equal(units![0], units![21])
    t.ok(division(asked, { groupDuplicates: false }).splits.some(({ train }) => pairs.some(([a, b]) => train.includes(a) !== train.includes(b))), 'unless told otherwise')
  }
  t.equal(division({ scheme: 'leaveonegroupout', by: 'object_name' }).units![6], 'object 0')
  t.end()
})

t.test('a given split is one fold, and what is in neither part is not fitted at all', (t) => {
  const { splits, rows } = division({ scheme: 'given', by: 'split' })
  t.equal(splits.length, 1)
  t.same([...splits[0].train], Array.from({ length: 20 }, (_, i) => i))
  t.same([...splits[0].test], [20, 21, 22, 23, 24, 25, 26, 27])
  t.same([...rows], Array.from({ length: 28 }, (_, i) => i))
  t.equal(division({ scheme: 'kfold' }).rows.length, 30)
  t.end()
})

const refusals: [what: string, asked: Asked, code: ProblemCode, pointer: string, message?: RegExp][] = [
  ['no such scheme', { scheme: 'stratified' }, 'invalid-value', '/split/scheme', /"stratifiedshufflesplit"/],
  ['folds of random divisions', { scheme: 'shufflesplit', folds: 3 }, 'unknown-field', '/split/folds'],
  ['a number of k folds by another name', { scheme: 'kfold', splits: 3 }, 'unknown-field', '/split/splits'],
  ['a column for random divisions', { scheme: 'shufflesplit', by: 'object_name' }, 'unknown-field', '/split/by'],
  ['a seed of a given split', { scheme: 'given', by: 'split', seed: 1 }, 'unknown-field', '/split/seed'],
  ['no division', { scheme: 'shufflesplit', splits: 0 }, 'invalid-value', '/split/splits'],
  ['too many divisions', { scheme: 'shufflesplit', splits: 1001 }, 'invalid-value', '/split/splits'],
  ['a share of all', { scheme: 'shufflesplit', testSize: 1 }, 'invalid-value', '/split/testSize'],
  ['a count for a share', { scheme: 'groupshufflesplit', by: 'object_name', trainSize: 4 }, 'invalid-value', '/split/trainSize'],
  ['shares over the whole', { scheme: 'shufflesplit', trainSize: 0.8, testSize: 0.3 }, 'invalid-value', '/split/testSize'],
  ['strata of no column', { scheme: 'stratifiedkfold' }, 'invalid-value', '/split/by', /here: object_name, size, split/],
  ['strata of an unknown column', { scheme: 'stratifiedshufflesplit', by: 'colour' }, 'invalid-value', '/split/by'],
  ['groups of a column with gaps', { scheme: 'groupkfold', by: 'patchy' }, 'invalid-value', '/split/by', /no value for 1 stimuli \(s7\)/],
  ['more folds than a class has members', { scheme: 'stratifiedkfold', by: 'object_name' }, 'too-few-stimuli', '/split/folds'],
  ['classes of one', { scheme: 'stratifiedshufflesplit', by: 'size' }, 'too-few-stimuli', '/split/by'],
  ['a test part smaller than the number of classes', { scheme: 'stratifiedshufflesplit', by: 'object_name', testSize: 0.1 }, 'too-few-stimuli', '/split'],
  ['one group left out of one', { scheme: 'leaveonegroupout', by: 'same' }, 'too-few-stimuli', '/split/by'],
  ['a split of two held-out words', { scheme: 'given', by: 'words' }, 'invalid-value', '/split/by', /side by side/],
  ['a split of other words', { scheme: 'given', by: 'object_name' }, 'invalid-value', '/split/by', /"object 0"/],
] // prettier-ignore

t.test('refusals name the field', (t) => {
  for (const [what, asked, code, pointer, message = /./] of refusals) t.throws(() => division(asked), { code, message, errors: [{ pointer }] }, what)
  t.throws(() => division({ scheme: 'kfold', folds: 2 }, { mapping: { method: 'ridge', inner: { folds: 16 } } }), { code: 'too-few-stimuli', errors: [{ pointer: '/mapping/inner/folds' }] })
  const pairs = manifestOf({ stimuli: 8, duplicates: { exact: [['s0', 's1'], ['s2', 's3'], ['s4', 's5']], near: [] } }) // prettier-ignore
  const request = resolved({ split: { scheme: 'kfold', folds: 2 }, mapping: { method: 'ridge', inner: { folds: 4 } } }, pairs)
  t.throws(() => divide(request.split, pairs, request), { code: 'too-few-stimuli', message: /no duplicates of each other/, errors: [{ pointer: '/mapping/inner/folds' }] })
  t.end()
})

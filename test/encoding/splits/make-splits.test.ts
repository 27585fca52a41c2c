import fc from 'fast-check'
import t from 'tap'
import type { SplitRequest } from '../../../src/domain/fit.ts'
import { givenSplit } from '../../../src/encoding/splits/given.ts'
import { kFold } from '../../../src/encoding/splits/k-fold.ts'
import { makeInnerSplits, makeSplits, splitName } from '../../../src/encoding/splits/make-splits.ts'
import { numpyArgsort } from '../../../src/encoding/splits/numpy-argsort.ts'
import { shuffleSplit } from '../../../src/encoding/splits/shuffle-split.ts'
import { splitsSha256 } from '../../../src/encoding/splits/split.ts'
import { stratifiedKFold } from '../../../src/encoding/splits/stratified-k-fold.ts'
import { stratifiedShuffleSplit } from '../../../src/encoding/splits/stratified-shuffle-split.ts'

const kfold: SplitRequest = { scheme: 'kfold', folds: 10, shuffle: true, seed: 1 }

t.test('duplicates stay in one fold, every stimulus is tested once, and folds stay even', async (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 20, max: 120 }),
      fc.integer({ min: 2, max: 6 }),
      fc.boolean(),
      fc.integer({ min: 0, max: 99 }),
      fc.array(fc.tuple(fc.nat(19), fc.nat(119)), { maxLength: 4 }),
      (n, folds, shuffle, seed, pairs) => {
        const together = Int32Array.from({ length: n }, (_, i) => i)
        for (const [a, b] of pairs) if (b < n) together[b] = together[a]
        const splits = kFold(n, { folds, shuffle, seed }, together)
        const foldOf = new Int32Array(n).fill(-1)
        splits.forEach(({ train, test }, f) => {
          if (train.length + test.length !== n || test.length === 0) throw new Error('not a division')
          for (const i of test) {
            if (foldOf[i] !== -1) throw new Error('tested twice')
            foldOf[i] = f
          }
          const largest = Math.max(...Array.from(together, (g) => together.filter((x) => x === g).length))
          if (Math.abs(test.length - n / folds) > largest + 1) throw new Error(`fold of ${test.length} of ${n} in ${folds}`)
        })
        return together.every((g, i) => foldOf[i] === foldOf[together.indexOf(g)])
      },
    ),
  )
  t.pass('held for all')
})

t.test('without duplicates, keeping them together changes nothing', async (t) => {
  for (const n of [10, 59, 640])
    t.strictSame(makeSplits(kfold, n, { together: Int32Array.from({ length: n }, (_, i) => i) }), makeSplits(kfold, n), `${n} stimuli`)
})

t.test('inner folds are unshuffled blocks of the training rows', async (t) => {
  const train = makeSplits(kfold, 53)[3].train
  const inner = makeInnerSplits(kfold, 5, train)
  t.strictSame(
    inner.flatMap((split) => [...split.test]),
    [...train],
  )
  t.strictSame(
    inner.map((split) => split.test.length),
    [10, 10, 10, 9, 9],
  )
})

t.test('inner folds group as the outer ones do', async (t) => {
  const by = Array.from({ length: 48 }, (_, i) => `object ${i % 8}`)
  for (const request of [
    { scheme: 'leaveonegroupout', by: 'object_name' },
    { scheme: 'groupkfold', folds: 4, by: 'object_name' },
  ] as const) {
    const outer = makeSplits(request, 48, { by })
    t.equal(outer.length, request.scheme === 'groupkfold' ? 4 : 8)
    for (const { train } of outer) {
      const inner = makeInnerSplits(request, 5, train, { by })
      t.equal(inner.length, request.scheme === 'groupkfold' ? 5 : 7)
      for (const split of inner) {
        const held = new Set(Array.from(split.test, (i) => by[i]))
        t.notOk(
          split.train.some((i) => held.has(by[i])),
          'no group straddles',
        )
        t.strictSame(
          [...split.train, ...split.test].sort((a, b) => a - b),
          [...train],
        )
      }
    }
  }
  t.throws(() => makeSplits({ scheme: 'leaveonegroupout', by: 'object_name' }, 48), { code: 'missing-field' })
  t.throws(() => makeInnerSplits(kfold, 5, Int32Array.of(1, 2, 3)), { code: 'too-few-stimuli' })
})

t.test('the hash of splits depends on every index and on nothing else', async (t) => {
  const splits = makeSplits(kfold, 40)
  t.equal(splitsSha256(splits), splitsSha256(makeSplits(kfold, 40)))
  t.match(splitsSha256(splits), /^[0-9a-f]{64}$/)
  t.not(splitsSha256(splits), splitsSha256(makeSplits({ ...kfold, seed: 2 }, 40)))
  t.not(splitsSha256(splits.slice(1)), splitsSha256(splits))
  t.equal(splitName(kfold), 'KFold(10, shuffled, seed 1)')
})

t.test('the sort behind GroupKFold sorts, and is stable up to 17 elements', async (t) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 300 }), (values) => {
      const order = numpyArgsort(values)
      const stable = Array.from(values.keys()).sort((a, b) => values[a] - values[b] || a - b)
      return (
        new Set(order).size === values.length &&
        order.every((i, k) => values[i] === values[stable[k]]) &&
        (values.length > 17 || order.every((i, k) => i === stable[k]))
      )
    }),
  )
  t.pass('held for all')
})

const shares = { splits: 4, seed: 1, trainSize: 0.75 }
const schemes: SplitRequest[] = [
  { scheme: 'shufflesplit', ...shares },
  { scheme: 'stratifiedshufflesplit', by: 'object', ...shares },
  { scheme: 'stratifiedkfold', by: 'object', folds: 4, shuffle: true, seed: 1 },
]
const object = Array.from({ length: 48 }, (_, i) => `o${i % 6}`)

t.test('every scheme is its splitter, and units without duplicates are the stimuli', async (t) => {
  const together = Int32Array.from({ length: 48 }, (_, i) => 100 - i)
  const expected = [shuffleSplit(48, shares), stratifiedShuffleSplit(object, shares), stratifiedKFold(object, { folds: 4, shuffle: true, seed: 1 })]
  for (const [k, scheme] of schemes.entries()) {
    t.strictSame(makeSplits(scheme, 48, { by: object }), expected[k], scheme.scheme)
    t.strictSame(makeSplits(scheme, 48, { by: object, together }), expected[k], `${scheme.scheme}: nothing to keep together`)
  }
  t.strictSame(
    [...schemes, { scheme: 'groupshufflesplit', by: 'object', splits: 3, seed: 2 } as const, { scheme: 'given', by: 'split' } as const].map(splitName),
    [
      'ShuffleSplit(4, train 0.75, seed 1)',
      'StratifiedShuffleSplit(4, train 0.75, seed 1) by object',
      'StratifiedKFold(4, shuffled, seed 1) by object',
      'GroupShuffleSplit(3, seed 2) by object',
      'given by split',
    ],
  )
})

t.test('shuffled and stratified splits keep duplicates on one side', async (t) => {
  const together = Int32Array.from({ length: 48 }, (_, i) => i)
  for (const [a, b] of [
    [0, 47],
    [3, 9],
    [3, 21],
    [10, 11],
  ])
    together[b] = together[a]
  for (const scheme of schemes)
    for (const { train, test } of makeSplits(scheme, 48, { by: object, together })) {
      const side = new Map([...Array.from(train, (i) => [i, 'train'] as const), ...Array.from(test, (i) => [i, 'test'] as const)])
      t.equal(side.size, 48, `${scheme.scheme}: each stimulus once`)
      t.ok(
        together.every((unit, i) => side.get(i) === side.get(unit)),
        `${scheme.scheme}: together`,
      )
    }
})

t.test('inner folds of grouped shuffles hold out whole groups; of all others, plain blocks', async (t) => {
  const request = { scheme: 'groupshufflesplit', by: 'object', splits: 3, seed: 2 } as const
  for (const { train } of makeSplits(request, 48, { by: object }))
    for (const inner of makeInnerSplits(request, 3, train, { by: object }))
      t.notOk(inner.train.some((i) => Array.from(inner.test, (k) => object[k]).includes(object[i])))
  for (const scheme of schemes) {
    const { train } = makeSplits(scheme, 48, { by: object })[0]
    t.strictSame(makeInnerSplits(scheme, 4, train, { by: object }).flatMap(({ test }) => [...test]), [...train])
  }
})

t.test('a given split is read from its column', async (t) => {
  const by = ['train', 'Test', '', 'train', 'test ', 'training']
  const [split, ...none] = makeSplits({ scheme: 'given', by: 'split' }, 6, { by })
  t.strictSame([[...split.train], [...split.test], none], [[0, 3, 5], [1, 4], []])
  t.strictSame(
    makeInnerSplits({ scheme: 'given', by: 'split' }, 3, split.train, { by }).map(({ test }) => [...test]),
    [[0], [3], [5]],
  )
  t.strictSame([...givenSplit(['validation', 'train'], 'split').test], [0])
  t.throws(() => givenSplit(['train', 'test', 'dev'], 'split'), { code: 'invalid-value', message: /"dev"/ })
  t.throws(() => givenSplit(['train', 'test', 'val'], 'split'), { code: 'invalid-value', message: /side by side/ })
  t.throws(() => givenSplit(['train', ''], 'split'), { code: 'too-few-stimuli' })
  t.throws(() => givenSplit(['test', 'test'], 'split'), { code: 'too-few-stimuli' })
})

import fc from 'fast-check'
import t from 'tap'
import type { SplitRequest } from '../../../src/domain/fit.ts'
import { kFold } from '../../../src/encoding/splits/k-fold.ts'
import { makeInnerSplits, makeSplits, splitName } from '../../../src/encoding/splits/make-splits.ts'
import { numpyArgsort } from '../../../src/encoding/splits/numpy-argsort.ts'
import { splitsSha256 } from '../../../src/encoding/splits/split.ts'

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
